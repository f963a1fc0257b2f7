#pragma once

#include "vmsystem/models/end_reason.hpp"
#include "vmsystem/models/execution.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/json_text.hpp"
#include "vmsystem/models/session.hpp"

#include <cstdint>
#include <vector>

namespace vmsystem {

/// Which sessions to list, newest first.
struct session_filter {
  /// Whether `status` counts.
  bool by_status = false;
  session_status status = session_status::ready;
};

/// Which executions of a session to list, newest first.
struct execution_filter {
  session_id session;
  /// How many at most, 1 to 1000.
  uint32_t limit = 50;
  /// Only executions older than this one; nil begins with the newest.
  execution_id cursor;
  /// Whether `status` counts.
  bool by_status = false;
  execution_status status = execution_status::ok;
  /// Whether `kind` counts.
  bool by_kind = false;
  execution_kind kind = execution_kind::repl;
};

/// Which events of an execution to read, in order.
struct event_filter {
  execution_id execution;
  /// Only events with a greater `seq`.
  uint32_t after_seq = 0;
  /// How many at most; 0 means all.
  uint32_t limit = 0;
};

/// A page of a list: a JSON array, and where the next page begins.
struct document_page {
  json_text array;
  /// The cursor of the next page; nil when this is the last one.
  raw_id next;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, session_filter& x) {
  return f(x.by_status, x.status);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, execution_filter& x) {
  return f(x.session, x.limit, x.cursor, x.by_status, x.status, x.by_kind,
           x.kind);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, event_filter& x) {
  return f(x.execution, x.after_seq, x.limit);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, document_page& x) {
  return f(x.array, x.next);
}

} // namespace vmsystem
