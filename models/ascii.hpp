#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace vmsystem {

/// The value of a hexadecimal digit of either case; -1 for anything else.
[[nodiscard]] constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// A letter of ASCII in lower case; anything else as it is.
[[nodiscard]] constexpr char lower_case(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

/// Whether all bytes are ASCII.
[[nodiscard]] inline bool is_ascii(std::string_view text) noexcept {
  uint64_t seen = 0;
  std::size_t at = 0;
  for (; at + sizeof seen <= text.size(); at += sizeof seen) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    seen |= word;
  }
  for (; at < text.size(); ++at)
    seen |= static_cast<uint8_t>(text[at]);
  return (seen & 0x8080808080808080u) == 0;
}

/// How many bytes at the beginning stand as they are in a string of JSON: none
/// of them is a quotation mark, a backslash or a control character.
[[nodiscard]] inline std::size_t
plain_json_prefix(std::string_view text) noexcept {
  constexpr uint64_t each = 0x0101010101010101u;
  // Sets the highest bit of the first byte that is smaller, and of others.
  const auto below = [](uint64_t word, uint64_t bound) {
    return (word - bound * each) & ~word & (0x80 * each);
  };
  std::size_t at = 0;
  for (uint64_t word = 0; at + sizeof word <= text.size(); at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((below(word, 0x20) | below(word ^ '"' * each, 1)
         | below(word ^ '\\' * each, 1))
        != 0)
      break;
  }
  const auto stands = [](char c) {
    return static_cast<uint8_t>(c) >= 0x20 && c != '"' && c != '\\';
  };
  while (at < text.size() && stands(text[at]))
    ++at;
  return at;
}

/// Whether `text` begins with `prefix`, which is in lower case, in any case of
/// ASCII letters.
[[nodiscard]] inline bool
starts_with_any_case(std::string_view text, std::string_view prefix) noexcept {
  return text.size() >= prefix.size()
         && std::equal(prefix.begin(), prefix.end(), text.begin(),
                       [](char x, char y) { return x == lower_case(y); });
}

} // namespace vmsystem
