#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem::bench {

/// The text of jobs/filter_reduce.js alone.
[[nodiscard]] std::vector<std::string_view> job_sources();

/// A small real job that leaves nothing behind: filters and sums up 20 rows
/// that depend on its `__ARGS__`. benchmarks/peers/ runs the same text.
[[nodiscard]] inline std::string_view job_source() {
  return job_sources().front();
}

/// The job's `__ARGS__`, as JSON.
[[nodiscard]] std::string job_args(uint32_t seed);

/// What the job results in, a string, found without running it.
[[nodiscard]] std::string job_result(uint32_t seed);

} // namespace vmsystem::bench
