#pragma once

#include "vmsystem/benchmarks/harness/sample.hpp"
#include "vmsystem/models/latency_histogram.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace vmsystem::bench {

using clock = std::chrono::steady_clock;

/// When a load ends.
struct load_limit {
  /// After this time no request is sent any more; those that are out are
  /// awaited.
  std::chrono::nanoseconds duration{};
  /// Requests at most; 0 means as many as the time allows.
  uint64_t requests = 0;
};

/// Processor time of this process until now.
[[nodiscard]] std::chrono::nanoseconds process_time() noexcept;

/// Deals out the requests of a load.
class load_budget {
public:
  explicit load_budget(const load_limit& limit)
    : process_start_{process_time()},
      start_{clock::now()},
      deadline_{start_ + limit.duration},
      left_{limit.requests == 0 ? UINT64_MAX : limit.requests} {}

  /// Takes one request, if there is one left at this time.
  [[nodiscard]] bool take(clock::time_point now) noexcept {
    if (left_ == 0 || now >= deadline_)
      return false;
    --left_;
    return true;
  }

  [[nodiscard]] clock::time_point start() const noexcept {
    return start_;
  }

  /// Processor time of the process when the load began.
  [[nodiscard]] std::chrono::nanoseconds process_start() const noexcept {
    return process_start_;
  }

private:
  std::chrono::nanoseconds process_start_;
  clock::time_point start_;
  clock::time_point deadline_;
  uint64_t left_;
};

/// What a load did. Every answer in it was checked.
struct load_result {
  uint64_t answers = 0;
  /// From the first request to the last answer.
  std::chrono::nanoseconds elapsed{};
  /// Processor time of the whole process meanwhile, with the load generator's.
  std::chrono::nanoseconds processor{};
  latency_histogram latency;

  [[nodiscard]] double per_second() const {
    return static_cast<double>(answers)
           / std::chrono::duration<double>{elapsed}.count();
  }
};

/// One for each repetition.
using load_results = std::vector<load_result>;

/// Answers per second, of each repetition.
[[nodiscard]] sample rates_of(const load_results& results);

/// Processor time for each answer in microseconds, of each repetition.
[[nodiscard]] sample processor_times_of(const load_results& results);

/// Processors that were busy at a time, on average, of each repetition.
[[nodiscard]] sample busy_cores_of(const load_results& results);

/// A quantile of the latency in milliseconds, of each repetition.
[[nodiscard]] sample latencies_of(const load_results& results, double q);

} // namespace vmsystem::bench
