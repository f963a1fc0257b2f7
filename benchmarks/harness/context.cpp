#include "vmsystem/benchmarks/harness/context.hpp"

#include <algorithm>
#include <thread>

namespace vmsystem::bench {

namespace {

/// Longer than anything that is bound by its number of requests.
constexpr std::chrono::minutes ample{5};

/// Requests of a measurement in a quick run.
constexpr uint64_t quick_requests = 200;

} // namespace

uint32_t context::engine_threads() const {
  return options_.slots != 0
           ? options_.slots
           : std::max(std::thread::hardware_concurrency(), 1u);
}

expected<load_results> context::repeat(const measurement& measure) const {
  if (options_.quick)
    return repeat(quick_requests, measure);
  auto warm = measure({options_.warm_up, 0});
  if (!warm)
    return warm.error();
  load_results results;
  for (uint32_t i = 0; i < options_.repetitions; ++i) {
    auto result = measure({options_.duration, 0});
    if (!result)
      return result.error();
    results.push_back(result.value());
  }
  return results;
}

expected<load_results> context::repeat(uint64_t requests,
                                       const measurement& measure) const {
  const uint32_t repetitions = options_.quick ? 1 : options_.repetitions + 1;
  load_results results;
  for (uint32_t i = 0; i < repetitions; ++i) {
    auto result = measure({ample, requests});
    if (!result)
      return result.error();
    results.push_back(result.value());
  }
  if (results.size() > 1)
    results.erase(results.begin());
  return results;
}

const expected<load_results>&
context::once(const std::string& name,
              const std::function<expected<load_results>()>& measure) {
  const auto known = measured_.find(name);
  if (known != measured_.end())
    return known->second;
  return measured_.emplace(name, measure()).first->second;
}

} // namespace vmsystem::bench
