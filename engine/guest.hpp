#pragma once

#include "vmsystem/engine/page_ledger.hpp"
#include "vmsystem/engine/value.hpp"
#include "vmsystem/engine/wasm/module.hpp"
#include "vmsystem/models/settings.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace vmsystem::engine::detail {

class host_calls;
class module_calls;
class supervision;
class surroundings;
class timer_queue;

/// Where things are in the guest's memory; found while an image is built.
struct guest_layout {
  /// Value of the engine's stack pointer between calls.
  uint32_t stack_pointer = 0;
  /// Memory below it that is stack, and bytes of all that is no heap.
  uint32_t stack_bottom = 0;
  uint32_t stack_bytes = 0;
  /// The scripts' realm.
  uint32_t context = 0;
  uint32_t runtime = 0;
  /// The realm of the prelude, which scripts cannot reach.
  uint32_t prelude_context = 0;

  /// 64 KiB pages of the image, and the most that a clone may have.
  uint32_t pages = 0;
  uint32_t max_pages = 0;

  /// Counter of allocated bytes that the memory limit is about (u32).
  uint32_t memory_used = 0;
  /// The generator's state behind `Math.random` (u64).
  uint32_t random_state = 0;
  /// Head of the list of pending jobs: next and previous (u32 each).
  uint32_t job_list = 0;
  /// What the prelude takes for the value of a property that it may not read.
  js_value accessor_marker = js_undefined;
  /// ... and of one that is not there.
  js_value absent_marker = js_undefined;
  /// 64 bytes that calls pass arguments and second results in.
  uint32_t scratch = 0;
  /// Depth of `console.group` (u32).
  uint32_t group_depth = 0;
  /// Replacer for `JSON.stringify`; see `host_functions.hpp`.
  js_value json_guard = js_undefined;
  /// "interrupted" with its zero.
  uint32_t interrupted_text = 0;

  /// The prelude's functions.
  js_value inspect = js_undefined;
  js_value describe_error = js_undefined;
  /// For each of `console_methods`, what makes text of its arguments.
  std::array<js_value, 18> console_formatters{};

  /// The module loader's functions: what ES modules get of others, and the
  /// completion value of an ES module.
  js_value import_names = js_undefined;
  js_value module_completion = js_undefined;

  /// Bytes of the memory limit.
  uint32_t memory_limit = 0;
  /// Bytes of the thread's own stack that a script may need.
  uint64_t native_stack_bytes = 0;
  /// What the template says of scripts.
  runtime_config language;
};

/// The engine's instance and its linear memory: how host code enters it, what
/// it may read, and how it ends. Everything that runs in it runs in `enter`.
///
/// Guest memory may be corrupt after a fault of the engine: no address or
/// length that comes from it is used without a check.
class guest {
public:
  guest() noexcept;

  /// Unmaps the memory.
  ~guest();

  guest(const guest&) = delete;

  guest& operator=(const guest&) = delete;

  // -- entering --------------------------------------------------------------

  /// Runs `body` so that a trap of what it calls ends `body`, and with it the
  /// guest. A trap runs no destructor: while it calls the guest, `body` owns
  /// nothing.
  /// @returns 0, or the trap's code; `dead` is true from then on.
  template <class Body>
  int enter(Body&& body) {
    using body_type = std::remove_reference_t<Body>;
    return enter_frame(
      [](void* argument) { (*static_cast<body_type*>(argument))(); }, &body);
  }

  /// Calls an export of the engine; inside of `enter` only.
  template <class Result, class... Parameters, class... Arguments>
  Result call(Result (*function)(Z_qw_instance_t*, Parameters...),
              Arguments... arguments) {
    vm_to_guest();
    if constexpr (std::is_void_v<Result>) {
      function(&module_, static_cast<Parameters>(arguments)...);
      vm_to_host();
    } else {
      Result result = function(&module_, static_cast<Parameters>(arguments)...);
      vm_to_host();
      return result;
    }
  }

