#include "vmsystem/benchmarks/harness/bench_job.hpp"

#include <map>

namespace vmsystem::bench {

std::string job_args(uint32_t seed) {
  return R"({"seed":)" + std::to_string(seed) + '}';
}

std::string job_result(uint32_t seed) {
  std::map<uint64_t, uint64_t> sums;
  for (uint64_t k = 0; k < 20; ++k)
    if (const auto v = (k * 7 + seed) % 13; v > 5)
      sums[v] += k + seed;
  std::string json = "{";
  for (const auto& [v, sum] : sums) {
    if (json.size() > 1)
      json += ',';
    json += '"' + std::to_string(v) + "\":" + std::to_string(sum);
  }
  return json + '}';
}

} // namespace vmsystem::bench
