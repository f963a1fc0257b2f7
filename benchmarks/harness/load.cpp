#include "vmsystem/benchmarks/harness/load.hpp"

#include <ctime>
#include <utility>

namespace vmsystem::bench {

std::chrono::nanoseconds process_time() noexcept {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return std::chrono::seconds{now.tv_sec}
         + std::chrono::nanoseconds{now.tv_nsec};
}

sample rates_of(const load_results& results) {
  std::vector<double> values;
  for (const auto& x : results)
    values.push_back(x.per_second());
  return sample{std::move(values)};
}

sample processor_times_of(const load_results& results) {
  using microseconds = std::chrono::duration<double, std::micro>;
  std::vector<double> values;
  for (const auto& x : results)
    values.push_back(microseconds{x.processor}.count()
                     / static_cast<double>(x.answers));
  return sample{std::move(values)};
}

sample busy_cores_of(const load_results& results) {
  std::vector<double> values;
  for (const auto& x : results)
    values.push_back(std::chrono::duration<double>{x.processor}
                     / std::chrono::duration<double>{x.elapsed});
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
