#include "vmsystem/benchmarks/harness/load.hpp"

#include <utility>

namespace vmsystem::bench {

sample rates_of(const load_results& results) {
  std::vector<double> values;
  for (const auto& x : results)
    values.push_back(x.per_second());
  return sample{std::move(values)};
}

sample latencies_of(const load_results& results, double q) {
  std::vector<double> values;
  for (const auto& x : results)
    values.push_back(
      std::chrono::duration<double, std::milli>{x.latency.quantile(q)}.count());
  return sample{std::move(values)};
}

} // namespace vmsystem::bench
