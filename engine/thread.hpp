#pragma once

#include "vmsystem/models/failure.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace vmsystem::engine {

/// Native stack that a thread needs to run guest code, in bytes.
inline constexpr std::size_t min_thread_stack_bytes = 4u << 20;

/// Native stack with which a thread can run the scripts of any image, in bytes.
inline constexpr std::size_t max_thread_stack_bytes = 50u << 20;

/// Prepares the calling thread to run guest code: an alternate signal stack
/// and a place in the watchdog's list. One per thread, on the thread's own
/// stack; destroyed on the same thread. Instances may outlive it.
///
/// The first guard of the process installs handlers for SIGSEGV and SIGBUS,
/// which pass on every fault that is not the running guest's, and takes the
/// real-time signal SIGRTMIN+5 to interrupt guests that do not poll.
class thread_guard {
public:
  /// @returns the guard, or `ec::internal` when the thread's native stack is
  ///          smaller than `min_thread_stack_bytes` or has a guard already.
  [[nodiscard]] static expected<thread_guard> make();

  thread_guard(thread_guard&&) noexcept;

  thread_guard& operator=(thread_guard&&) noexcept;

  ~thread_guard();

  /// Whether the calling thread has a guard.
  [[nodiscard]] static bool present() noexcept;

  /// The most of `image_options::stack_kb` that the calling thread's stack is
  /// large enough for; 0 without a guard.
  [[nodiscard]] static uint32_t most_stack_kb() noexcept;

private:
  struct impl;

  explicit thread_guard(std::unique_ptr<impl> state) noexcept;

  std::unique_ptr<impl> impl_;
};

} // namespace vmsystem::engine
