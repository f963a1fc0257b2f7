#pragma once

#include "vmsystem/engine/guest.hpp"
#include "vmsystem/engine/run.hpp"
#include "vmsystem/engine/thread_state.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem::engine::detail {

/// A rejected promise that nobody handles so far; both are owned.
struct rejection {
  js_value promise = js_undefined;
  js_value reason = js_undefined;
};

/// What a run that goes on did before.
struct run_so_far {
  clock::time_point start;
  std::chrono::nanoseconds cpu{};
  uint64_t peak_bytes = 0;
};

/// Holds one run to its limits: decides when it must stop and why, takes its
/// console lines, and measures it. The engine's interrupt asks it about every
/// 50 us; the watchdog stands behind it.
class supervision {
public:
  supervision(guest& owner, thread_state& thread, const run_options& options);

  /// Of a run that goes on after it waited.
  supervision(guest& owner, thread_state& thread, const run_options& options,
              const run_so_far& before);

  ~supervision();

  supervision(const supervision&) = delete;

  supervision& operator=(const supervision&) = delete;

  /// Checks every limit but those of output, and between `begin_host` and
  /// `end_host` but that of processor time.
  /// @returns whether the script must stop.
  bool poll() noexcept;

  /// Why the script must stop; `ok` while it may go on.
  [[nodiscard]] end_reason stop_reason() const noexcept {
    return stop_;
  }

  /// Passes a console line on.
  /// @returns whether the script must stop.
  bool print(console_level level, std::string_view text) noexcept;

  /// From here to `end_host`, code of the host runs or sleeps in the run's
  /// place: its processor time does not count, and the watchdog looks away.
  void begin_host() noexcept;

  void end_host();

  /// When the run has to end.
  [[nodiscard]] clock::time_point deadline() const noexcept {
    return deadline_;
  }

  /// Ends the part of the run that the limits are about. What follows is our
  /// own rendering and cleaning: it prints nothing, and has a budget.
  void begin_rendering();

  /// Whether that part is over.
  [[nodiscard]] bool rendering() const noexcept {
    return phase_ == phase::rendering;
  }

  /// Allows this many values in a JSON text from now on.
  void limit_json(std::size_t max_values) noexcept {
    json_values_left_ = max_values;
  }

  /// Counts a value that becomes JSON.
  /// @returns whether it must not.
  bool count_json_value() noexcept {
    if (json_values_left_ == 0)
      return true;
    --json_values_left_;
    return json_values_left_ % 64 == 0 && poll();
  }

  /// Whether there were too many.
  [[nodiscard]] bool json_exceeded() const noexcept {
    return json_values_left_ == 0;
  }

  /// Gives the clean-up of a stopped run a fresh budget.
  void begin_cleaning();

  /// After a trap: why the run ended. A kill is for whatever limit it is over.
  [[nodiscard]] end_reason reason_of_trap(int trap_code) const noexcept;

  /// Notes how much memory the guest uses.
  void sample_memory() noexcept;

  /// Writes the figures of the run until now.
  void measure(run_outcome& outcome) noexcept;

  /// What another supervision goes on from. After `measure`.
  [[nodiscard]] const run_so_far& so_far() const noexcept {
    return so_far_;
  }

  /// The console line in the making; kept for its capacity.
  std::string line;

  /// At most 64 are kept; more are released unreported.
  std::vector<rejection> rejections;

private:
  enum class phase { running, rendering };

  /// @param since from when on `cpu_limit` counts.
  void watch(clock::time_point since, clock::time_point deadline,
             std::chrono::nanoseconds cpu_limit, const run_control* control);

  [[nodiscard]] end_reason over_limit(clock::time_point now) noexcept;

  /// Processor time of the run until now.
  std::chrono::nanoseconds cpu_used(clock::time_point now) noexcept;

  guest& guest_;
  thread_state& thread_;
  const run_options& options_;
  phase phase_ = phase::running;
  end_reason stop_ = end_reason::ok;
  /// Since when this thread is at it.
  clock::time_point start_;
  run_so_far so_far_;
  clock::time_point deadline_;
  /// What is left of the processor time.
  std::chrono::nanoseconds cpu_limit_;
  /// The time before which the processor limit cannot be reached.
  clock::time_point cpu_check_;
  std::optional<std::chrono::nanoseconds> cpu_start_;
  bool in_host_ = false;
  /// The thread's processor time when the host took over.
  std::chrono::nanoseconds host_start_{};
  uint32_t pages_at_start_;
  std::size_t json_values_left_ = 0;
};

/// The error message of a limit, such as `wall time limit of 100 ms exceeded`.
[[nodiscard]] std::string limit_text(end_reason reason,
                                     const run_options& options,
                                     uint32_t memory_limit_bytes);

} // namespace vmsystem::engine::detail
