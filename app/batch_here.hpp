#pragma once

#include "vmsystem/app/batch_run_request.hpp"
#include "vmsystem/models/failure.hpp"

#include <atomic>

namespace vmsystem {

/// Runs a batch in a runtime of this process, on the store of the request.
/// Blocks until it is over, or `stop` is set.
/// Errors: whatever hinders before there is a batch; what hinders later is in
/// the outcome.
[[nodiscard]] expected<batch_outcome>
run_batch_here(const batch_run_request& request, const std::atomic<bool>& stop);

} // namespace vmsystem
