#include "vmsystem/actors/http/grammar.hpp"

#include "vmsystem/models/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace vmsystem::http {

namespace {

enum char_class : uint8_t {
  token = 1,
  field_text = 2,
  host = 4,
};

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> classes{};
  for (unsigned c = 0; c < classes.size(); ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    if (letter || digit)
      classes[c] |= token | host;
    if ((c >= 0x20 && c != 0x7f) || c == '\t')
      classes[c] |= field_text;
  }
  for (const char c : std::string_view{"!#$%&'*+-.^_`|~"})
    classes[static_cast<unsigned char>(c)] |= token;
  for (const char c : std::string_view{"-._~:[]%!$&'()*+,;="})
    classes[static_cast<unsigned char>(c)] |= host;
  return classes;
}

constexpr auto classes = make_classes();

bool is(char c, char_class wanted) noexcept {
  return (classes[static_cast<unsigned char>(c)] & wanted) != 0;
}

bool all_are(std::string_view text, char_class wanted) noexcept {
  return std::all_of(text.begin(), text.end(),
                     [wanted](char c) { return is(c, wanted); });
}

} // namespace

bool is_token_char(char c) noexcept {
  return is(c, token);
}

bool is_field_text(std::string_view text) noexcept {
  return all_are(text, field_text);
}

bool is_field_line(std::string_view line) noexcept {
  std::size_t i = 0;
  while (i < line.size() && is_token_char(line[i]))
    ++i;
  return i > 0 && i < line.size() && line[i] == ':'
         && is_field_text(line.substr(i + 1));
}

bool is_host(std::string_view text) noexcept {
  return all_are(text, host);
}

bool is_request_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 128
         && std::all_of(text.begin(), text.end(),
                        [](char c) { return c > 0x20 && c < 0x7f; });
}

bool equals_any_case(std::string_view text, std::string_view wanted) noexcept {
  return text.size() == wanted.size() && starts_with_any_case(text, wanted);
}

} // namespace vmsystem::http
