#include "vmsystem/engine/utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace vmsystem::engine::detail {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

bool is_continuation(char c) {
  return (static_cast<uint8_t>(c) & 0xc0) == 0x80;
}

/// Bytes of the character at the front of `text`; 0 when there is none.
std::size_t character_bytes(std::string_view text) {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0};
  };
  const auto in = [](uint8_t value, int low, int high) {
    return value >= low && value <= high;
  };
  const auto first = byte(0);
  const auto second = byte(1);
  if (in(first, 0xc2, 0xdf))
    return in(second, 0x80, 0xbf) ? 2 : 0;
  if (in(first, 0xe0, 0xef)) {
    // No overlong forms below E0 A0, no surrogates from ED A0.
    const int low = first == 0xe0 ? 0xa0 : 0x80;
    const int high = first == 0xed ? 0x9f : 0xbf;
    return in(second, low, high) && in(byte(2), 0x80, 0xbf) ? 3 : 0;
  }
  if (in(first, 0xf0, 0xf4)) {
    const int low = first == 0xf0 ? 0x90 : 0x80;
    const int high = first == 0xf4 ? 0x8f : 0xbf;
    return in(second, low, high) && in(byte(2), 0x80, 0xbf)
               && in(byte(3), 0x80, 0xbf)
             ? 4
             : 0;
  }
  return first < 0x80 ? 1 : 0;
}

} // namespace

void append_valid_utf8(std::string& out, std::string_view text,
                       std::size_t max_bytes) {
  const auto is_ascii = [](char c) { return static_cast<uint8_t>(c) < 0x80; };
  while (!text.empty() && max_bytes > 0) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_ascii);
    const auto ascii
      = std::min(static_cast<std::size_t>(end - text.begin()), max_bytes);
    out.append(text.data(), ascii);
    text.remove_prefix(ascii);
    max_bytes -= ascii;
    if (text.empty() || max_bytes == 0)
      return;
    const auto bytes = character_bytes(text);
    const auto character = bytes != 0 ? text.substr(0, bytes) : replacement;
    if (character.size() > max_bytes)
      return;
    out += character;
    max_bytes -= character.size();
    text.remove_prefix(1);
    // The rest of a character, or what is left of a broken one.
    while (!text.empty() && is_continuation(text.front()))
      text.remove_prefix(1);
  }
}

void truncate_utf8(std::string& text, std::size_t max_bytes) {
  if (text.size() <= max_bytes)
    return;
  while (max_bytes > 0 && is_continuation(text[max_bytes]))
    --max_bytes;
  text.resize(max_bytes);
}

} // namespace vmsystem::engine::detail
