#pragma once

#include "vmsystem/models/enum_names.hpp"

#include <cstdint>

namespace vmsystem {

/// Why an execution ended. Stored by name, sent by value: append only.
enum class end_reason : uint8_t {
  /// It ran to its end.
  ok = 0,
  /// It threw, or its completion promise was rejected.
  exception = 1,
  /// It could not be compiled.
  syntax_error = 2,
  /// Longer than `wall_ms`.
  wall_timeout = 3,
  /// More processor time than `cpu_ms`.
  cpu_timeout = 4,
  /// More memory than `mem_mb`.
  memory_limit = 5,
  /// Deeper recursion than the guest's stack holds.
  stack_limit = 6,
  /// More output than `max_output_kb`.
  output_limit = 7,
  /// More events than `max_events`.
  event_limit = 8,
  /// Somebody cancelled it.
  cancelled = 9,
  /// Its session was closed while it ran or waited.
  session_closed = 10,
  /// The process or the stage that held it ended.
  interrupted = 11,
  /// The engine trapped for a reason that no limit explains.
  engine_failure = 12,
  /// A job of a batch that could not run: its line, its limits or its file is
  /// at fault.
  invalid_job = 13,
};

template <>
struct enum_names<end_reason> {
  static constexpr std::array<std::string_view, 14> value{"ok",
                                                          "exception",
                                                          "syntax_error",
                                                          "wall_timeout",
                                                          "cpu_timeout",
                                                          "memory_limit",
                                                          "stack_limit",
                                                          "output_limit",
                                                          "event_limit",
                                                          "cancelled",
                                                          "session_closed",
                                                          "interrupted",
                                                          "engine_failure",
                                                          "invalid_job"};
};

/// The status of an execution. Stored by name: append only.
enum class execution_status : uint8_t {
  running = 0,
  ok = 1,
  error = 2,
  timeout = 3,
  cancelled = 4,
};

template <>
struct enum_names<execution_status> {
  static constexpr std::array<std::string_view, 5> value{"running", "ok",
                                                         "error", "timeout",
                                                         "cancelled"};
};

/// The one place that decides a terminal status.
[[nodiscard]] constexpr execution_status status_of(end_reason reason) noexcept {
  switch (reason) {
    case end_reason::ok:
      return execution_status::ok;
    case end_reason::wall_timeout:
    case end_reason::cpu_timeout:
      return execution_status::timeout;
    case end_reason::cancelled:
    case end_reason::session_closed:
      return execution_status::cancelled;
    default:
      return execution_status::error;
  }
}

} // namespace vmsystem
