#include "vmsystem/persistence/store_check.hpp"

#include "vmsystem/models/codec.hpp"
#include "vmsystem/persistence/event_chunk.hpp"
#include "vmsystem/persistence/stored_fields.hpp"

#include <rocksdb/iterator.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace vmsystem {

namespace {

constexpr std::size_t id_size = sizeof(raw_id::bytes);

store_key index_key(index_kind kind, const raw_id& id) {
  store_key key;
  return key.add(kind).add(id);
}

/// The bytes of an index's value.
template <class... Enums>
std::string bytes(Enums... values) {
  return {static_cast<char>(values)...};
}

bool is_live(session_status status) {
  return status == session_status::starting || status == session_status::ready;
}

class checker {
public:
  checker(const rocksdb_database& database, const damage_visitor& visit)
    : database_{database}, visit_{visit} {}

  check_report run() {
    for (std::size_t i = 0; i < family_names.size(); ++i)
      each(static_cast<family>(i), [&](auto, auto) { ++report_.keys; });
    if (!report_.readable)
      return report_;
    check_unnamed();
    each(family::meta, [&](auto key, auto) {
      if (key != format_key)
        stray(family::meta, key, "is not known");
    });
    each(family::templates,
         [&](auto key, auto value) { check_template(key, value); });
    each(family::sessions,
         [&](auto key, auto value) { check_session(key, value); });
    check_executions();
    each(family::batches,
         [&](auto key, auto value) { check_batch_key(key, value); });
    each(family::indexes,
         [&](auto key, auto value) { check_index(key, value); });
    return report_;
  }

private:
  using iterator_ptr = std::unique_ptr<rocksdb::Iterator>;

  [[nodiscard]] iterator_ptr iterate(family where) const {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    iterator_ptr it{
      database_.db().NewIterator(options, database_.handle(where))};
    it->SeekToFirst();
    return it;
  }

  void report(store_damage fault) {
    ++report_.faults;
    visit_(fault);
  }

  void lost(family where, std::string_view key, std::string what) {
    report({where, std::string{key}, std::move(what), remedy::none, {}});
  }

  void stray(family where, std::string_view key, std::string what) {
    report({where, std::string{key}, std::move(what), remedy::remove, {}});
  }

  void unreadable(family where, std::string_view key,
                  const rocksdb::Status& status) {
    report_.readable = false;
    lost(where, key, "cannot be read: " + status.ToString());
  }

  /// Calls `look(key, value)` for all of a family.
  template <class Look>
  void each(family where, Look look) {
    std::string last;
    const auto it = iterate(where);
    for (; it->Valid(); it->Next()) {
      look(text(it->key()), text(it->value()));
      last.assign(it->key().data(), it->key().size());
    }
    if (!it->status().ok()) {
      report_.readable = false;
      lost(where, last,
           (last.empty() ? "cannot be read: "
                         : "is the last that can be read: ")
             + it->status().ToString());
    }
  }

  std::optional<std::string> get(family where, std::string_view key) {
    std::string value;
    const auto status
      = database_.db().Get(rocksdb::ReadOptions{}, database_.handle(where),
                           slice(key), &value);
    if (status.ok())
      return value;
    if (!status.IsNotFound())
      unreadable(where, key, status);
    return std::nullopt;
  }

  /// The document of a family whose keys are ids.
  template <class T>
  std::optional<T> decode(family where, std::string_view key,
                          std::string_view document) {
    if (key.size() != id_size) {
      stray(where, key, "is not a key of this family");
      return std::nullopt;
    }
    auto decoded = from_json<T>(document);
    if (decoded)
      return std::move(decoded).value();
    stray(where, key, "cannot be decoded: " + decoded.error().message);
    return std::nullopt;
  }

  /// Whether a record stands under its own id.
  bool stands_under(family where, std::string_view key, const raw_id& id) {
    if (id == first_id_of(key))
      return true;
    stray(where, key, "holds the record of " + id.to_string());
    return false;
  }

  /// Reports an index that is not there or says something else.
  void expect_index(const store_key& key, const std::string& value) {
    const auto there = get(family::indexes, key.view());
    if (there == value)
      return;
    report({family::indexes, std::string{key.view()},
            there ? "contradicts its record" : "is missing", remedy::put,
            value});
  }

