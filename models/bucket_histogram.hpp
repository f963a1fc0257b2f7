#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace vmsystem {

/// Counts whole numbers in buckets with fixed upper ends, and adds them up:
/// what Prometheus calls a histogram. Takes some nanoseconds a value.
/// @tparam Count `std::atomic<uint64_t>` when another thread reads it.
template <std::size_t Size, class Count = uint64_t>
class bucket_histogram {
public:
  using upper_ends = std::array<uint64_t, Size>;

  /// @param ends what a value of each bucket does not exceed, ascending. Larger
  ///        values have a bucket of their own. Outlives the histogram.
  explicit constexpr bucket_histogram(const upper_ends& ends) noexcept
    : ends_{&ends} {}

  void add(uint64_t value) noexcept {
    const auto end = std::lower_bound(ends_->begin(), ends_->end(), value);
    ++counts_[static_cast<std::size_t>(end - ends_->begin())];
    sum_ += value;
  }

  [[nodiscard]] const upper_ends& ends() const noexcept {
    return *ends_;
  }

  /// How many values are in a bucket; that of the largest ones comes last.
  [[nodiscard]] uint64_t in_bucket(std::size_t index) const noexcept {
    return counts_[index];
  }

  /// How many values there are.
  [[nodiscard]] uint64_t count() const noexcept {
    uint64_t result = 0;
    for (const auto& one : counts_)
      result += one;
    return result;
  }

  [[nodiscard]] uint64_t sum() const noexcept {
    return sum_;
  }

private:
  const upper_ends* ends_;
  std::array<Count, Size + 1> counts_{};
  Count sum_{};
};

/// Upper ends for times in microseconds, from 100 us to 1 minute.
inline constexpr std::array<uint64_t, 17> duration_ends_us{
  100,    250,    500,    1000,    2500,    5000,     10000,    25000,   50000,
  100000, 250000, 500000, 1000000, 2500000, 10000000, 30000000, 60000000};

/// Upper ends for sizes in bytes, from 256 KiB to 1 GiB.
inline constexpr std::array<uint64_t, 7> memory_ends_bytes{
  uint64_t{1} << 18, uint64_t{1} << 20, uint64_t{1} << 22, uint64_t{1} << 24,
  uint64_t{1} << 26, uint64_t{1} << 28, uint64_t{1} << 30};

/// Upper ends for numbers of things that are handled together.
inline constexpr std::array<uint64_t, 9> group_ends{1,  2,   4,    8,   16,
                                                    64, 256, 1024, 4096};

using duration_histogram = bucket_histogram<duration_ends_us.size()>;

} // namespace vmsystem
