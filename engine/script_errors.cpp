#include "vmsystem/engine/script_errors.hpp"

namespace vmsystem::engine::detail {

namespace {

/// Configurable and writable, like an error's own `message`.
constexpr uint32_t hidden_property = 3;

/// Sets an own property; what cannot be set is left out.
void set_text(guest& owner, js_value object, const char* name,
              std::string_view text) {
  const auto key = owner.copy_in(name);
  const auto value = key == 0 ? js_exception : owner.new_string(text);
  if (!is_exception(value)) {
    const auto set
      = owner.call(Z_qwZ_JS_DefinePropertyValueStr, owner.layout.context,
                   object, key, value, hidden_property);
    if (static_cast<int32_t>(set) < 0)
      owner.drop_exception();
  } else if (key != 0) {
    owner.drop_exception();
  }
  owner.free_bytes(key);
}

} // namespace

js_value throw_text(guest& owner, thrower kind, std::string_view text) {
  const auto format = owner.copy_in("%s");
  const auto argument = owner.copy_in(text);
  if (format == 0 || argument == 0) {
    owner.free_bytes(format);
    owner.free_bytes(argument);
    return owner.call(Z_qwZ_JS_ThrowOutOfMemory, owner.layout.context);
  }
  owner.write32(owner.layout.scratch, argument);
  const auto thrown
    = owner.call(kind, owner.layout.context, format, owner.layout.scratch);
  owner.free_bytes(argument);
  owner.free_bytes(format);
  return thrown;
}

// What is thrown carries the script's stack.
js_value new_error(guest& owner, std::string_view message,
                   std::string_view code) {
  throw_text(owner, Z_qwZ_JS_ThrowPlainError, message);
  const auto error = owner.call(Z_qwZ_JS_GetException, owner.layout.context);
  if (!is_object(error))
    return owner.call(Z_qwZ_JS_Throw, owner.layout.context, error);
  set_text(owner, error, "message", message);
  set_text(owner, error, "code", code);
  return error;
}

js_value throw_error(guest& owner, std::string_view message,
                     std::string_view code) {
  const auto error = new_error(owner, message, code);
  return is_exception(error)
           ? error
           : owner.call(Z_qwZ_JS_Throw, owner.layout.context, error);
}

} // namespace vmsystem::engine::detail
