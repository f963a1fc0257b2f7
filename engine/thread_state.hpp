#pragma once

#include "vmsystem/engine/watchdog.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace vmsystem::engine::detail {

/// What scripts take of a thread's own stack: up to so many times as much as of
/// the engine's, and what the host uses beside.
inline constexpr uint64_t native_stack_ratio = 12;
inline constexpr uint64_t host_stack_bytes = 512u << 10;

/// What a guarded thread keeps from run to run.
class thread_state {
public:
  /// The calling thread's; null without a guard.
  [[nodiscard]] static thread_state* current() noexcept;

  /// A number for the next run, never 0.
  [[nodiscard]] uint32_t next_run() noexcept {
    if (++last_run_ == 0)
      ++last_run_;
    return last_run_;
  }

  [[nodiscard]] watch_slot& watch() noexcept {
    return watch_;
  }

  /// Size of the thread's own stack.
  std::size_t stack_bytes = 0;

  /// The processor time at which something that is not the present run was
  /// last known to have ended; a lower bound of the run's start.
  std::chrono::nanoseconds cpu_mark{};

private:
  watch_slot watch_;
  uint32_t last_run_ = 0;
};

} // namespace vmsystem::engine::detail
