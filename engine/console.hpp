#pragma once

#include "vmsystem/engine/guest.hpp"
#include "vmsystem/models/event.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace vmsystem::engine::detail {

/// A method of the scripts' `console`.
struct console_method {
  const char* name;
  /// The level of the lines that it prints.
  console_level level;
};

/// All methods. The prelude has a function for each, in the same order, that
/// turns arguments into text.
inline constexpr std::array<console_method, 18> console_methods{{
  {"log", console_level::log},
  {"info", console_level::info},
  {"warn", console_level::warn},
  {"error", console_level::error},
  {"debug", console_level::debug},
  {"trace", console_level::error},
  {"assert", console_level::warn},
  {"dir", console_level::log},
  {"dirxml", console_level::log},
  {"table", console_level::log},
  {"group", console_level::log},
  {"groupCollapsed", console_level::log},
  {"groupEnd", console_level::log},
  {"count", console_level::log},
  {"countReset", console_level::warn},
  {"time", console_level::warn},
  {"timeLog", console_level::log},
  {"timeEnd", console_level::log},
}};

/// Methods from `log` to `debug`, which format their arguments and no more.
inline constexpr uint32_t plain_console_methods = 5;

/// Methods whose calls indent the lines after them, and the one that ends it.
inline constexpr uint32_t console_group = 10;
inline constexpr uint32_t console_group_collapsed = 11;
inline constexpr uint32_t console_group_end = 12;

/// Implements the console's functions; see `host_functions.hpp`.
uint64_t call_console(guest& owner, uint32_t argument_count, uint32_t arguments,
                      uint32_t method);

} // namespace vmsystem::engine::detail
