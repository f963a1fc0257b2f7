#pragma once

#include "vmsystem/engine/guest.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

// What the host's modules have in common: values that they take from the
// guest and give to it. Inside of `enter` only.

namespace vmsystem::engine::detail {

/// The first arguments of a call from the guest.
template <std::size_t Count>
[[nodiscard]] std::array<js_value, Count>
take_arguments(const guest& owner, uint32_t count, uint32_t address) {
  std::array<js_value, Count> result{};
  for (uint32_t i = 0; i < Count; ++i)
    result[i] = owner.argument(i, count, address);
  return result;
}

/// A list of the prelude's realm with one item, which it consumes.
[[nodiscard]] js_value list_of(guest& owner, js_value first);

/// Puts a value, which it consumes, into a list that our own code made.
/// @returns whether there was memory for it.
bool append(guest& owner, js_value list, uint32_t at, js_value value);

/// An item of a list that our own code made, which `free_value` takes;
/// undefined when it is not there.
[[nodiscard]] js_value item_of(guest& owner, js_value list, uint32_t at);

/// A `Uint8Array` of the scripts' realm with these bytes; an exception when
/// there is no memory.
[[nodiscard]] js_value new_bytes(guest& owner, std::string_view bytes);

/// The bytes of a `Uint8Array`, in the guest's memory: valid until the guest
/// runs. Nothing when it is none.
[[nodiscard]] std::optional<std::string_view> bytes_of(guest& owner,
                                                       js_value value);

/// Whether the run in progress has to stop, asked by what goes on for long.
[[nodiscard]] std::function<bool()> stop_of(guest& owner);

/// Whether that was so.
[[nodiscard]] bool was_stopped(const guest& owner);

} // namespace vmsystem::engine::detail
