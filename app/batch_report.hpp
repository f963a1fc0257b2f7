#pragma once

#include "vmsystem/app/batch_run_request.hpp"

#include <string>

namespace vmsystem {

/// A page about a batch that ran, complete in one file: figures, outcomes,
/// throughput over time, wall times, the slowest jobs. It needs no network and
/// has no script.
[[nodiscard]] std::string batch_report(const batch_outcome& outcome);

} // namespace vmsystem
