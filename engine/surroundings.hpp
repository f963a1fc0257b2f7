#pragma once

#include "vmsystem/models/settings.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace vmsystem::engine::detail {

/// Time and chance as the scripts of one instance see them: those of the
/// machine, or what `runtime_config` fixes so that runs can be repeated.
/// They begin with the first run of an instance, so that all clones of an image
/// begin the same way.
class surroundings {
public:
  /// Begins, with the first run.
  void start(const runtime_config& config);

  [[nodiscard]] bool started() const noexcept {
    return started_;
  }

  /// After the guest's memory was restored: nothing has begun.
  void forget() noexcept {
    *this = {};
  }

  /// Nanoseconds since 1970.
  [[nodiscard]] uint64_t realtime_ns() const noexcept;

  /// Milliseconds since the first run.
  [[nodiscard]] double elapsed_ms() const noexcept;

  /// When that was, in milliseconds since 1970.
  [[nodiscard]] double origin_ms() const noexcept;

  /// Random bytes.
  /// @returns whether the machine had some.
  bool fill(uint8_t* bytes, std::size_t size) noexcept;

  /// For the engine's generator; not 0.
  [[nodiscard]] uint64_t seed() noexcept;

private:
  uint64_t next() noexcept;

  bool started_ = false;
  std::chrono::steady_clock::time_point begin_;
  int64_t origin_ns_ = 0;
  /// Whether the clock is not the machine's.
  bool has_origin_ = false;
  /// Whether `state_` is all the chance that there is.
  bool seeded_ = false;
  uint64_t state_ = 0;
};

} // namespace vmsystem::engine::detail
