#pragma once

#include "vmsystem/app/batch_run_request.hpp"
#include "vmsystem/app/command.hpp"
#include "vmsystem/app/config.hpp"

#include <cstdio>
#include <string>

namespace vmsystem {

/// What people read of a batch that ran: counts by end reason, speed,
/// percentiles and the slowest jobs, as lines.
[[nodiscard]] std::string batch_summary(const batch_outcome& outcome);

/// The same as a line of JSON: `{"batch":{...},"slowest":[...]}`.
[[nodiscard]] std::string batch_summary_json(const batch_outcome& outcome);

/// What the program exits with: `ok` when all jobs ended well, `script_failed`
/// when some did not, `request_failed` when the batch did not come to its end.
[[nodiscard]] exit_code exit_code_of(const batch_outcome& outcome);

} // namespace vmsystem
