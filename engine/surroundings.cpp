#include "vmsystem/engine/surroundings.hpp"

#include <atomic>
#include <cstring>
#include <ctime>
#include <random>

#include <sys/random.h>

namespace vmsystem::engine::detail {

namespace {

constexpr uint64_t golden = 0x9e3779b97f4a7c15;

/// The finaliser of SplitMix64.
uint64_t mix(uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// A different number for each instance.
uint64_t new_state() {
  static const uint64_t secret = [] {
    std::random_device device;
    return (uint64_t{device()} << 32) | device();
  }();
  static std::atomic<uint64_t> counter{0};
  return mix(secret + golden * ++counter);
}

int64_t machine_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1000000000 + now.tv_nsec;
}

} // namespace

void surroundings::start(const runtime_config& config) {
  started_ = true;
  begin_ = std::chrono::steady_clock::now();
  has_origin_ = config.now.set();
  origin_ns_ = has_origin_ ? config.now.us * 1000 : machine_ns();
  seeded_ = config.seeded;
  state_ = seeded_ ? static_cast<uint64_t>(config.seed) : new_state();
}

uint64_t surroundings::realtime_ns() const noexcept {
  if (!has_origin_)
    return static_cast<uint64_t>(machine_ns());
  const auto elapsed = std::chrono::steady_clock::now() - begin_;
  return static_cast<uint64_t>(origin_ns_
                               + std::chrono::nanoseconds{elapsed}.count());
}

double surroundings::elapsed_ms() const noexcept {
  using milliseconds = std::chrono::duration<double, std::milli>;
  return milliseconds{std::chrono::steady_clock::now() - begin_}.count();
}

double surroundings::origin_ms() const noexcept {
  return static_cast<double>(origin_ns_) / 1e6;
}

bool surroundings::fill(uint8_t* bytes, std::size_t size) noexcept {
  if (!seeded_)
    return getrandom(bytes, size, 0) == static_cast<ssize_t>(size);
  while (size > 0) {
    const auto word = next();
    const auto part = size < sizeof word ? size : sizeof word;
    std::memcpy(bytes, &word, part);
    bytes += part;
    size -= part;
  }
  return true;
}

uint64_t surroundings::seed() noexcept {
  const auto seed = next();
  return seed != 0 ? seed : golden;
}

uint64_t surroundings::next() noexcept {
  state_ += golden;
  return mix(state_);
}

} // namespace vmsystem::engine::detail
