#include "vmsystem/app/json_value.hpp"

#include <simdjson.h>

namespace vmsystem {

namespace {

namespace ondemand = simdjson::ondemand;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// Calls `visit` with each field of the object `text`.
/// @returns false when it is malformed.
template <class Visit>
bool for_each_field(std::string_view text, Visit visit) {
  ondemand::parser parser;
  const simdjson::padded_string padded{text};
  ondemand::document document;
  ondemand::object object;
  if (parser.iterate(padded).get(document) || document.get_object().get(object))
    return false;
  for (auto field : object) {
    std::string_view key;
    ondemand::value value;
    std::string_view raw;
    if (field.unescaped_key().get(key) || field.value().get(value)
        || simdjson::to_json_string(value).get(raw))
      return false;
    visit(key, trimmed(raw));
  }
  return true;
}

/// Calls `visit` with each element of the array `text`.
/// @returns false when it is malformed.
template <class Visit>
bool for_each_element(std::string_view text, Visit visit) {
  ondemand::parser parser;
  const simdjson::padded_string padded{text};
  ondemand::document document;
  ondemand::array array;
  if (parser.iterate(padded).get(document) || document.get_array().get(array))
    return false;
  for (auto element : array) {
    ondemand::value value;
    std::string_view raw;
    if (element.get(value) || simdjson::to_json_string(value).get(raw))
      return false;
    visit(trimmed(raw));
  }
  return true;
}

} // namespace

std::optional<json_value> json_value::parse(std::string_view text) {
  const json_value value{trimmed(text)};
  const auto ignore = [](auto&&...) {};
  if (value.is_object() && for_each_field(value.raw_, ignore))
    return value;
  if (value.is_array() && for_each_element(value.raw_, ignore))
    return value;
  return std::nullopt;
}

bool json_value::present() const noexcept {
  return !raw_.empty() && raw_ != "null";
}

json_value json_value::field(std::string_view name) const {
  json_value result;
  if (is_object())
    for_each_field(raw_, [&](auto key, auto raw) {
      if (key == name)
        result = json_value{raw};
    });
  return result;
}

std::vector<std::pair<std::string, json_value>> json_value::fields() const {
  std::vector<std::pair<std::string, json_value>> result;
  if (is_object())
    for_each_field(raw_, [&](auto key, auto raw) {
      result.emplace_back(std::string{key}, json_value{raw});
    });
  return result;
}

std::vector<json_value> json_value::elements() const {
  std::vector<json_value> result;
  if (is_array())
    for_each_element(raw_,
                     [&](auto raw) { result.push_back(json_value{raw}); });
  return result;
}

std::string json_value::text() const {
  if (!is_string())
    return raw_;
  ondemand::parser parser;
  const simdjson::padded_string padded{raw_};
  ondemand::document document;
  std::string_view characters;
  if (parser.iterate(padded).get(document)
      || document.get_string().get(characters))
    return raw_;
  return std::string{characters};
}

} // namespace vmsystem
