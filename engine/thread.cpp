#include "vmsystem/engine/thread.hpp"

#include "vmsystem/engine/image.hpp"
#include "vmsystem/engine/thread_state.hpp"
#include "vmsystem/engine/wasm/runtime.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

namespace vmsystem::engine {

namespace {

constexpr std::size_t signal_stack_bytes = 64u << 10;

thread_local detail::thread_state* this_thread = nullptr;

struct stack_bounds {
  char* low = nullptr;
  std::size_t size = 0;
  std::size_t guard = 0;
};

bool find_stack(stack_bounds& bounds) {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0)
    return false;
  void* low = nullptr;
  const bool found
    = pthread_attr_getstack(&attributes, &low, &bounds.size) == 0
      && pthread_attr_getguardsize(&attributes, &bounds.guard) == 0;
  pthread_attr_destroy(&attributes);
  bounds.low = static_cast<char*>(low);
  return found;
}

} // namespace

namespace detail {

thread_state* thread_state::current() noexcept {
  return this_thread;
}

} // namespace detail

struct thread_guard::impl {
  detail::thread_state state;
  void* signal_stack = MAP_FAILED;
  stack_t old_signal_stack{};

  impl() = default;

  impl(const impl&) = delete;

  impl& operator=(const impl&) = delete;

  ~impl() {
    if (signal_stack == MAP_FAILED)
      return;
    this_thread = nullptr;
    vm_this_thread.stack_low = nullptr;
    sigaltstack(&old_signal_stack, nullptr);
    munmap(signal_stack, signal_stack_bytes);
  }

  bool install() {
    signal_stack = mmap(nullptr, signal_stack_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (signal_stack == MAP_FAILED)
      return false;
    stack_t stack{};
    stack.ss_sp = signal_stack;
    stack.ss_size = signal_stack_bytes;
    return sigaltstack(&stack, &old_signal_stack) == 0;
  }
};

expected<thread_guard> thread_guard::make() {
  if (present())
    return fail(ec::internal, "the thread has an engine guard already");
  stack_bounds stack;
  if (!find_stack(stack))
    return fail(ec::internal, "the thread's stack cannot be found");
  if (stack.size < min_thread_stack_bytes)
    return fail(ec::internal,
                "the thread's stack has " + std::to_string(stack.size >> 10)
                  + " KiB; the engine needs "
                  + std::to_string(min_thread_stack_bytes >> 10) + " KiB");
  auto state = std::make_unique<impl>();
  if (!state->install())
    return fail(ec::internal,
                std::string{"no signal stack: "} + std::strerror(errno));
  vm_install_handlers();
  vm_this_thread.stack_low = stack.low;
  vm_this_thread.stack_guard = stack.guard;
  state->state.stack_bytes = stack.size;
  this_thread = &state->state;
  return thread_guard{std::move(state)};
}

thread_guard::thread_guard(std::unique_ptr<impl> state) noexcept
  : impl_{std::move(state)} {}

thread_guard::thread_guard(thread_guard&&) noexcept = default;

thread_guard& thread_guard::operator=(thread_guard&&) noexcept = default;

thread_guard::~thread_guard() = default;

bool thread_guard::present() noexcept {
  return this_thread != nullptr;
}

uint32_t thread_guard::most_stack_kb() noexcept {
  if (this_thread == nullptr)
    return 0;
  const auto bytes = (this_thread->stack_bytes - detail::host_stack_bytes)
                     / detail::native_stack_ratio;
  return std::min(static_cast<uint32_t>(bytes >> 10), max_stack_kb);
}

} // namespace vmsystem::engine
