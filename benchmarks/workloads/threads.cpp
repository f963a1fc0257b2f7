#include "vmsystem/benchmarks/workloads/threads.hpp"

#include "vmsystem/engine/thread.hpp"

#include <algorithm>
#include <thread>
#include <vector>

namespace vmsystem::bench {

expected<load_result>
run_on_threads(uint32_t threads,
               const std::function<expected<load_result>()>& work) {
  const auto guarded = [&]() -> expected<load_result> {
    const auto guard = engine::thread_guard::make();
    if (!guard)
      return guard.error();
    return work();
  };
  const auto before = process_time();
  std::vector<expected<load_result>> results(threads, load_result{});
  std::vector<std::thread> workers;
  for (auto& result : results)
    workers.emplace_back([&] { result = guarded(); });
  for (auto& worker : workers)
    worker.join();
  load_result sum;
  for (const auto& result : results) {
    if (!result)
      return result.error();
    sum.answers += result.value().answers;
    sum.elapsed = std::max(sum.elapsed, result.value().elapsed);
  }
  sum.processor = process_time() - before;
  return sum;
}

} // namespace vmsystem::bench
