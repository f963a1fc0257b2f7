#include "vmsystem/app/text_width.hpp"

#include <algorithm>

namespace vmsystem {

namespace {

/// Whether a byte is not the first of its character.
bool continues(char c) {
  return (c & 0xC0) == 0x80;
}

} // namespace

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
    text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string shortened(std::string_view text, std::size_t width) {
  constexpr std::string_view dots = "...";
  if (width_of(text) <= width)
    return std::string{text};
  const bool room = width > dots.size();
  const auto kept = room ? width - dots.size() : width;
  std::size_t end = 0;
  for (std::size_t count = 0; end < text.size(); ++end)
    if (!continues(text[end]) && count++ == kept)
      break;
  std::string result{text.substr(0, end)};
  if (room)
    result += dots;
  return result;
}

} // namespace vmsystem
