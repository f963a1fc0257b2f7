#include "vmsystem/engine/guest.hpp"

#include "vmsystem/engine/memory_use.hpp"
#include "vmsystem/engine/utf8.hpp"
#include "vmsystem/engine/wasm/page_count.h"

#include <cstring>

#include <sys/mman.h>

namespace vmsystem::engine {

uint64_t linear_memory_bytes() noexcept {
  return vm_counted_pages() << 16;
}

namespace detail {

guest::guest() noexcept : env_{this}, wasi_{this} {
  module_.Z_env_instance = &env_;
  module_.Z_wasi_snapshot_preview1_instance = &wasi_;
}

guest::~guest() {
  auto& memory = module_.w2c_memory;
  if (memory.data == nullptr)
    return;
  munmap(memory.data, vm_reservation_bytes(memory.max_pages));
  vm_count_pages(-int64_t{memory.pages});
}

// Not inlined: what `body` works on lives in memory, not in registers that a
// jump would set back.
[[gnu::noinline]] int guest::enter_frame(void (*body)(void*),
                                         void* argument) noexcept {
  own_pages.entered();
  vm_use_memory(&module_.w2c_memory);
  vm_trap_frame frame;
  const int code = VM_TRAP_ENTER(&frame);
  if (code == 0) {
    body(argument);
    VM_TRAP_LEAVE(&frame);
    return 0;
  }
  trap_code_ = code;
  return code;
}

uint32_t guest::read32(uint32_t address) const noexcept {
  uint32_t value = 0;
  if (in_range(address, sizeof value))
    std::memcpy(&value, module_.w2c_memory.data + address, sizeof value);
  return value;
}

uint64_t guest::read64(uint32_t address) const noexcept {
  uint64_t value = 0;
  if (in_range(address, sizeof value))
    std::memcpy(&value, module_.w2c_memory.data + address, sizeof value);
  return value;
}

void guest::write32(uint32_t address, uint32_t value) noexcept {
  if (in_range(address, sizeof value))
    std::memcpy(module_.w2c_memory.data + address, &value, sizeof value);
}

void guest::write64(uint32_t address, uint64_t value) noexcept {
  if (in_range(address, sizeof value))
    std::memcpy(module_.w2c_memory.data + address, &value, sizeof value);
}

uint32_t guest::copy_in(std::string_view bytes) {
  if (bytes.size() > UINT32_MAX - 1)
    return 0;
  const auto size = static_cast<uint32_t>(bytes.size());
  const auto address = call(Z_qwZ_wasm_malloc, size + 1);
  if (address == 0 || !in_range(address, uint64_t{size} + 1))
    return 0;
  std::memcpy(memory() + address, bytes.data(), size);
  memory()[address + size] = 0;
  return address;
}

void guest::free_bytes(uint32_t address) {
  if (address != 0)
    call(Z_qwZ_wasm_free, address);
}

js_value guest::new_string(std::string_view text) {
  const auto bytes = copy_in(text);
  if (bytes == 0)
    return js_exception;
  const auto value = call(Z_qwZ_JS_NewStringLen, layout.context, bytes,
                          static_cast<uint32_t>(text.size()));
  free_bytes(bytes);
  return value;
}

bool guest::append_text(js_value value, std::string& out,
                        std::size_t max_bytes) {
  const auto text
    = call(Z_qwZ_JS_ToCStringLen2, layout.context, layout.scratch, value, 0);
  if (text == 0) {
    drop_exception();
    return false;
  }
  const auto size = read32(layout.scratch);
  if (in_range(text, size))
    append_valid_utf8(out,
                      {reinterpret_cast<const char*>(memory()) + text, size},
                      max_bytes);
  call(Z_qwZ_JS_FreeCString, layout.context, text);
  return true;
}

void guest::drop_exception() {
  free_value(call(Z_qwZ_JS_GetException, layout.context));
}

js_value guest::throw_stop() {
  // There is nothing to format: any address will do for the arguments.
  static_cast<void>(call(Z_qwZ_JS_ThrowInternalError, layout.context,
                         layout.interrupted_text, layout.scratch));
  const auto error = call(Z_qwZ_JS_GetException, layout.context);
  call(Z_qwZ_JS_SetUncatchableError, layout.context, error);
  return call(Z_qwZ_JS_Throw, layout.context, error);
}

js_value guest::get(js_value object, const char* name) {
  const auto key = copy_in(name);
  if (key == 0)
    return js_undefined;
  const auto value = call(Z_qwZ_JS_GetPropertyStr, layout.context, object, key);
  free_bytes(key);
  if (!is_exception(value))
    return value;
  drop_exception();
  return js_undefined;
}

} // namespace detail

} // namespace vmsystem::engine