  void check_unnamed() {
    each(family::unnamed,
         [&](auto key, auto) { stray(family::unnamed, key, "is not known"); });
  }

  void check_template(std::string_view key, std::string_view value) {
    const auto x = decode<template_bundle>(family::templates, key, value);
    if (x)
      stands_under(family::templates, key, x->record.id.raw);
  }

  void check_session(std::string_view key, std::string_view value) {
    const auto x = decode<session>(family::sessions, key, value);
    if (!x || !stands_under(family::sessions, key, x->id.raw))
      return;
    expect_index(index_key(index_kind::session, x->id.raw), bytes(x->status));
    if (is_live(x->status))
      expect_index(index_key(index_kind::live_session, x->id.raw), {});
  }

  /// Events lie in the order of their executions: both are read in step.
  void check_executions() {
    const auto events = iterate(family::events);
    each(family::executions, [&](auto key, auto value) {
      const auto x = decode<execution>(family::executions, key, value);
      if (!x) {
        skip_events(*events, first_id_of(key));
        return;
      }
      if (!stands_under(family::executions, key, x->id.raw))
        return;
      check_execution(*x);
      report_strays(*events, x->id.raw);
      check_events(*events, *x);
    });
    report_strays(*events, greatest_id());
  }

  void check_execution(const execution& x) {
    const auto& id = x.id.raw;
    if (!x.batch.nil() && x.id != job_execution_id(x.batch, x.batch_index))
      lost(family::executions, id.view(), "is not the job that it says it is");
    if (!get(family::sessions, x.session.view()))
      lost(family::executions, id.view(),
           "is of the session " + x.session.to_string()
             + ", which is not stored");
    auto key = index_key(index_kind::execution_of_session, x.session.raw);
    expect_index(key.add(id), bytes(x.status, x.kind));
    if (x.status == execution_status::running)
      expect_index(index_key(index_kind::running_execution, id), {});
  }

  /// Reports events before those of `id`: no execution is theirs.
  void report_strays(rocksdb::Iterator& events, const raw_id& id) {
    for (; events.Valid() && first_id_of(text(events.key())) < id;
         events.Next())
      stray(family::events, text(events.key()),
            "is of an execution that is not stored");
  }

  /// Passes by the events of an execution whose record is a fault already.
  static void skip_events(rocksdb::Iterator& events, const raw_id& id) {
    while (events.Valid() && !(id < first_id_of(text(events.key()))))
      events.Next();
  }

  void check_events(rocksdb::Iterator& events, const execution& x) {
    uint32_t next = 1;
    for (; events.Valid() && first_id_of(text(events.key())) == x.id.raw;
         events.Next()) {
      const auto key = text(events.key());
      const auto first = last_number_of(key);
      if (key.size() != id_size + sizeof(first)) {
        stray(family::events, key, "is not a key of this family");
        continue;
      }
      if (first != next)
        lost(family::events, key,
             "follows the event " + std::to_string(next - 1));
      next = check_chunk(key, text(events.value()), x.id);
    }
    const bool over = x.status != execution_status::running;
    if (over && next - 1 != x.metrics.events)
      lost(family::executions, x.id.view(),
           "has " + std::to_string(x.metrics.events) + " events, of which "
             + std::to_string(next - 1) + " are stored");
  }

  /// @returns the number of the event that has to follow.
  uint32_t check_chunk(std::string_view key, std::string_view chunk,
                       const execution_id& id) {
    auto seq = last_number_of(key);
    for (; !chunk.empty(); ++seq) {
      const auto document = slice_events(chunk, 0, 1).text;
      const auto x = from_json<event>(document);
      const auto name = "holds the event " + std::to_string(seq);
      if (!x)
        lost(family::events, key,
             name + ", which cannot be decoded: " + x.error().message);
      else if (x.value().execution != id || x.value().seq != seq)
        lost(family::events, key, name + " of something else");
      chunk.remove_prefix(
        std::min(chunk.size(), document.size() + event_separator.size()));
    }
    return seq;
  }

  void check_batch_key(std::string_view key, std::string_view value) {
    if (key.size() == id_size + 2 * sizeof(uint32_t)) {
      check_input(key, value);
      return;
    }
    input_of_ = std::nullopt;
    const auto x = decode<batch>(family::batches, key, value);
    if (!x || !stands_under(family::batches, key, x->id.raw))
      return;
    input_of_ = x->id.raw;
    next_line_ = 1;
    expect_index(index_key(index_kind::batch, x->id.raw), bytes(x->status));
    if (!is_over(x->status))
      expect_index(index_key(index_kind::unfinished_batch, x->id.raw), {});
  }

