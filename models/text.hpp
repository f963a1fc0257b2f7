#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace vmsystem {

/// Cuts what stands before the next `separator` off the front of `text`, and
/// the separator itself.
/// @returns what stood before it: all when there is none.
[[nodiscard]] inline std::string_view cut(std::string_view& text,
                                          char separator) noexcept {
  const auto end = std::min(text.find(separator), text.size());
  const auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

/// Appends each byte as two hexadecimal digits in lower case.
inline void append_hex(std::string& to, std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    to += digits[byte >> 4];
    to += digits[byte & 0xfu];
  }
}

} // namespace vmsystem
