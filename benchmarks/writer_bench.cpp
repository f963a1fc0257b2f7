// The writer on the disk of the current folder, with 64 change sets in flight,
// and the disk's own fsync rate in the same run; then the start on a store with
// a million executions, after a stop and after a crash.

#include "vmsystem/persistence/rocksdb_store.hpp"
#include "vmsystem/persistence/rocksdb_writer.hpp"

#include <benchmark/benchmark.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

using namespace vmsystem;

namespace {

constexpr uint32_t in_flight = 64;

/// Change sets of one round of a benchmark.
constexpr uint32_t round_size = 20000;

/// A new folder below the current one, removed at the end.
class scratch_folder {
public:
  scratch_folder() {
    std::string name
      = (std::filesystem::current_path() / "writer_bench.XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr)
      path_ = name;
  }

  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  ~scratch_folder() {
    std::error_code ignored;
    if (!path_.empty())
      std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string operator/(const char* name) const {
    return (path_ / name).string();
  }

private:
  std::filesystem::path path_;
};

struct config : caf::actor_system_config {
  config() {
    add_message_types<caf::id_block::vmsystem>();
    set("scheduler.policy", caf::atom("sharing"));
  }
};

/// What a short execution leaves: its record and its events.
change_set finished_execution_of(raw_id session, uint32_t events) {
  change end;
  end.kind = change_kind::end_execution;
  end.id = raw_id::generate();
  end.owner = session;
  end.status = static_cast<uint8_t>(execution_status::ok);
  end.detail = static_cast<uint8_t>(execution_kind::repl);
  const auto name = end.id.to_string();
  end.text = R"({"id":")" + name + R"(","session_id":")" + session.to_string()
             + R"(","kind":"repl","input":"1+1","args":[],"env":{},)"
               R"("status":"ok","started_at":"2024-10-01T12:00:00.123456Z",)"
               R"("ended_at":"2024-10-01T12:00:00.123556Z","result":)"
               R"({"type":"number","preview":"2","json":2},"metrics":)"
               R"({"queue_ms":0.02,"cpu_ms":0.01,"wall_ms":0.01,)"
               R"("peak_mem_kb":100,"events":2,"output_bytes":20},"limits":)"
               R"({"cpu_ms":2000,"wall_ms":5000,"mem_mb":128,)"
               R"("max_events":50000,"max_output_kb":256},)"
               R"("end_reason":"ok"})";
  change log;
  log.kind = change_kind::append_events;
  log.id = end.id;
  log.first_seq = 1;
  for (uint32_t seq = 1; seq <= events; ++seq) {
    if (seq > 1)
      log.text += ",\n";
    log.text += R"({"execution_id":")" + name + R"(","seq":)"
                + std::to_string(seq)
                + R"(,"ts":"2024-10-01T12:00:00.123456Z","type":"console",)"
                  R"("payload":{"level":"log","text":"line )"
                + std::to_string(seq) + R"("}})";
  }
  return change_set{{std::move(end), std::move(log)}};
}

/// Keeps change sets in flight until `left` of them are durable.
struct load_state {
  uint32_t left = round_size;
  uint32_t unsent = round_size;
  bool failed = false;
};

void send_next(caf::stateful_actor<load_state>* self,
               const rocksdb_writer_actor& writer, raw_id session,
               uint32_t events) {
  --self->state.unsent;
  const auto done = [=] {
    if (--self->state.left == 0)
      self->quit();
    else if (self->state.unsent > 0)
      send_next(self, writer, session, events);
  };
  self
    ->request(writer, std::chrono::minutes{1}, write_atom_v,
              finished_execution_of(session, events))
    .then([=](const commit_receipt&) { done(); },
          [=](const caf::error&) {
            self->state.failed = true;
            done();
          });
}

void load(caf::stateful_actor<load_state>* self,
          const rocksdb_writer_actor& writer, uint32_t events) {
  const auto session = raw_id::generate();
  for (uint32_t i = 0; i < in_flight; ++i)
    send_next(self, writer, session, events);
}

