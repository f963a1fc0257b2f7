#pragma once

#include "vmsystem/engine/run.hpp"

#include <chrono>
#include <cstdint>
#include <memory>

namespace vmsystem::engine::detail {

using clock = std::chrono::steady_clock;

/// What one run promises to keep.
struct watched_run {
  /// Number of the run on its thread, never 0.
  uint32_t number = 0;
  clock::time_point start;
  clock::time_point deadline;
  std::chrono::nanoseconds cpu_limit{};
  /// May be null.
  const run_control* control = nullptr;
};

/// How long after a limit or a request the watchdog waits for the script to
/// notice by itself.
inline constexpr std::chrono::milliseconds watchdog_grace{60};

/// The place of one thread in the watchdog's list. The watchdog is one thread
/// for the process. It looks at the places every 20 ms while scripts run,
/// sleeps while none does, and sends `VM_SIGNAL_KILL` to a thread whose run is
/// `watchdog_grace` over a limit.
class watch_slot {
public:
  /// Adds the calling thread.
  watch_slot();

  /// Called on the thread that made it.
  ~watch_slot();

  watch_slot(const watch_slot&) = delete;

  watch_slot& operator=(const watch_slot&) = delete;

  /// From here on `run` is watched, in place of any other.
  void begin(const watched_run& run);

  /// From here on nothing is watched. When it returns, the watchdog no longer
  /// looks at the run's `control`.
  void end();

  struct impl;

private:
  std::unique_ptr<impl> impl_;
};

} // namespace vmsystem::engine::detail
