#pragma once

#include "vmsystem/models/end_reason.hpp"
#include "vmsystem/models/enum_names.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/json_text.hpp"
#include "vmsystem/models/settings.hpp"
#include "vmsystem/models/time.hpp"

#include <cstdint>
#include <string>

namespace vmsystem {

/// What an execution runs. Stored by name: append only.
enum class execution_kind : uint8_t {
  startup = 0,
  run_file = 1,
  repl = 2,
};

template <>
struct enum_names<execution_kind> {
  static constexpr std::array<std::string_view, 3> value{"startup", "run_file",
                                                         "repl"};
};

/// What an execution used.
struct execution_metrics {
  /// From the request's arrival to the start of the script, in microseconds.
  uint64_t queue_us = 0;
  /// Processor time of the script, in microseconds.
  uint64_t cpu_us = 0;
  /// From the start of the script to its end, in microseconds.
  uint64_t wall_us = 0;
  /// The JavaScript heap at its largest, in KiB.
  uint64_t peak_mem_kb = 0;
  /// Number of events; the last one has this `seq`.
  uint32_t events = 0;
  /// Bytes of all payloads that the script caused.
  uint64_t output_bytes = 0;
};

/// The durable record of one execution.
struct execution {
  execution_id id;
  session_id session;
  execution_kind kind = execution_kind::repl;
  /// The snippet; only for `repl`.
  std::string input;
  /// Relative to the worktree; not for `repl`.
  std::string path;
  /// The script's `__ARGS__`: a JSON value.
  json_text args;
  /// The script's `__ENV__`: a JSON object.
  json_text env;
  execution_status status = execution_status::running;
  timestamp started_at;
  /// Not set while it runs.
  timestamp ended_at;
  /// A `value_payload`, when it ended well.
  json_text result;
  /// An `exception_payload`, when it did not.
  json_text error;
  execution_metrics metrics;
  /// The limits that applied.
  limits_config limits;
  /// Meaningful when `status` is not `running`.
  end_reason reason = end_reason::ok;
  /// The batch of which it is a job; nil for none.
  batch_id batch;
  /// Which job of the batch it is, from 0.
  uint32_t batch_index = 0;
  /// The client's name for the job; may be empty.
  std::string job_id;
};

/// What a client sends to run something in a session.
struct execution_request {
  session_id session;
  execution_kind kind = execution_kind::repl;
  /// For `repl`.
  std::string input;
  /// For `run_file` and `startup`.
  std::string path;
  /// A JSON object; absent means the default of the kind.
  json_text args;
  /// A JSON object; absent means `{}`.
  json_text env;
  /// How long to wait for a busy session, in milliseconds.
  uint32_t wait_ms = 0;
};

/// An execution that is over and on disk.
struct finished_execution {
  execution record;
  /// The record as it is stored and served.
  json_text document;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, execution_metrics& x) {
  return f(x.queue_us, x.cpu_us, x.wall_us, x.peak_mem_kb, x.events,
           x.output_bytes);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, execution& x) {
  return f(x.id, x.session, x.kind, x.input, x.path, x.args, x.env, x.status,
           x.started_at, x.ended_at, x.result, x.error, x.metrics, x.limits,
           x.reason, x.batch, x.batch_index, x.job_id);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, execution_request& x) {
  return f(x.session, x.kind, x.input, x.path, x.args, x.env, x.wait_ms);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, finished_execution& x) {
  return f(x.record, x.document);
}

} // namespace vmsystem
