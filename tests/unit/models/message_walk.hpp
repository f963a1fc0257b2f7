#pragma once

#include "vmsystem/models/enum_names.hpp"
#include "vmsystem/models/json_text.hpp"

#include <boost/core/demangle.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

namespace vmsystem::test {

/// What a message is made of in the end.
template <class T>
inline constexpr bool is_leaf_v
  = std::is_arithmetic_v<
      T> || std::is_enum_v<T> || std::is_same_v<T, std::string>;

/// Visits all leaves of a message in order, however deep they are. A member of
/// a type that is neither a leaf, a list nor inspectable does not compile.
template <class Visit>
class message_walker {
public:
  using result_type = void;

  explicit message_walker(Visit visit) : visit_{std::move(visit)} {}

  template <class... Ts>
  void operator()(Ts&... members) {
    (walk(members), ...);
  }

  template <class T>
  void walk(T& x) {
    visit_(x);
    if constexpr (!is_leaf_v<T>)
      inspect(*this, x);
  }

  template <class T>
  void walk(std::vector<T>& xs) {
    visit_(xs);
    for (auto& x : xs)
      walk(x);
  }

  template <class T, std::size_t N>
  void walk(std::array<T, N>& xs) {
    for (auto& x : xs)
      walk(x);
  }

private:
  Visit visit_;
};

template <class T, class Visit>
void walk(T& message, Visit visit) {
  message_walker<Visit>{std::move(visit)}.walk(message);
}

/// Gives every leaf a value of its own that is not its default, and every list
/// two elements.
class filler {
public:
  void operator()(bool& x) {
    x = !x;
  }
  void operator()(std::string& x) {
    x = "text " + std::to_string(++count_);
  }
  template <class T>
  void operator()(T& x) {
    if constexpr (std::is_enum_v<T>) {
      const auto names = enum_names<T>::value.size();
      const auto step = 1 + ++count_ % (names - 1);
      x = static_cast<T>((static_cast<std::size_t>(x) + step) % names);
    } else if constexpr (std::is_arithmetic_v<T>) {
      x = static_cast<T>(++count_);
    }
  }
  template <class T>
  void operator()(std::vector<T>& x) {
    x.resize(2);
  }

private:
  std::size_t count_ = 0;
};

/// A message with no default values in it.
template <class T>
T filled() {
  T result{};
  walk(result, filler{});
  return result;
}

/// All leaves as texts, in order.
template <class T>
std::vector<std::string> leaves_of(T& message) {
  std::vector<std::string> result;
  walk(message, [&](auto& x) {
    using type = std::decay_t<decltype(x)>;
    if constexpr (std::is_same_v<type, std::string>)
      result.push_back(x);
    else if constexpr (is_leaf_v<type>)
      result.push_back(std::to_string(static_cast<int64_t>(x)));
  });
  return result;
}

/// The names of the types of all leaves below `T` that are floating numbers.
template <class T>
std::vector<std::string> floating_leaves_of() {
  std::vector<std::string> result;
  auto message = filled<T>();
  walk(message, [&](auto& x) {
    using type = std::decay_t<decltype(x)>;
    if constexpr (std::is_floating_point_v<type>)
      result.push_back(boost::core::demangle(typeid(type).name()));
  });
  return result;
}

/// Counts the members that `inspect` passes on.
struct inspected_counter {
  using result_type = std::size_t;

  template <class... Ts>
  std::size_t operator()(Ts&...) {
    return sizeof...(Ts);
  }
};

namespace detail {

/// Stands for a value of any type in an initializer that is not evaluated.
struct anything {
  template <class T>
  operator T() const;
};

template <std::size_t>
using anything_at = anything;

template <class T, class Indexes, class = void>
struct takes : std::false_type {};

template <class T, std::size_t... Is>
struct takes<T, std::index_sequence<Is...>,
             std::void_t<decltype(T{anything_at<Is>{}...})>> : std::true_type {
};

} // namespace detail

/// The number of members of an aggregate.
template <class T, std::size_t Most = 24>
constexpr std::size_t member_count() {
  static_assert(std::is_aggregate_v<T>);
  if constexpr (detail::takes<T, std::make_index_sequence<Most>>::value)
    return Most;
  else if constexpr (Most > 0)
    return member_count<T, Most - 1>();
  else
    return 0;
}

/// The types in a message whose `inspect` leaves a member out.
template <class T>
std::vector<std::string> types_with_hidden_members() {
  std::vector<std::string> result;
  auto message = filled<T>();
  walk(message, [&](auto& x) {
    using type = std::decay_t<decltype(x)>;
    if constexpr (!is_leaf_v<type> && std::is_aggregate_v<type>) {
      inspected_counter counter;
      if (inspect(counter, x) != member_count<type>())
        result.push_back(boost::core::demangle(typeid(type).name()));
    }
  });
  return result;
}

} // namespace vmsystem::test
