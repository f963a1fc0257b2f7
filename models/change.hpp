#pragma once

#include "vmsystem/models/enum_names.hpp"
#include "vmsystem/models/execution.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/session.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vmsystem {

/// What a change does to the store.
enum class change_kind : uint8_t {
  /// Stores a template's bundle document under `id`.
  put_template = 0,
  /// Removes the template `id`.
  remove_template = 1,
  /// Stores a session's document under `id`, with its status.
  put_session = 2,
  /// Stores the record of an execution that began, and marks it as running.
  begin_execution = 3,
  /// Stores the terminal record of an execution and unmarks it.
  end_execution = 4,
  /// Stores a run of events of the execution `id`, the first of which has the
  /// number `first_seq`; the text is event documents joined by ",\n".
  append_events = 5,
  /// Removes the execution `id` with its events and its idempotency key, which
  /// earlier groups stored: a job of a batch that will run again, or what is
  /// not kept any longer.
  remove_execution = 6,
  /// Stores a batch's document under `id`, with its status.
  put_batch = 7,
  /// Stores a run of the input of the batch `id`: whole lines, of which the
  /// first has the number `first_seq` and holds job `first_index`.
  append_input = 8,
  /// Removes the input of the batch `id`.
  drop_input = 9,
  /// Removes the batch `id` with its input.
  remove_batch = 10,
  /// Remembers the idempotency key of the request for the execution `id`: the
  /// text is the key, a line feed, and a document with `execution_id` and
  /// `fingerprint`. A key has no control characters.
  put_key = 11,
  /// Removes the session `id`, of which no execution is left.
  remove_session = 12,
};

template <>
struct enum_names<change_kind> {
  static constexpr std::array<std::string_view, 13> value{
    "put_template",  "remove_template", "put_session",      "begin_execution",
    "end_execution", "append_events",   "remove_execution", "put_batch",
    "append_input",  "drop_input",      "remove_batch",     "put_key",
    "remove_session"};
};

/// One change of the store, complete in itself.
struct change {
  change_kind kind = change_kind::put_template;
  /// The template, session, execution or batch.
  raw_id id;
  /// For executions: their session.
  raw_id owner;
  /// The document, or events.
  std::string text;
  /// For `append_events` and `append_input`.
  uint32_t first_seq = 0;
  /// For `append_input`.
  uint32_t first_index = 0;
  /// For `put_session` and `put_batch`: their status; for executions: theirs.
  uint8_t status = 0;
  /// For executions: their kind.
  uint8_t detail = 0;
  /// For `end_execution`: whether `begin_execution` was stored before.
  bool had_begun = false;
};

/// Changes that become durable together or not at all.
struct change_set {
  std::vector<change> changes;
};

/// Says that a change set is as durable as the store's setting promises.
struct commit_receipt {
  /// Counts the groups that the writer committed, from 1.
  uint64_t group = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, change& x) {
  return f(x.kind, x.id, x.owner, x.text, x.first_seq, x.first_index, x.status,
           x.detail, x.had_begun);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, change_set& x) {
  return f(x.changes);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, commit_receipt& x) {
  return f(x.group);
}

} // namespace vmsystem
