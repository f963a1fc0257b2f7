#pragma once

#include "vmsystem/models/end_reason.hpp"
#include "vmsystem/models/event.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vmsystem::engine {

/// Receives what a script prints, on the thread that runs it, while it runs.
class event_sink {
public:
  virtual ~event_sink() = default;

  /// Takes one console line, without a trailing line feed. `text` is valid
  /// UTF-8 and lives only as long as the call. Must not throw, and must not
  /// run any instance.
  /// @returns nothing to go on, or the reason for which the script stops at
  ///          once (`event_limit`, `output_limit`); it cannot catch that.
  virtual std::optional<end_reason> console(console_level level,
                                            std::string_view text) noexcept = 0;
};

/// How other threads stop a run. It outlives the run and may be used for one
/// run only.
class run_control {
public:
  /// Asks for the end of the run, for `cancelled` or `session_closed`. The
  /// first request wins. Any thread, any time; a run that ended ignores it.
  void request(end_reason reason) noexcept {
    auto none = end_reason::ok;
    requested_.compare_exchange_strong(none, reason, std::memory_order_relaxed);
    const std::lock_guard<std::mutex> guard{mutex_};
    if (wake_)
      wake_();
  }

  /// What was asked for; `ok` when nothing was.
  [[nodiscard]] end_reason requested() const noexcept {
    return requested_.load(std::memory_order_relaxed);
  }

  /// Calls `wake` with each request that comes after this, on the thread that
  /// makes it; null ends that, and no call is in progress when it returns. For
  /// a run that sleeps.
  void on_request(std::function<void()> wake) noexcept {
    const std::lock_guard<std::mutex> guard{mutex_};
    wake_ = std::move(wake);
  }

private:
  std::atomic<end_reason> requested_{end_reason::ok};
  std::mutex mutex_;
  std::function<void()> wake_;
};

/// What becomes of the function that a script is compiled to.
enum class compile_mode : uint8_t {
  /// It serves this run only.
  once,
  /// When the same script came before, not long ago, it is kept for the runs
  /// that follow: a script of up to 64 KiB that comes again and again is
  /// compiled once. The last 8 are kept, at the cost of the script's memory.
  keep,
  /// The script is compiled and kept, and does not run: for an image whose
  /// clones all run it.
  prepare,
};

/// What a script is to its session.
enum class script_role : uint8_t {
  /// Text that is no file; `require` and `import()` see the worktree's root.
  snippet,
  /// A file that sets a session up. It has no `module` and no `exports`, so
  /// that a library's file defines its global.
  startup_file,
  /// A file that runs.
  file,
};

/// One script and the limits that hold while it runs. Views need to live only
/// as long as the run.
struct run_options {
  /// The script as UTF-8; NUL bytes and invalid sequences are allowed.
  std::string_view source;

  /// What stack traces call it: for a file its path in the worktree.
  std::string_view file_name = "<eval>";

  /// A file whose name ends with `.mjs` runs as an ES module, and so does any
  /// other that uses `import` or `export` if the image's `runtime.esm` is set:
  /// its value is its default export, or undefined.
  script_role role = script_role::snippet;

  /// The folder that modules are loaded from, absolute; opened when the script
  /// needs it. Empty: there are only the modules that come with the engine.
  std::string_view worktree;

  /// Whether the script is one that comes again.
  compile_mode compile = compile_mode::once;

  /// JSON text of the global `__ARGS__`; empty: the global stays as it is.
  std::string_view args_json;

  /// JSON text of the global `__ENV__`; empty: the global stays as it is.
  std::string_view env_json;

  /// Runs in sloppy mode, also when the image's scripts are strict.
  bool sloppy = false;

  /// Time on the monotonic clock, from the call of `run`; above 0.
  std::chrono::nanoseconds wall_limit = std::chrono::seconds{5};

  /// Processor time of the thread; above 0.
  std::chrono::nanoseconds cpu_limit = std::chrono::seconds{2};

  /// Bound of the JavaScript heap in MiB, when it is lower than the image's; 0:
  /// as the image says.
  uint32_t mem_limit_mb = 0;

  /// Bound of the value's JSON text in bytes: more ends the run with
  /// `output_limit`.
  std::size_t max_value_bytes = 256 * 1024;

  /// What a run does whose completion value is a promise, when the next thing
  /// to happen is a timer: it sleeps until then; or, with `park`, it returns as
  /// one that waits, for `instance::resume`. One that waits for its host too
  /// sleeps in any case.
  bool park = false;

  /// May be null: then nobody can cancel.
  run_control* control = nullptr;

  /// May be null: then console lines are formatted and dropped.
  event_sink* sink = nullptr;
};

/// How and with what a run ended.
struct run_outcome {
  end_reason reason = end_reason::ok;

  /// The completion value is a promise and nothing is left to run now that
  /// could settle it. `reason` is `ok`, there is neither value nor error, and
  /// the instance refuses to run until `instance::stop_waiting`, or goes on
  /// with `instance::resume`.
  bool waiting = false;

  /// When a run that waits has something to do: its next timer is due. Absent
  /// when it has no timer.
  std::optional<std::chrono::steady_clock::time_point> wake_at;

  /// Timers that were active when the run ended; they are gone.
  uint32_t dropped_timers = 0;

  /// Set when `reason` is `ok` and the run does not wait.
  value_payload value;

  /// Set for every other reason. The message is at most 8 KiB, the stack at
  /// most 16 KiB; both are valid UTF-8.
  exception_payload error;

  /// Processor time. For runs shorter than about 50 us it is their wall time.
  uint64_t cpu_us = 0;

  uint64_t wall_us = 0;

  /// The most memory that the script's objects took, sampled; includes the
  /// image's own.
  uint64_t peak_mem_kb = 0;
};

} // namespace vmsystem::engine
