#pragma once

#include "vmsystem/models/event.hpp"
#include "vmsystem/persistence/event_chunk.hpp"
#include "vmsystem/persistence/rocksdb_open.hpp"
#include "vmsystem/persistence/store_check.hpp"
#include "vmsystem/tests/temp_folder.hpp"
#include "vmsystem/tests/unit/persistence/raw_database.hpp"
#include "vmsystem/tests/unit/persistence/support.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace vmsystem::test {

inline std::string index_entry(index_kind kind, raw_id first) {
  store_key result;
  return std::string{result.add(kind).add(first).view()};
}

inline std::string index_entry(index_kind kind, raw_id first, raw_id second) {
  store_key result;
  return std::string{result.add(kind).add(first).add(second).view()};
}

inline std::string events_key(raw_id execution, uint32_t first_seq) {
  store_key result;
  return std::string{result.add(execution).add(first_seq).view()};
}

/// A store on the disk with one or two records of each kind, all of them
/// sound: a template 1, a live session 2 and a closed one 200, the execution 4
/// with three events in two chunks, the running execution 5, and a batch 6 with
/// four lines of input and the first two of its jobs.
struct sound_store {
  temp_folder folder;
  std::string path = folder / "store";
  batch_id jobs{id_of(6)};

  sound_store() {
    const auto store = must(open_store(path));
    must(commit(*store, {put_template(id_of(1), template_text()),
                         live_session(), closed_session(), ended(), running(),
                         append_events(id_of(4), 1, events_text(1, 2)),
                         append_events(id_of(4), 3, events_text(3, 3)),
                         append_events(id_of(5), 1, event_text(id_of(5), 1)),
                         put_key(id_of(4), "once"), unfinished_batch(),
                         append_input(jobs.raw, 1, 0, "{}\n{}\n"),
                         append_input(jobs.raw, 3, 2, "{}\n{}\n"),
                         end_job(job(jobs, 0)), end_job(job(jobs, 1))}));
  }

  static std::string template_text() {
    template_bundle x;
    x.record.id.raw = id_of(1);
    x.record.name = "t";
    x.record.engine = "quickjs";
    x.record.created_at.us = 1;
    x.record.updated_at.us = 1;
    x.settings.vm_id.raw = id_of(1);
    return must(to_json(x)).text;
  }

  static change session_of(raw_id id, session_status status) {
    session x;
    x.id.raw = id;
    x.vm_id.raw = id_of(1);
    x.status = status;
    x.created_at.us = 1;
    return put_session(id, status, must(to_json(x)).text);
  }

  static change live_session() {
    return session_of(id_of(2), session_status::ready);
  }

  static change closed_session() {
    return session_of(id_of(200), session_status::closed);
  }

  static execution record(raw_id id) {
    execution x;
    x.id.raw = id;
    x.session.raw = id_of(2);
    x.input = "1";
    x.args.text = "{}";
    x.env.text = "{}";
    x.started_at.us = 1;
    return x;
  }

  static change ended() {
    auto x = record(id_of(4));
    x.status = execution_status::ok;
    x.ended_at.us = 2;
    // An integer that 64 bits do not hold, as a script may return it.
    x.result.text
      = R"({"type":"number","preview":"\"1","json":590295810358705700000})";
    x.metrics.events = 3;
    return end_execution(id_of(4), id_of(2), must(to_json(x)).text);
  }

  static change running() {
    return begin_execution(id_of(5), id_of(2),
                           must(to_json(record(id_of(5)))).text);
  }

  static std::string event_text(raw_id execution, uint32_t seq) {
    event x;
    x.execution.raw = execution;
    x.seq = seq;
    x.ts.us = 1;
    x.payload.text = R"({"message":"m","level":"info"})";
    return must(to_json(x)).text;
  }

  static std::string events_text(uint32_t first, uint32_t last) {
    std::string result = event_text(id_of(4), first);
    for (auto seq = first + 1; seq <= last; ++seq)
      result.append(event_separator).append(event_text(id_of(4), seq));
    return result;
  }

  change unfinished_batch() const {
    batch x;
    x.id = jobs;
    x.vm_id.raw = id_of(1);
    x.status = batch_status::running;
    x.created_at.us = 1;
    x.jobs = 4;
    return put_batch(jobs.raw, batch_status::running, must(to_json(x)).text);
  }

  /// Opened past the store.
  [[nodiscard]] raw_database raw() const {
    return raw_database{path};
  }

  /// The faults that a check finds, as lines.
  [[nodiscard]] std::vector<std::string> faults() const {
    const auto opened = must(open_to_look(path));
    if (!opened.database)
      return {opened.damage.message};
    std::vector<std::string> result;
    const auto report
      = check_store(*opened.database, [&](const store_damage& fault) {
          result.push_back(fault.to_string());
        });
    BOOST_TEST(report.faults == result.size());
    return result;
  }

  /// The files of the store whose names end so.
  [[nodiscard]] std::vector<std::filesystem::path>
  files(const std::string& suffix) const {
    std::vector<std::filesystem::path> result;
    for (const auto& entry : std::filesystem::directory_iterator{path}) {
      const auto name = entry.path().filename().string();
      if (name.size() >= suffix.size()
          && name.compare(name.size() - suffix.size(), suffix.size(), suffix)
               == 0)
        result.push_back(entry.path());
    }
    return result;
  }

  /// The file that says which tables there are.
  [[nodiscard]] std::filesystem::path manifest() const {
    for (const auto& entry : std::filesystem::directory_iterator{path})
      if (entry.path().filename().string().rfind("MANIFEST-", 0) == 0)
        return entry.path();
    BOOST_FAIL("there is no manifest");
    return {};
  }

  /// Moves all that is in the log into tables.
  void make_tables() const {
    rocksdb_config config;
    config.path = path;
    const auto opened = must(open_database(config));
    BOOST_TEST_REQUIRE(
      opened->db().Flush(rocksdb::FlushOptions{}, opened->handles()).ok());
  }
};

/// Overwrites bytes of a file in the middle.
inline void spoil(const std::filesystem::path& file) {
  std::fstream stream{file, std::ios::in | std::ios::out | std::ios::binary};
  stream.seekp(
    static_cast<std::streamoff>(std::filesystem::file_size(file) / 4));
  stream << "\xff\xfe\xfd\xfc\xff\xfe\xfd\xfc";
}

} // namespace vmsystem::test