  /// Runs the body of an import: in host mode, so that a kill waits for its
  /// end.
  template <class Body>
  static auto as_host(Body&& body) {
    vm_to_host();
    if constexpr (std::is_void_v<decltype(body())>) {
      body();
      vm_to_guest();
    } else {
      auto result = body();
      vm_to_guest();
      return result;
    }
  }

  /// Whether the calling thread is inside of a run: code of the host that a
  /// script called must not enter a guest.
  [[nodiscard]] static bool running_here() noexcept {
    return vm_this_thread.run != 0;
  }

  [[nodiscard]] bool dead() const noexcept {
    return trap_code_ != 0;
  }

  /// The code of the trap that ended it; 0 while it lives.
  [[nodiscard]] int trap_code() const noexcept {
    return trap_code_;
  }

  /// After its memory was restored: it lives again.
  void revive() noexcept {
    trap_code_ = 0;
  }

  // -- memory ----------------------------------------------------------------

  [[nodiscard]] Z_qw_instance_t& module() noexcept {
    return module_;
  }

  [[nodiscard]] uint8_t* memory() noexcept {
    return module_.w2c_memory.data;
  }

  [[nodiscard]] const uint8_t* memory() const noexcept {
    return module_.w2c_memory.data;
  }

  [[nodiscard]] uint32_t pages() const noexcept {
    return module_.w2c_memory.pages;
  }

  [[nodiscard]] bool in_range(uint32_t address, uint64_t bytes) const noexcept {
    return address + bytes <= module_.w2c_memory.size;
  }

  /// 0 outside of the memory.
  [[nodiscard]] uint32_t read32(uint32_t address) const noexcept;

  /// 0 outside of the memory.
  [[nodiscard]] uint64_t read64(uint32_t address) const noexcept;

  /// An argument of a call from the guest, of `count` at `address`; undefined
  /// for what was not passed.
  [[nodiscard]] js_value argument(uint32_t i, uint32_t count,
                                  uint32_t address) const noexcept {
    return i < count ? read64(address + 8 * i) : js_undefined;
  }

  /// Nothing happens outside of the memory.
  void write32(uint32_t address, uint32_t value) noexcept;

  void write64(uint32_t address, uint64_t value) noexcept;

  // -- values; inside of `enter` only ----------------------------------------

  /// Copies bytes and a zero into newly allocated memory.
  /// @returns the address, which `free_bytes` takes; 0 when there is no memory.
  [[nodiscard]] uint32_t copy_in(std::string_view bytes);

  void free_bytes(uint32_t address);

  void free_value(js_value value) {
    call(Z_qwZ_JS_FreeValue, layout.context, value);
  }

  [[nodiscard]] js_value dup_value(js_value value) {
    return call(Z_qwZ_JS_DupValue, layout.context, value);
  }

  /// A new string; an exception when there is no memory.
  [[nodiscard]] js_value new_string(std::string_view text);

  /// Appends at most `max_bytes` of a string's or number's text as valid
  /// UTF-8. Runs no code of the script for these types.
  /// @returns whether that worked; if not, no exception is left pending.
  bool append_text(js_value value, std::string& out,
                   std::size_t max_bytes = SIZE_MAX);

  /// Throws away a pending exception.
  void drop_exception();

  /// Throws what no script can catch.
  /// @returns the exception.
  js_value throw_stop();

  /// A property of an object; an exception is dropped and gives `undefined`.
  [[nodiscard]] js_value get(js_value object, const char* name);

  guest_layout layout;

  /// The run in progress; null between runs.
  supervision* active = nullptr;

  /// The functions of the host; null when the image has none.
  host_calls* calls = nullptr;

  /// Time and chance; null while an image is built.
  surroundings* outside = nullptr;

  /// The timers of scripts; null while an image is built.
  timer_queue* timers = nullptr;

  /// Where scripts load modules from; null while an image is built.
  module_calls* modules = nullptr;

  page_ledger own_pages;

private:
  int enter_frame(void (*body)(void*), void* argument) noexcept;

  Z_qw_instance_t module_{};
  Z_env_instance_t env_;
  Z_wasi_snapshot_preview1_instance_t wasi_;
  int trap_code_ = 0;
};

} // namespace vmsystem::engine::detail
