#include "vmsystem/actors/http/media_type.hpp"

#include "vmsystem/actors/http/grammar.hpp"
#include "vmsystem/models/text.hpp"

#include <algorithm>

namespace vmsystem::http {

namespace {

constexpr uint16_t full_weight = 1000;

std::string_view trimmed(std::string_view text) noexcept {
  const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

/// As `cut`, without white space around it.
std::string_view cut_trimmed(std::string_view& text, char separator) noexcept {
  return trimmed(cut(text, separator));
}

/// `1`, `0.5`, `0.125`: in thousandths. What is none of these has no weight.
uint16_t parse_weight(std::string_view text) noexcept {
  if (text.empty() || (text[0] != '0' && text[0] != '1')
      || (text.size() > 1 && text[1] != '.') || text.size() > 5)
    return 0;
  unsigned result = text[0] == '1' ? full_weight : 0;
  unsigned unit = full_weight;
  for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (digit < '0' || digit > '9')
      return 0;
    unit /= 10;
    result += static_cast<unsigned>(digit - '0') * unit;
  }
  return static_cast<uint16_t>(std::min<unsigned>(result, full_weight));
}

uint16_t weight_among(std::string_view parameters) noexcept {
  while (!parameters.empty()) {
    auto value = cut_trimmed(parameters, ';');
    const auto name = cut_trimmed(value, '=');
    if (equals_any_case(name, "q"))
      return parse_weight(trimmed(value));
  }
  return full_weight;
}

} // namespace

bool is_media_type(std::string_view content_type,
                   std::string_view wanted) noexcept {
  return equals_any_case(cut_trimmed(content_type, ';'), wanted);
}

uint16_t weight_of(std::string_view accept, std::string_view wanted) noexcept {
  while (!accept.empty()) {
    auto range = cut_trimmed(accept, ',');
    if (equals_any_case(cut_trimmed(range, ';'), wanted))
      return weight_among(range);
  }
  return 0;
}

bool has_preference(std::string_view prefer, std::string_view wanted) noexcept {
  while (!prefer.empty()) {
    auto preference = cut_trimmed(prefer, ',');
    if (equals_any_case(cut_trimmed(preference, ';'), wanted))
      return true;
  }
  return false;
}

bool prefers(std::string_view accept, std::string_view wanted) noexcept {
  const auto weight = weight_of(accept, wanted);
  return weight > 0 && weight >= weight_of(accept, json_type);
}

} // namespace vmsystem::http
