#include "vmsystem/engine/host_functions.hpp"

#include "vmsystem/engine/console.hpp"
#include "vmsystem/engine/globals.hpp"
#include "vmsystem/engine/guest.hpp"
#include "vmsystem/engine/host_calls.hpp"
#include "vmsystem/engine/modules/module_calls.hpp"
#include "vmsystem/engine/supervision.hpp"

#include <chrono>
#include <mutex>
#include <string_view>

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

uint64_t host_function_of_table(Z_qw_instance_t* instance, uint32_t, uint64_t,
                                uint32_t argument_count, uint32_t arguments,
                                uint32_t index) {
  return guest::as_host([=] {
    auto& owner = *instance->Z_env_instance->owner;
    return owner.calls == nullptr
             ? js_undefined
             : owner.calls->call(owner, argument_count, arguments, index);
  });
}

uint64_t global_function(Z_qw_instance_t* instance, uint32_t, uint64_t,
                         uint32_t argument_count, uint32_t arguments,
                         uint32_t which) {
  return guest::as_host([=] {
    return call_native_global(*instance->Z_env_instance->owner, argument_count,
                              arguments, static_cast<native_global>(which));
  });
}

double milliseconds_now() {
  using milliseconds = std::chrono::duration<double, std::milli>;
  return milliseconds{std::chrono::steady_clock::now().time_since_epoch()}
    .count();
}

/// The flag of an accessor in the engine's property descriptor, which has the
/// flags, the value, the getter and the setter.
constexpr uint32_t accessor_flag = 1u << 4;

js_value own_value(guest& owner, js_value object, js_value key) {
  const auto& layout = owner.layout;
  const auto context = layout.prelude_context;
  const auto atom = owner.call(Z_qwZ_JS_ValueToAtom, context, key);
  const auto found = owner.call(Z_qwZ_JS_GetOwnProperty, context,
                                layout.scratch, object, atom);
  owner.call(Z_qwZ_JS_FreeAtom, context, atom);
  if (static_cast<int32_t>(found) < 0)
    return js_exception;
  if (found == 0)
    return owner.dup_value(layout.absent_marker);
  const auto value = owner.read64(layout.scratch + 8);
  if ((owner.read32(layout.scratch) & accessor_flag) == 0)
    return value;
  const auto getter = owner.read64(layout.scratch + 16);
  const auto setter = owner.read64(layout.scratch + 24);
  owner.free_value(getter);
  owner.free_value(setter);
  return owner.dup_value(layout.accessor_marker);
}

uint32_t kind_of_text(std::string_view text) {
  const auto is_letter = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  bool identifier
    = !text.empty() && is_letter(static_cast<unsigned char>(text.front()));
  bool escapes = false;
  unsigned char last = 0;
  for (const char byte : text) {
    const auto c = static_cast<unsigned char>(byte);
    identifier = identifier && (is_letter(c) || (c >= '0' && c <= '9'));
    // Control characters (also U+0080 to U+009F), quotes, lone surrogates.
    escapes = escapes || c < 0x20 || c == '\'' || c == '\\' || c == 0x7f
              || (last == 0xc2 && c < 0xa0) || (last == 0xed && c >= 0xa0);
    last = c;
  }
  return (identifier ? text_is_identifier : 0u)
         | (escapes ? text_needs_escapes : 0u);
}

js_value text_kind_of(guest& owner, js_value value) {
  const auto context = owner.layout.prelude_context;
  const auto text = owner.call(Z_qwZ_JS_ToCStringLen2, context,
                               owner.layout.scratch, value, 0);
  if (text == 0)
    return js_exception;
  const auto size = owner.read32(owner.layout.scratch);
  uint32_t kind = text_needs_escapes;
  if (owner.in_range(text, size))
    kind = kind_of_text(
      {reinterpret_cast<const char*>(owner.memory()) + text, size});
  owner.call(Z_qwZ_JS_FreeCString, context, text);
  return make_value(js_tag::integer, kind);
}

js_value answer(guest& owner, js_value value, js_value key,
                native_query query) {
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
    case native_query::own_value:
      return own_value(owner, value, key);
    case native_query::text_kind:
      return text_kind_of(owner, value);
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
    const auto key
      = argument_count > 1 ? owner.read64(arguments + 8) : js_undefined;
    return answer(owner, value, key, static_cast<native_query>(query));
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

uint64_t module_query_function(Z_qw_instance_t* instance, uint32_t, uint64_t,
                               uint32_t argument_count, uint32_t arguments,
                               uint32_t query) {
  return guest::as_host([=] {
    auto& owner = *instance->Z_env_instance->owner;
    return owner.modules == nullptr
             ? js_undefined
             : owner.modules->call(owner, argument_count, arguments,
                                   static_cast<module_query>(query));
  });
}

uint32_t module_normalize_function(Z_qw_instance_t* instance, uint32_t,
                                   uint32_t base, uint32_t name, uint32_t) {
  return guest::as_host([=] {
    auto& owner = *instance->Z_env_instance->owner;
    return owner.modules == nullptr
             ? 0u
             : owner.modules->normalize(owner, base, name);
  });
}

uint32_t module_load_function(Z_qw_instance_t* instance, uint32_t,
                              uint32_t name, uint32_t) {
  return guest::as_host([=] {
    auto& owner = *instance->Z_env_instance->owner;
    return owner.modules == nullptr ? 0u : owner.modules->load(owner, name);
  });
}

uint32_t module_exports_function(Z_qw_instance_t* instance, uint32_t,
                                 uint32_t module) {
  return guest::as_host([=] {
    return initialize_module_exports(*instance->Z_env_instance->owner, module);
  });
}

/// The engine's type of a native function with a magic number.
using magic_function = uint64_t (*)(Z_qw_instance_t*, uint32_t, uint64_t,
                                    uint32_t, uint32_t, uint32_t);

template <class Function>
uint32_t add(uint32_t type, Function* function) {
  auto& entry = table.data[table.size];
  entry.func_type = type;
  entry.func = reinterpret_cast<wasm_rt_function_ptr_t>(function);
  return table.size++;
}

uint32_t add(magic_function function) {
  static const auto type
    = wasm_rt_register_func_type(5, 1, WASM_RT_I32, WASM_RT_I64, WASM_RT_I32,
                                 WASM_RT_I32, WASM_RT_I32, WASM_RT_I64);
  return add(type, function);
}

/// Adds what the engine calls to load modules.
void add_module_callbacks() {
  indices.module_normalize
    = add(wasm_rt_register_func_type(4, 1, WASM_RT_I32, WASM_RT_I32,
                                     WASM_RT_I32, WASM_RT_I32, WASM_RT_I32),
          module_normalize_function);
  indices.module_load
    = add(wasm_rt_register_func_type(3, 1, WASM_RT_I32, WASM_RT_I32,
                                     WASM_RT_I32, WASM_RT_I32),
          module_load_function);
  indices.module_exports
    = add(wasm_rt_register_func_type(2, 1, WASM_RT_I32, WASM_RT_I32,
                                     WASM_RT_I32),
          module_exports_function);
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
    indices.host_call = add(host_function_of_table);
    indices.query = add(query_function);
    indices.global = add(global_function);
    indices.json_guard = add(json_guard_function);
    indices.module_query = add(module_query_function);
    add_module_callbacks();
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
