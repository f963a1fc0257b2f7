#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace vmsystem::test {

/// The identifier of the enumerator with this value, as the compiler prints
/// it; empty when there is none.
template <auto Value>
std::string_view identifier() {
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find("Value = ") + 8);
  text = text.substr(0, text.find_first_of(";]"));
  // A value without an enumerator is printed as a cast.
  if (text.front() == '(')
    return {};
  return text.substr(text.rfind(':') + 1);
}

namespace detail {

template <class Enum, std::size_t... Is>
std::vector<std::string_view> enumerators(std::index_sequence<Is...>) {
  std::vector<std::string_view> result;
  auto add = [&](std::string_view name) {
    if (!name.empty())
      result.push_back(name);
  };
  (add(identifier<static_cast<Enum>(Is)>()), ...);
  return result;
}

} // namespace detail

/// The identifiers of all enumerators with values from 0 to 63, in order. It
/// does not look at any list of names, so it can check one.
template <class Enum>
std::vector<std::string_view> enumerators() {
  return detail::enumerators<Enum>(std::make_index_sequence<64>{});
}

} // namespace vmsystem::test
