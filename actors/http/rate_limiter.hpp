#pragma once

#include <chrono>
#include <cstdint>

namespace vmsystem::http {

/// Lets through so many requests a second on average, and after a pause as many
/// at once as one second has.
class rate_limiter {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Takes one request at `now`. Calls must not go back in time.
  /// @param per_second at least 1; may differ from call to call.
  /// @returns whether there was room for it.
  [[nodiscard]] bool take(time_point now, uint32_t per_second) noexcept {
    using std::chrono::nanoseconds;
    constexpr nanoseconds second = std::chrono::seconds{1};
    const auto each = second / per_second;
    if (used_until_ < now)
      used_until_ = now;
    if (used_until_ - now > second - each)
      return false;
    used_until_ += each;
    return true;
  }

private:
  /// When the requests that were taken would be over if they came evenly.
  time_point used_until_{};
};

} // namespace vmsystem::http
