#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace vmsystem {

/// The names of an enumeration's values, in the order of the values from 0.
/// Specialised beside each enumeration that is stored or served.
template <class Enum>
struct enum_names;

/// The name of `value` as it is stored and served. A value without a name is
/// `"?"`, which only memory corruption or a missing name can cause.
template <class Enum>
[[nodiscard]] constexpr std::string_view name_of(Enum value) noexcept {
  const auto& names = enum_names<Enum>::value;
  const auto index = static_cast<std::size_t>(value);
  return index < names.size() ? names[index] : std::string_view{"?"};
}

/// The value with exactly this name.
template <class Enum>
[[nodiscard]] constexpr std::optional<Enum>
value_of(std::string_view name) noexcept {
  const auto& names = enum_names<Enum>::value;
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name)
      return static_cast<Enum>(i);
  return std::nullopt;
}

/// All names in order, as in "a, b, c": for messages and `--help`.
template <class Enum>
[[nodiscard]] std::string all_names() {
  std::string result;
  for (const auto name : enum_names<Enum>::value) {
    if (!result.empty())
      result += ", ";
    result += name;
  }
  return result;
}

} // namespace vmsystem
