#include "vmsystem/engine/host_functions.hpp"

#include "vmsystem/engine/console.hpp"
#include "vmsystem/engine/guest.hpp"
#include "vmsystem/engine/supervision.hpp"

#include <chrono>
#include <mutex>

namespace vmsystem::engine::detail {

namespace {

wasm_rt_funcref_table_t table{};
host_function_index indices;

uint64_t console_function(Z_qw_instance_t* instance, uint32_t, uint64_t,
                          uint32_t argument_count, uint32_t arguments,
                          uint32_t method) {
  return guest::as_host([=] {
    return call_console(*instance->Z_env_instance->owner, argument_count,
                        arguments, method);
  });
}

double milliseconds_now() {
  using milliseconds = std::chrono::duration<double, std::milli>;
  return milliseconds{std::chrono::steady_clock::now().time_since_epoch()}
    .count();
}

js_value answer(guest& owner, js_value value, native_query query) {
  const auto context = owner.layout.prelude_context;
  switch (query) {
    case native_query::class_of:
      return make_value(js_tag::integer,
                        owner.call(Z_qwZ_JS_GetClassID, value));
    case native_query::proxy_target:
      return owner.call(Z_qwZ_JS_GetProxyTarget, context, value);
    case native_query::promise_state:
      return make_value(js_tag::integer,
                        owner.call(Z_qwZ_JS_PromiseState, context, value));
    case native_query::promise_result:
      return owner.call(Z_qwZ_JS_PromiseResult, context, value);
    case native_query::now:
      return owner.call(Z_qwZ_JS_NewNumber, context, milliseconds_now());
  }
  return js_undefined;
}

uint64_t query_function(Z_qw_instance_t* instance, uint32_t, uint64_t,
                        uint32_t argument_count, uint32_t arguments,
                        uint32_t query) {
  return guest::as_host([=] {
    auto& owner = *instance->Z_env_instance->owner;
    const auto value
      = argument_count != 0 ? owner.read64(arguments) : js_undefined;
    return answer(owner, value, static_cast<native_query>(query));
  });
}

// The engine's JSON.stringify does not poll. It calls this with every key and
// value, and the value goes into the text.
uint64_t json_guard_function(Z_qw_instance_t* instance, uint32_t, uint64_t,
                             uint32_t argument_count, uint32_t arguments,
                             uint32_t) {
  return guest::as_host([=] {
    auto& owner = *instance->Z_env_instance->owner;
    if (owner.active != nullptr && owner.active->count_json_value())
      return owner.throw_stop();
    return argument_count > 1 ? owner.dup_value(owner.read64(arguments + 8))
                              : js_undefined;
  });
}

/// The engine's type of a native function with a magic number.
using magic_function = uint64_t (*)(Z_qw_instance_t*, uint32_t, uint64_t,
                                    uint32_t, uint32_t, uint32_t);

uint32_t add(magic_function function) {
  static const auto type
    = wasm_rt_register_func_type(5, 1, WASM_RT_I32, WASM_RT_I64, WASM_RT_I32,
                                 WASM_RT_I32, WASM_RT_I32, WASM_RT_I64);
  auto& entry = table.data[table.size];
  entry.func_type = type;
  entry.func = reinterpret_cast<wasm_rt_function_ptr_t>(function);
  return table.size++;
}

} // namespace

void initialize_module() {
  static std::once_flag once;
  std::call_once(once, [] { Z_qw_init_module(); });
}

void share_function_table(Z_qw_instance_t& instance) {
  static std::once_flag once;
  auto& own = instance.w2c___indirect_function_table;
  bool taken = false;
  std::call_once(once, [&] {
    // Lives as long as the process: instances may.
    table = own;
    indices.console = add(console_function);
    indices.query = add(query_function);
    indices.json_guard = add(json_guard_function);
    taken = true;
  });
  if (!taken)
    wasm_rt_free_funcref_table(&own);
  own = table;
}

const wasm_rt_funcref_table_t& shared_function_table() noexcept {
  return table;
}

const host_function_index& host_functions() noexcept {
  return indices;
}

} // namespace vmsystem::engine::detail
