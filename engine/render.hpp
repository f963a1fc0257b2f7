#pragma once

#include "vmsystem/engine/guest.hpp"
#include "vmsystem/models/event.hpp"

#include <cstddef>
#include <cstdint>

namespace vmsystem::engine::detail {

/// Bounds of what is rendered, in bytes.
inline constexpr std::size_t max_preview_bytes = 4096;
inline constexpr std::size_t max_message_bytes = 8192;
inline constexpr std::size_t max_stack_bytes = 16384;

/// JSON nested deeper than this is left out: readers refuse it.
inline constexpr std::size_t max_json_depth = 500;

/// Makes what `JSON.stringify` returns acceptable to every reader: escapes of
/// lone surrogates become U+FFFD.
/// @returns whether it is nested at most `max_json_depth` deep.
[[nodiscard]] bool tidy_json(std::string& json);

/// Whether a value fitted.
enum class rendering : uint8_t { complete, too_long };

/// Fills `out` from a completion value. Never throws, and ends when the run's
/// supervision says so; what could not be had is left out. Inside of `enter`
/// only, and under `supervision::begin_rendering`.
/// @returns `too_long` when the JSON text is longer than `max_json_bytes`.
rendering render_value(guest& owner, js_value value, std::size_t max_json_bytes,
                       value_payload& out);

/// What the engine threw by itself.
enum class error_kind : uint8_t {
  other = 0,
  out_of_memory = 1,
  stack_overflow = 2,
  /// A declaration that clashes with one of an earlier script.
  redeclaration = 3,
  syntax = 4,
};

/// Fills `out` from a thrown value, under the conditions of `render_value`.
error_kind render_error(guest& owner, js_value error, exception_payload& out);

} // namespace vmsystem::engine::detail
