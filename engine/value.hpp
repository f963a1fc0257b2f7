#pragma once

#include <cstdint>
#include <cstring>

namespace vmsystem::engine::detail {

/// A value of the guest, NaN-boxed into 64 bits as the engine does it on 32-bit
/// machines: a tag in the upper half, or a shifted double.
using js_value = uint64_t;

/// What a value is; everything at or above `float64` is a double.
enum class js_tag : int32_t {
  bigint = -9,
  symbol = -8,
  string = -7,
  rope = -6,
  module = -3,
  function_bytecode = -2,
  object = -1,
  integer = 0,
  boolean = 1,
  null = 2,
  undefined = 3,
  exception = 6,
  short_bigint = 7,
  float64 = 8,
};

inline constexpr int32_t first_js_tag = -9;

[[nodiscard]] constexpr js_value make_value(js_tag tag,
                                            uint32_t payload = 0) noexcept {
  return (static_cast<uint64_t>(static_cast<uint32_t>(tag)) << 32) | payload;
}

inline constexpr js_value js_undefined = make_value(js_tag::undefined);
inline constexpr js_value js_exception = make_value(js_tag::exception);

[[nodiscard]] constexpr js_tag tag_of(js_value value) noexcept {
  const auto tag = static_cast<uint32_t>(value >> 32);
  const auto distance = tag - static_cast<uint32_t>(first_js_tag);
  constexpr auto doubles = static_cast<uint32_t>(
    static_cast<int32_t>(js_tag::float64) - first_js_tag);
  return distance >= doubles ? js_tag::float64
                             : static_cast<js_tag>(static_cast<int32_t>(tag));
}

/// The lower half: an integer, a boolean or an address.
[[nodiscard]] constexpr uint32_t payload_of(js_value value) noexcept {
  return static_cast<uint32_t>(value);
}

[[nodiscard]] constexpr int32_t integer_of(js_value value) noexcept {
  return static_cast<int32_t>(payload_of(value));
}

/// The double of a value whose tag is `float64`.
[[nodiscard]] inline double double_of(js_value value) noexcept {
  constexpr uint64_t shift
    = 0x7ff80000u - static_cast<uint32_t>(first_js_tag) + 1u;
  const uint64_t bits = value + (shift << 32);
  double result = 0;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}

/// Whether it is the boolean `true`.
[[nodiscard]] constexpr bool is_true(js_value value) noexcept {
  return tag_of(value) == js_tag::boolean && payload_of(value) != 0;
}

[[nodiscard]] constexpr bool is_string(js_value value) noexcept {
  return tag_of(value) == js_tag::string || tag_of(value) == js_tag::rope;
}

[[nodiscard]] constexpr bool is_object(js_value value) noexcept {
  return tag_of(value) == js_tag::object;
}

[[nodiscard]] constexpr bool is_exception(js_value value) noexcept {
  return tag_of(value) == js_tag::exception;
}

} // namespace vmsystem::engine::detail