  /// The input of a batch lies behind its record.
  void check_input(std::string_view key, std::string_view value) {
    if (!input_of_ || *input_of_ != first_id_of(key)) {
      stray(family::batches, key, "is input of a batch that is not stored");
      return;
    }
    const auto index_at = key.size() - sizeof(uint32_t);
    const batch_input_chunk chunk{last_number_of(key.substr(0, index_at)),
                                  last_number_of(key), std::string{value}};
    if (chunk.first_line != next_line_)
      lost(family::batches, key,
           "follows line " + std::to_string(next_line_ - 1));
    next_line_ = chunk.next_line();
  }

  void check_index(std::string_view key, std::string_view value) {
    if (const auto why = why_stray(key, value); !why.empty())
      stray(family::indexes, key, std::string{why});
  }

  /// Why an index should not be there; empty when it should.
  std::string_view why_stray(std::string_view key, std::string_view value) {
    constexpr std::string_view unknown = "is not an index";
    constexpr std::string_view unstored = "names what is not stored";
    constexpr std::string_view untrue = "contradicts its record";
    if (key.empty())
      return unknown;
    const auto kind = static_cast<index_kind>(key.front());
    if (kind == index_kind::idempotency_key)
      return why_stray_key(key.substr(1), value);
    const bool two_ids = kind == index_kind::execution_of_session;
    if (key.size() != 1 + (two_ids ? 2 : 1) * id_size)
      return unknown;
    const auto id = last_id_of(key);
    const auto where = family_of(kind);
    if (where == family::unnamed)
      return unknown;
    const auto document = get(where, id.view());
    if (!document)
      return unstored;
    return is_true(kind, key, value, *document) ? std::string_view{} : untrue;
  }

  /// Where the records are that an index names; `unnamed` for none.
  static family family_of(index_kind kind) {
    switch (kind) {
      case index_kind::execution_of_session:
      case index_kind::running_execution:
      case index_kind::key_of_execution:
        return family::executions;
      case index_kind::session:
      case index_kind::live_session:
        return family::sessions;
      case index_kind::batch:
      case index_kind::unfinished_batch:
        return family::batches;
      default:
        return family::unnamed;
    }
  }

  /// Whether an index whose record is there should be there too. Values that
  /// records expect were compared with the records.
  bool is_true(index_kind kind, std::string_view key, std::string_view value,
               std::string_view document) {
    switch (kind) {
      case index_kind::execution_of_session:
        return stored_id(document, "session_id") == first_id_of(key.substr(1));
      case index_kind::running_execution:
        return stored_value<execution_status>(document, "status")
               == execution_status::running;
      case index_kind::live_session: {
        const auto status = stored_value<session_status>(document, "status");
        return status && is_live(*status);
      }
      case index_kind::unfinished_batch: {
        const auto status = stored_value<batch_status>(document, "status");
        return status && !is_over(*status);
      }
      case index_kind::key_of_execution: {
        const auto entry = get(family::indexes, idempotency_index(value));
        return entry && stored_id(*entry, "execution_id") == last_id_of(key);
      }
      default:
        return true;
    }
  }

  std::string_view why_stray_key(std::string_view key, std::string_view entry) {
    const auto id = stored_id(entry, "execution_id");
    if (!id || !stored_string(entry, "fingerprint"))
      return "cannot be decoded";
    const auto back = get(family::indexes,
                          index_key(index_kind::key_of_execution, *id).view());
    return back == key ? std::string_view{} : "is not known as a key";
  }

  const rocksdb_database& database_;
  const damage_visitor& visit_;
  check_report report_;
  /// The batch whose input may follow.
  std::optional<raw_id> input_of_;
  /// With which line it has to go on.
  uint32_t next_line_ = 1;
};

} // namespace

std::string store_damage::to_string() const {
  return describe(where, key) + ' ' + what;
}

check_report check_store(const rocksdb_database& database,
                         const damage_visitor& visit) {
  return checker{database, visit}.run();
}

} // namespace vmsystem
