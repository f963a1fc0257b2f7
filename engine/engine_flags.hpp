#pragma once

#include <cstdint>

// Flags of the engine's functions.

namespace vmsystem::engine::detail {

/// `JS_Eval`: what the text is, and that it is not run.
inline constexpr uint32_t eval_module = 1u << 0;
inline constexpr uint32_t eval_strict = 1u << 3;
inline constexpr uint32_t eval_compile_only = 1u << 5;

/// `JS_WriteObject` and `JS_ReadObject`: with functions; the former also
/// without their text.
inline constexpr uint32_t object_bytecode = 1u << 0;
inline constexpr uint32_t object_strip_source = 1u << 4;

/// `JS_DefinePropertyValue` and the like: configurable, writable, enumerable.
inline constexpr uint32_t plain_property = 7;

} // namespace vmsystem::engine::detail
