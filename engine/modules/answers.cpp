#include "vmsystem/engine/modules/answers.hpp"

#include "vmsystem/engine/engine_flags.hpp"
#include "vmsystem/engine/supervision.hpp"

namespace vmsystem::engine::detail {

js_value list_of(guest& owner, js_value first) {
  const auto list = owner.call(Z_qwZ_JS_NewArray, owner.layout.prelude_context);
  if (is_object(list))
    append(owner, list, 0, first);
  return list;
}

bool append(guest& owner, js_value list, uint32_t at, js_value value) {
  return !is_exception(value)
         && static_cast<int32_t>(owner.call(Z_qwZ_JS_DefinePropertyValueUint32,
                                            owner.layout.prelude_context, list,
                                            at, value, plain_property))
              >= 0;
}

js_value item_of(guest& owner, js_value list, uint32_t at) {
  return owner.call(Z_qwZ_JS_GetPropertyUint32, owner.layout.prelude_context,
                    list, at);
}

js_value new_bytes(guest& owner, std::string_view bytes) {
  const auto context = owner.layout.context;
  const auto address = owner.copy_in(bytes);
  const auto value
    = address == 0 ? owner.call(Z_qwZ_JS_ThrowOutOfMemory, context)
                   : owner.call(Z_qwZ_JS_NewUint8ArrayCopy, context, address,
                                static_cast<uint32_t>(bytes.size()));
  owner.free_bytes(address);
  return value;
}

std::optional<std::string_view> bytes_of(guest& owner, js_value value) {
  const auto address = owner.call(Z_qwZ_JS_GetUint8Array, owner.layout.context,
                                  owner.layout.scratch, value);
  const auto size = owner.read32(owner.layout.scratch);
  if (address != 0 && owner.in_range(address, size))
    return std::string_view{
      reinterpret_cast<const char*>(owner.memory()) + address, size};
  owner.drop_exception();
  return std::nullopt;
}

std::function<bool()> stop_of(guest& owner) {
  return [&owner] { return owner.active != nullptr && owner.active->poll(); };
}

bool was_stopped(const guest& owner) {
  return owner.active != nullptr
         && owner.active->stop_reason() != end_reason::ok;
}

} // namespace vmsystem::engine::detail
