#pragma once

#include "vmsystem/engine/wasm/module.hpp"

#include <cstdint>

namespace vmsystem::engine::detail {

/// Functions of ours that the guest calls through its function table, as if
/// they were its own: 10 ns instead of the 110 ns of the import for that.
struct host_function_index {
  /// Methods of `console`; the magic number is the method.
  uint32_t console = 0;
  /// Replacer of `JSON.stringify` that keeps it to its limits.
  uint32_t json_guard = 0;
  /// What the prelude asks of the engine; the magic number is a `native_query`.
  uint32_t query = 0;
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