/// Small appends to one file, each with its fdatasync: what a group cannot
/// beat.
void disk_fsync(benchmark::State& state) {
  const scratch_folder folder;
  const int file
    = ::open((folder / "file").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const std::string page(4096, 'x');
  for (auto _ : state) {
    if (::write(file, page.data(), page.size()) < 0 || ::fdatasync(file) != 0)
      state.SkipWithError("cannot write");
  }
  ::close(file);
  state.counters["fsyncs"]
    = benchmark::Counter(static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate);
}

/// range(0): the durability; range(1): events of each execution.
void writer(benchmark::State& state) {
  const auto how = static_cast<durability>(state.range(0));
  const auto events = static_cast<uint32_t>(state.range(1));
  const scratch_folder folder;
  rocksdb_config place;
  place.path = folder / "store";
  auto kept = rocksdb_store::open(place);
  if (!kept) {
    state.SkipWithError(kept.error().message.c_str());
    return;
  }
  config cfg;
  caf::actor_system system{cfg};
  const auto stats = std::make_shared<writer_stats>();
  writer_config grouping;
  grouping.how = how;
  const auto target
    = system.spawn<caf::detached>(rocksdb_writer, store_ptr{kept.value()},
                                  grouping, stats);
  for (auto _ : state) {
    caf::scoped_actor self{system};
    self->wait_for(system.spawn(load, target, events));
  }
  caf::anon_send_exit(target, caf::exit_reason::user_shutdown);
  if (stats->failures != 0)
    state.SkipWithError("a change set was refused");
  const auto sets = static_cast<double>(stats->group_sets.sum());
  using benchmark::Counter;
  state.counters["sets"] = Counter(sets, Counter::kIsRate);
  state.counters["events"] = Counter(sets * events, Counter::kIsRate);
  state.counters["groups"]
    = Counter(static_cast<double>(stats->group_sets.count()), Counter::kIsRate);
  state.counters["sets_per_group"]
    = sets / static_cast<double>(stats->group_sets.count());
  state.counters["commit_share"]
    = Counter(static_cast<double>(stats->commit_us.sum()) / 1e6,
              Counter::kIsRate);
  state.SetLabel(std::string{name_of(how)});
}

/// Fills a store with executions of two events each.
/// @returns whether all were taken.
bool fill(store& kept, uint32_t executions) {
  constexpr uint32_t group_size = 1000;
  const auto session = raw_id::generate();
  for (uint32_t done = 0; done < executions; done += group_size) {
    std::vector<change_set> sets;
    std::vector<const change_set*> group;
    sets.reserve(group_size);
    group.reserve(group_size);
    for (uint32_t i = 0; i < group_size; ++i)
      sets.push_back(finished_execution_of(session, 2));
    for (const auto& set : sets)
      group.push_back(&set);
    if (!kept.commit(group, durability::async))
      return false;
  }
  return true;
}

/// range(0): executions in the store; range(1): whether its process died.
void start(benchmark::State& state) {
  const scratch_folder folder;
  rocksdb_config place;
  place.path = folder / "filled";
  {
    auto kept = rocksdb_store::open(place);
    if (!kept || !fill(*kept.value(), static_cast<uint32_t>(state.range(0)))) {
      state.SkipWithError("cannot fill the store");
      return;
    }
    if (state.range(1) != 0)
      std::filesystem::copy(place.path, folder / "crashed");
  }
  const auto left = folder / (state.range(1) != 0 ? "crashed" : "filled");
  place.path = folder / "started";
  for (auto _ : state) {
    state.PauseTiming();
    std::filesystem::remove_all(place.path);
    std::filesystem::copy(left, place.path);
    state.ResumeTiming();
    auto kept = rocksdb_store::open(place);
    if (!kept || !kept.value()->read()->unfinished())
      state.SkipWithError("cannot start");
    state.PauseTiming();
    kept.value().reset();
    state.ResumeTiming();
  }
}

constexpr auto sync_writes = static_cast<int64_t>(durability::sync);
constexpr auto async_writes = static_cast<int64_t>(durability::async);

} // namespace

BENCHMARK(disk_fsync)->Unit(benchmark::kMicrosecond)->UseRealTime();
BENCHMARK(writer)
  ->ArgNames({"durability", "events"})
  ->Args({sync_writes, 2})
  ->Args({async_writes, 2})
  ->Args({sync_writes, 100})
  ->Unit(benchmark::kMillisecond)
  ->UseRealTime();
BENCHMARK(start)
  ->ArgNames({"executions", "crashed"})
  ->Args({1000000, 0})
  ->Args({1000000, 1})
  ->Iterations(3)
  ->Unit(benchmark::kMillisecond)
  ->UseRealTime();

BENCHMARK_MAIN();
