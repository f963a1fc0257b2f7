#pragma once

#include "vmsystem/engine/run.hpp"
#include "vmsystem/models/batch.hpp"
#include "vmsystem/models/change.hpp"
#include "vmsystem/models/execution.hpp"
#include "vmsystem/models/session.hpp"
#include "vmsystem/pipeline/event_log.hpp"

#include <chrono>
#include <cstdint>

namespace vmsystem {

/// What stage 3 hands on.
struct run_report {
  engine::run_outcome outcome;
  /// Whether the run took its instance along.
  bool instance_died = false;
  /// The events so far.
  event_log events;
  /// When events were handed on last, or the script started.
  std::chrono::steady_clock::time_point handed_on;
  /// From the request's arrival to the start of the script.
  uint64_t queue_us = 0;
};

/// An outcome for an execution that ended without the script's doing: its
/// stage died, it was cancelled before it ran, the process ended.
[[nodiscard]] engine::run_outcome failed_outcome(end_reason reason,
                                                 std::string message);

/// Makes the terminal record out of the record that admission made and what
/// the run reported: status, end reason, value or exception with its event,
/// figures. A value that the output or event limit does not allow turns the
/// outcome into that limit. Pure but for the clock.
[[nodiscard]] finished_execution finalize(const execution& admitted,
                                          run_report& report);

/// The store's change for a session's record.
[[nodiscard]] change session_change(const session& record);

/// The store's change for a batch's record.
[[nodiscard]] change batch_change(const batch& record);

/// The store's change for the record of an execution that begins.
[[nodiscard]] change begin_change(const execution& record);

/// The store's change for a run of events.
[[nodiscard]] change events_change(const execution& record, event_chunk chunk);

/// The store's changes for a terminal record and the events that are not
/// stored yet.
/// @param had_begun whether `begin_change` was stored before.
[[nodiscard]] change_set end_changes(const finished_execution& finished,
                                     event_chunk rest, bool had_begun);

} // namespace vmsystem
