#pragma once

#include "vmsystem/models/enum_names.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/json_text.hpp"
#include "vmsystem/models/time.hpp"

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

/// Parses one JSON document strictly: the whole text, valid UTF-8, no trailing
/// data. The element lives until the calling thread parses again. Errors:
/// invalid_request.
[[nodiscard]] expected<simdjson::dom::element>
parse_json(std::string_view text);

/// The string field `name` of a document that this program wrote. Looks at
/// nothing else of it, so that numbers beyond 64 bits, which a script's result
/// may hold, are no obstacle. Errors: internal.
[[nodiscard]] expected<std::string> stored_string(std::string_view document,
                                                  std::string_view name);

/// Where a value stands, for messages: the field `name` of `parent`.
struct json_place {
  /// Empty for the document itself.
  std::string_view parent;
  std::string_view name;

  /// As in `limits.cpu_ms`.
  [[nodiscard]] std::string to_string() const;
};

/// How much a field has to be there.
enum class presence : uint8_t {
  /// It may be missing or null.
  optional,
  /// It must be there.
  present,
  /// It must be there and, being a string, must not be empty.
  required,
};

/// `field "x" must be ...`.
[[nodiscard]] failure wrong_type(const json_place& place,
                                 std::string_view wanted);

/// `field "x": ...`, for a value of the right type that is not allowed.
[[nodiscard]] failure bad_value(const json_place& place,
                                std::string_view reason);

expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          bool& to);
expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          uint32_t& to);
expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          int32_t& to);
expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          uint64_t& to);
expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          std::string& to);
expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          std::vector<std::string>& to);
expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          timestamp& to);
/// Any JSON value, kept as compact text.
expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          json_text& to);

template <class Tag>
expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          strong_id<Tag>& to) {
  std::string_view text;
  if (from.get(text))
    return wrong_type(place, "a UUID as a string");
  if (auto id = strong_id<Tag>::parse(text)) {
    to = *id;
    return success();
  }
  return bad_value(place, "is not a UUID");
}

template <class Enum, class = decltype(enum_names<Enum>::value)>
expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          Enum& to) {
  std::string_view text;
  if (from.get(text))
    return wrong_type(place, "a string");
  if (auto value = value_of<Enum>(text)) {
    to = *value;
    return success();
  }
  return bad_value(place, "must be one of " + all_names<Enum>());
}

/// A JSON object, kept as compact text.
struct json_object_field {
  json_text* to;
};

expected<void> read_value(simdjson::dom::element from, const json_place& place,
                          json_object_field& to);

/// One field of an object that is read.
template <class T>
struct field_spec {
  std::string_view name;
  T* to;
  presence need;
  bool seen = false;
};

template <class T>
field_spec<T> field(std::string_view name, T& to,
                    presence need = presence::required) {
  return {name, &to, need, false};
}

namespace detail {

[[nodiscard]] failure missing_field(const json_place& place);
[[nodiscard]] failure unknown_field(const json_place& place);

template <class T>
bool is_empty(const T&) {
  return false;
}

inline bool is_empty(const std::string& x) {
  return x.empty();
}

template <class T>
expected<void> take_field(field_spec<T>& f, std::string_view parent,
                          simdjson::dom::element value) {
  f.seen = f.need == presence::present || !value.is_null();
  if (!f.seen)
    return success();
  return read_value(value, json_place{parent, f.name}, *f.to);
}

template <class T>
expected<void> check_field(const field_spec<T>& f, std::string_view parent) {
  const bool lacking = f.need != presence::optional && !f.seen;
  if (lacking || (f.need == presence::required && is_empty(*f.to)))
    return missing_field(json_place{parent, f.name});
  return success();
}

} // namespace detail

/// Reads an object whose fields are exactly `fields`. When a name stands twice,
/// the last one counts. Errors: invalid_request for an unknown field or a wrong
/// type, validation_error for a field that is missing or not allowed.
template <class... Ts>
expected<void> read_object(simdjson::dom::element from, const json_place& place,
                           field_spec<Ts>... fields) {
  simdjson::dom::object object;
  if (from.get(object))
    return wrong_type(place, "an object");
  const std::string parent = place.to_string();
  for (const auto& [key, value] : object) {
    expected<void> outcome = success();
    auto take = [&, name = key, element = value](auto& f) {
      if (f.name != name)
        return false;
      outcome = detail::take_field(f, parent, element);
      return true;
    };
    if (!(take(fields) || ...))
      return detail::unknown_field(json_place{parent, key});
    if (!outcome)
      return outcome;
  }
  expected<void> outcome = success();
  auto check = [&](const auto& f) {
    outcome = detail::check_field(f, parent);
    return outcome.has_value();
  };
  static_cast<void>((check(fields) && ...));
  return outcome;
}

/// Reads an array of things that `read_value` can read.
template <class T>
expected<void> read_array(simdjson::dom::element from, const json_place& place,
                          std::vector<T>& to) {
  simdjson::dom::array array;
  if (from.get(array))
    return wrong_type(place, "an array");
  to.clear();
  for (const auto value : array) {
    if (auto one = read_value(value, place, to.emplace_back()); !one)
      return one;
  }
  return success();
}

} // namespace vmsystem
