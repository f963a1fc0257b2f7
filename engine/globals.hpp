#pragma once

#include "vmsystem/engine/value.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace vmsystem::engine::detail {

class guest;

/// What the globals ask of the host. The names are those of the object that
/// the first file in `globals/` is called with.
enum class native_global : uint32_t {
  /// (function, milliseconds) -> id, or 0 when there are too many timers.
  start_timeout = 0,
  /// As `start_timeout`.
  start_interval = 1,
  /// (function) -> id.
  start_immediate = 2,
  /// (id)
  stop_timer = 3,
  /// (id, whether the run waits for it)
  hold_timer = 4,
  /// (string) -> an ArrayBuffer with its UTF-8.
  encode_utf8 = 5,
  /// (ArrayBuffer, offset, length) -> a string; undefined when it is not UTF-8.
  decode_utf8 = 6,
  /// (ArrayBuffer, offset, length)
  fill_random = 7,
  /// () -> milliseconds since the session's first run.
  now = 8,
  /// () -> when that was, in milliseconds since 1970.
  time_origin = 9,
  /// (name) -> the text of a built-in module.
  module_source = 10,
  /// (name, ArrayBuffer, offset, length) -> an ArrayBuffer with the digest;
  /// undefined when there is none of this name.
  digest = 11,
};

/// A function of the host under its name for the globals.
struct native_global_entry {
  const char* name;
  native_global which;
};

/// All of them.
[[nodiscard]] const std::vector<native_global_entry>& native_globals();

/// Implements them. Called by the guest.
[[nodiscard]] js_value call_native_global(guest& owner, uint32_t argument_count,
                                          uint32_t arguments,
                                          native_global which);

/// The texts of the files in `globals/`, which are compiled in, in the order in
/// which they are evaluated; `timers.js` says how.
[[nodiscard]] std::vector<std::string_view> globals_sources();

} // namespace vmsystem::engine::detail
