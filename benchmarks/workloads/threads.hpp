#pragma once

#include "vmsystem/benchmarks/harness/load.hpp"
#include "vmsystem/models/failure.hpp"

#include <cstdint>
#include <functional>

namespace vmsystem::bench {

/// Runs `work` on so many new threads at the same time, each with an
/// `engine::thread_guard`.
/// @returns the sum of the answers, the longest time, and the processor time
///          of all. Errors: the first of any thread.
[[nodiscard]] expected<load_result>
run_on_threads(uint32_t threads,
               const std::function<expected<load_result>()>& work);

} // namespace vmsystem::bench
