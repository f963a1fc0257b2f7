#pragma once

#include "vmsystem/engine/wasm/module.hpp"

#include <cstdint>

namespace vmsystem::engine::detail {

/// Functions of ours that the guest calls through its function table, as if
/// they were its own: 10 ns instead of the 110 ns of the import for that.
struct host_function_index {
  /// Methods of `console`; the magic number is the method.
  uint32_t console = 0;
  /// Functions of `host`; the magic number is the place in the image's table.
  uint32_t host_call = 0;
  /// What the globals ask of the host; the magic number is a `native_global`.
  uint32_t global = 0;
  /// Replacer of `JSON.stringify` that keeps it to its limits.
  uint32_t json_guard = 0;
  /// What the prelude asks of the engine; the magic number is a `native_query`.
  uint32_t query = 0;
  /// What the module loader asks of the host; the magic number is a
  /// `module_query`.
  uint32_t module_query = 0;
  /// Callbacks of the engine: the name of a module, its loader, and what fills
  /// the exports of one that is no ES module.
  uint32_t module_normalize = 0;
  uint32_t module_load = 0;
  uint32_t module_exports = 0;
};

/// What the prelude can ask.
enum class native_query : uint32_t {
  /// The number of the value's class; 0 for what is no object.
  class_of = 0,
  /// What a proxy stands for.
  proxy_target = 1,
  /// 0 pending, 1 fulfilled, 2 rejected.
  promise_state = 2,
  promise_result = 3,
  /// Milliseconds on the monotonic clock.
  now = 4,
  /// Of an object (not a proxy) and a key: the value of the object's own
  /// property; a marker of the prelude's when there is none, another one when
  /// it has a getter or a setter.
  own_value = 5,
  /// What a string is made of: bits of `text_kind`.
  text_kind = 6,
};

inline constexpr uint32_t native_query_count = 7;

/// Bits of the answer to `native_query::text_kind`.
enum text_kind : uint32_t {
  /// It can stand as a key without quotes.
  text_is_identifier = 1,
  /// It cannot stand between single quotes as it is.
  text_needs_escapes = 2,
};

/// Initialises the translated module, once per process; and gives `instance`,
/// which was just instantiated, the function table that all instances share.
void share_function_table(Z_qw_instance_t& instance);

/// Initialises the translated module, once per process.
void initialize_module();

/// The shared table; there is one as soon as there is an image.
[[nodiscard]] const wasm_rt_funcref_table_t& shared_function_table() noexcept;

/// Where the host's functions are in it.
[[nodiscard]] const host_function_index& host_functions() noexcept;

} // namespace vmsystem::engine::detail
