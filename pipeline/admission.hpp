#pragma once

#include "vmsystem/models/execution.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/session.hpp"
#include "vmsystem/models/settings.hpp"

#include <cstdint>

namespace vmsystem {

/// What admission needs to know of the session and of the runtime.
struct admission_view {
  /// Where the session is in its life.
  session_status status = session_status::closed;
  /// Whether an execution has the session.
  bool busy = false;
  /// Requests that wait for the session.
  uint32_t waiting = 0;
  uint32_t max_waiting = 0;
  /// Executions that are queued or running in this runtime.
  uint32_t in_flight = 0;
  uint32_t max_in_flight = 0;
  /// Bytes that came with them; see `bytes_of`.
  uint64_t bytes_in_flight = 0;
  uint64_t max_bytes_in_flight = UINT64_MAX;
  uint32_t max_wait_ms = 0;
  /// Whether the runtime takes no new work.
  bool draining = false;
  /// The limits of the session's template.
  limits_config limits;
};

/// Bytes of the script and the arguments that came with a request.
[[nodiscard]] uint64_t bytes_of(const execution_request& request) noexcept;

/// Which job of which batch an execution is.
struct batch_place {
  batch_id batch;
  uint32_t index = 0;
  /// The client's name for the job; may be empty.
  std::string job_id;
  /// The limits of the job.
  limits_config limits;
  /// Whether somebody reads the results while the batch runs.
  bool has_reader = false;
};

/// Decides whether a request may run, and makes its record: running, started
/// now, with the limits that apply and its path in normal form. Pure.
///
/// Errors: overloaded (queue full, or draining), session_not_ready,
/// session_busy, too_many_requests (too many wait for the session),
/// validation_error, invalid_request, invalid_path.
[[nodiscard]] expected<execution> admit(const execution_request& request,
                                        const admission_view& view);

/// Makes the record of a job of a batch, which exists even when the job cannot
/// run. Pure but for the clock.
[[nodiscard]] execution admit_job(const execution_request& request,
                                  const batch_place& place);

/// Whether a job of a batch can run; `record` is the one that `admit_job` made,
/// and gets its path in normal form. Errors: validation_error,
/// invalid_request, invalid_path.
[[nodiscard]] expected<void> check_job(const execution_request& request,
                                       execution& record);

} // namespace vmsystem
