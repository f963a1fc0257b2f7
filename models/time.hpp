#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vmsystem {

/// A point in time: microseconds since 1970-01-01T00:00:00Z. Zero means "not
/// set".
struct timestamp {
  int64_t us = 0;

  [[nodiscard]] bool set() const noexcept {
    return us != 0;
  }
  /// The system clock's time.
  [[nodiscard]] static timestamp now() noexcept;
  /// RFC 3339 in UTC with six digits after the second.
  [[nodiscard]] std::string to_string() const;
  /// Appends the form of `to_string()`.
  void append_to(std::string& out) const;
  /// Reads the form of `to_string()`, with 0 to 9 digits after the second.
  [[nodiscard]] static std::optional<timestamp> parse(std::string_view text);

  friend bool operator==(timestamp x, timestamp y) noexcept {
    return x.us == y.us;
  }
  friend bool operator!=(timestamp x, timestamp y) noexcept {
    return x.us != y.us;
  }
  friend bool operator<(timestamp x, timestamp y) noexcept {
    return x.us < y.us;
  }
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, timestamp& x) {
  return f(x.us);
}

} // namespace vmsystem
