#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace vmsystem {

/// Counts durations in buckets whose width is at most 1/32 of their value, up
/// to 2^40 ns; longer ones count as that. Takes constant time and room.
class latency_histogram {
public:
  void add(std::chrono::nanoseconds latency) noexcept;

  /// The duration that the share `q` of all, 0 to 1, does not exceed; 0 when
  /// there is none. Errs by a bucket's width at most.
  [[nodiscard]] std::chrono::nanoseconds quantile(double q) const noexcept;

  [[nodiscard]] uint64_t count() const noexcept {
    return count_;
  }

private:
  static constexpr unsigned sub_bits = 5;
  static constexpr unsigned max_bits = 40;
  static constexpr std::size_t buckets = (std::size_t{max_bits - sub_bits} + 1)
                                         << sub_bits;

  static std::size_t bucket_of(uint64_t ns) noexcept;
  static uint64_t upper_end(std::size_t bucket) noexcept;

  std::array<uint64_t, buckets> counts_{};
  uint64_t count_ = 0;
};

} // namespace vmsystem
