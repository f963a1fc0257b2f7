#include "vmsystem/actors/http/uri.hpp"

#include "vmsystem/models/ascii.hpp"

#include <simdjson.h>

#include <algorithm>

namespace vmsystem::http {

namespace {

failure bad_escape(std::string_view where) {
  return fail(ec::invalid_request,
              "the " + std::string{where}
                + " has a malformed percent-encoding, a NUL or bytes that are "
                  "not UTF-8");
}

} // namespace

expected<target_parts> split_target(std::string_view target) {
  if (starts_with_any_case(target, "http://")
      || starts_with_any_case(target, "https://")) {
    target.remove_prefix(target.find("//") + 2);
    const auto slash = target.find_first_of("/?#");
    if (slash == 0 || target.empty())
      return fail(ec::invalid_request, "the request target has no host");
    if (slash == std::string_view::npos)
      return target_parts{"/", {}};
    target.remove_prefix(slash);
    if (target.front() == '?')
      return target_parts{"/", target.substr(1)};
  }
  if (target == "*")
    return target_parts{target, {}};
  if (target.empty() || target.front() != '/'
      || target.find('#') != std::string_view::npos)
    return fail(ec::invalid_request,
                "the request target is neither a path nor an http URL");
  const auto mark = target.find('?');
  if (mark == std::string_view::npos)
    return target_parts{target, {}};
  return target_parts{target.substr(0, mark), target.substr(mark + 1)};
}

std::optional<std::string> percent_decode(std::string_view text,
                                          plus_sign plus) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus == plus_sign::space) {
      c = ' ';
    } else if (c == '%') {
      if (text.size() - i < 3)
        return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0)
        return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0')
      return std::nullopt;
    result += c;
  }
  if (!simdjson::validate_utf8(result))
    return std::nullopt;
  return result;
}

expected<query_string> query_string::parse(std::string_view text) {
  query_string result;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty())
      continue;
    const auto equals = std::min(part.find('='), part.size());
    auto name = percent_decode(part.substr(0, equals), plus_sign::space);
    auto value = percent_decode(part.substr(std::min(equals + 1, part.size())),
                                plus_sign::space);
    if (!name || !value)
      return bad_escape("query string");
    result.parameters_.emplace_back(std::move(*name), std::move(*value));
  }
  return result;
}

std::optional<std::string_view>
query_string::find(std::string_view name) const {
  for (const auto& [key, value] : parameters_) {
    if (key != name)
      continue;
    if (value.empty())
      return std::nullopt;
    return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> query_string::find_unknown(
  std::initializer_list<std::string_view> known) const {
  for (auto it = parameters_.begin(); it != parameters_.end(); ++it) {
    const auto& name = it->first;
    const bool repeated
      = std::any_of(parameters_.begin(), it,
                    [&](const auto& other) { return other.first == name; });
    if (repeated || std::find(known.begin(), known.end(), name) == known.end())
      return name;
  }
  return std::nullopt;
}

} // namespace vmsystem::http
