#include "vmsystem/models/latency_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace vmsystem {

// Values below 2^sub_bits have a bucket each. Above, every power of two has
// 2^sub_bits buckets, told apart by the bits that follow the leading one.
std::size_t latency_histogram::bucket_of(uint64_t ns) noexcept {
  ns = std::min(ns, (uint64_t{1} << max_bits) - 1);
  if (ns < (uint64_t{1} << sub_bits))
    return ns;
  const auto width = 64u - static_cast<unsigned>(__builtin_clzll(ns));
  const auto shift = width - sub_bits - 1;
  const auto sub = (ns >> shift) - (uint64_t{1} << sub_bits);
  return ((std::size_t{shift} + 1) << sub_bits) + sub;
}

uint64_t latency_histogram::upper_end(std::size_t bucket) noexcept {
  const auto group = bucket >> sub_bits;
  const uint64_t sub = bucket & ((std::size_t{1} << sub_bits) - 1);
  if (group == 0)
    return sub;
  const auto shift = group - 1;
  return ((sub + (uint64_t{1} << sub_bits) + 1) << shift) - 1;
}

void latency_histogram::add(std::chrono::nanoseconds latency) noexcept {
  const auto ns = std::max<int64_t>(latency.count(), 0);
  ++counts_[bucket_of(static_cast<uint64_t>(ns))];
  ++count_;
}

std::chrono::nanoseconds latency_histogram::quantile(double q) const noexcept {
  if (count_ == 0)
    return {};
  const auto wanted = std::max<uint64_t>(
    static_cast<uint64_t>(std::ceil(q * static_cast<double>(count_))), 1);
  uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets; ++i) {
    seen += counts_[i];
    if (seen >= wanted)
      return std::chrono::nanoseconds{upper_end(i)};
  }
  return std::chrono::nanoseconds{upper_end(buckets - 1)};
}

} // namespace vmsystem
