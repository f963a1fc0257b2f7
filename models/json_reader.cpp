#include "vmsystem/models/json_reader.hpp"

#include <algorithm>
#include <limits>

namespace vmsystem {

namespace {

/// A parser keeps buffers as large as the largest document that it saw; above
/// this size it is made anew.
constexpr std::size_t kept_capacity = 1u << 20;

std::string quoted(const json_place& place) {
  const auto path = place.to_string();
  return path.empty() ? std::string{"the body"} : "field \"" + path + '"';
}

template <class T>
expected<void> read_integer(simdjson::dom::element from,
                            const json_place& place, T& to) {
  int64_t number = 0;
  if (from.get(number))
    return wrong_type(place, "an integer");
  if (number < static_cast<int64_t>(std::numeric_limits<T>::min())
      || number > static_cast<int64_t>(std::numeric_limits<T>::max()))
    return bad_value(place, "must be between "
                              + std::to_string(std::numeric_limits<T>::min())
                              + " and "
                              + std::to_string(std::numeric_limits<T>::max()));
  to = static_cast<T>(number);
  return success();
}

/// The text with a fraction behind each integer that may have more than 64
/// bits.
std::string with_large_integers_as_doubles(std::string_view text) {
  constexpr std::size_t always_fits = 18;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::string result;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = at;
    const char c = text[at++];
    if (in_string && c == '\\' && at < text.size())
      ++at;
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && is_digit(c))
      while (at < text.size()
             && (is_digit(text[at])
                 || std::string_view{".eE+-"}.find(text[at])
                      != std::string_view::npos))
        ++at;
    const auto part = text.substr(begin, at - begin);
    result += part;
    if (!in_string && part.size() > always_fits
        && std::all_of(part.begin(), part.end(), is_digit))
      result += ".0";
  }
  return result;
}

} // namespace

expected<simdjson::dom::element> parse_json(std::string_view text) {
  thread_local simdjson::dom::parser parser;
  if (parser.capacity() > kept_capacity && text.size() <= kept_capacity)
    parser = simdjson::dom::parser{};
  simdjson::dom::element root;
  auto error = parser.parse(text.data(), text.size()).get(root);
  // simdjson refuses integers of more than 64 bits, which scripts may give.
  if (error == simdjson::NUMBER_ERROR) {
    const auto spelled = with_large_integers_as_doubles(text);
    error = parser.parse(spelled).get(root);
  }
  if (error)
    return fail(ec::invalid_request, std::string{"malformed JSON: "}
                                       + simdjson::error_message(error));
  return root;
}

expected<std::string> stored_string(std::string_view document,
                                    std::string_view name) {
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded{document};
  simdjson::ondemand::document root;
  std::string_view text;
  if (parser.iterate(padded).get(root) || root[name].get_string().get(text))
    return fail(ec::internal,
                "a stored document has no \"" + std::string{name} + '"');
  return std::string{text};
}

std::string json_place::to_string() const {
  if (parent.empty())
    return std::string{name};
  std::string result{parent};
  result += '.';
  result += name;
  return result;
}

failure wrong_type(const json_place& place, std::string_view wanted) {
  return fail(ec::invalid_request,
              quoted(place) + " must be " + std::string{wanted});
}

failure bad_value(const json_place& place, std::string_view reason) {
  return fail(ec::validation_error, quoted(place) + ' ' + std::string{reason});
}

failure detail::missing_field(const json_place& place) {
  return fail(ec::validation_error,
              quoted(place) + " is required and must not be empty");
}

failure detail::unknown_field(const json_place& place) {
  return fail(ec::invalid_request, "unknown " + quoted(place));
}

expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          bool& to) {
  if (from.get(to))
    return wrong_type(place, "true or false");
  return success();
}

expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          uint32_t& to) {
  return read_integer(from, place, to);
}

expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          int32_t& to) {
  return read_integer(from, place, to);
}

expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          uint64_t& to) {
  if (from.get(to))
    return wrong_type(place, "an integer of at least 0");
  return success();
}

expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          std::string& to) {
  std::string_view text;
  if (from.get(text))
    return wrong_type(place, "a string");
  to = text;
  return success();
}

expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          std::vector<std::string>& to) {
  simdjson::dom::array array;
  if (from.get(array))
    return wrong_type(place, "an array of strings");
  to.clear();
  for (const auto value : array) {
    std::string_view text;
    if (value.get(text))
      return wrong_type(place, "an array of strings");
    to.emplace_back(text);
  }
  return success();
}

expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          timestamp& to) {
  std::string_view text;
  if (from.get(text))
    return wrong_type(place, "a time as a string");
  const auto parsed = timestamp::parse(text);
  if (!parsed)
    return bad_value(place, "is not an RFC 3339 time in UTC");
  to = *parsed;
  return success();
}

expected<void> read_value(simdjson::dom::element from, const json_place&,
                          json_text& to) {
  to.text = simdjson::minify(from);
  return success();
}

expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          json_object_field& to) {
  if (!from.is_object())
    return wrong_type(place, "an object");
  return read_value(from, place, *to.to);
}

} // namespace vmsystem
