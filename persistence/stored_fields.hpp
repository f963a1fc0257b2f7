#pragma once

#include "vmsystem/models/enum_names.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/json_reader.hpp"
#include "vmsystem/models/time.hpp"

#include <optional>
#include <string_view>

namespace vmsystem {

// Single fields of stored documents; nothing when they are not there or
// damaged.

/// The value of an enumeration that a stored document names.
template <class Enum>
std::optional<Enum> stored_value(std::string_view document,
                                 std::string_view name) {
  const auto text = stored_string(document, name);
  return text ? value_of<Enum>(text.value()) : std::nullopt;
}

/// The id that a stored document names.
inline std::optional<raw_id> stored_id(std::string_view document,
                                       std::string_view name) {
  const auto text = stored_string(document, name);
  return text ? raw_id::parse(text.value()) : std::nullopt;
}

/// The time that a stored document names.
inline std::optional<timestamp> stored_time(std::string_view document,
                                            std::string_view name) {
  const auto text = stored_string(document, name);
  return text ? timestamp::parse(text.value()) : std::nullopt;
}

} // namespace vmsystem
