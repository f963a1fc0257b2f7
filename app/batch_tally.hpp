#pragma once

#include "vmsystem/models/batch.hpp"
#include "vmsystem/models/failure.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

/// Upper ends of the buckets of wall times, in microseconds; the last bucket
/// has none.
inline constexpr std::array<uint64_t, 22> wall_bounds_us{
  10,      20,      50,       100,      200,      500,      1000,   2000,
  5000,    10000,   20000,    50000,    100000,   200000,   500000, 1000000,
  2000000, 5000000, 10000000, 20000000, 50000000, 100000000};

/// One of the jobs that took longest.
struct slow_job {
  uint32_t index = 0;
  std::string id;
  end_reason reason = end_reason::ok;
  uint64_t wall_us = 0;
};

/// How far a batch was at a moment.
struct batch_sample {
  std::chrono::milliseconds at{0};
  uint64_t done = 0;
};

/// What is counted from the results of a batch while they come. Takes room
/// that does not depend on their number.
class batch_tally {
public:
  /// How many of the slowest jobs are kept.
  static constexpr std::size_t slowest_kept = 5;

  /// Counts result documents, each followed by a line feed. Errors: internal,
  /// when one cannot be read.
  [[nodiscard]] expected<void> add(std::string_view lines);

  /// Notes how far the batch is.
  void sample(std::chrono::milliseconds at);

  /// Notes how far the batch is, by somebody else's count.
  void sample(std::chrono::milliseconds at, uint64_t done);

  [[nodiscard]] uint64_t count() const noexcept {
    return count_;
  }
  /// Jobs that did not end well.
  [[nodiscard]] uint64_t failed() const noexcept {
    return count_ - outcomes_[static_cast<std::size_t>(end_reason::ok)];
  }
  [[nodiscard]] const outcome_counts& outcomes() const noexcept {
    return outcomes_;
  }
  /// The jobs with the longest wall times, the slowest first.
  [[nodiscard]] const std::vector<slow_job>& slowest() const noexcept {
    return slowest_;
  }
  /// Jobs by wall time; see `wall_bounds_us`.
  [[nodiscard]] const std::array<uint64_t, wall_bounds_us.size() + 1>&
  wall_buckets() const noexcept {
    return wall_buckets_;
  }
  /// In order of time; at most a few hundred.
  [[nodiscard]] const std::vector<batch_sample>& samples() const noexcept {
    return samples_;
  }

private:
  expected<void> add_one(std::string_view line, std::size_t capacity);
  void keep_slowest(slow_job&& job);

  uint64_t count_ = 0;
  outcome_counts outcomes_{};
  std::vector<slow_job> slowest_;
  std::array<uint64_t, wall_bounds_us.size() + 1> wall_buckets_{};
  std::vector<batch_sample> samples_;
  std::chrono::milliseconds sample_gap_{50};
  /// Reused for each `add`.
  std::string padded_;
};

} // namespace vmsystem
