#pragma once

#include "vmsystem/engine/image.hpp"
#include "vmsystem/engine/run.hpp"
#include "vmsystem/models/failure.hpp"

#include <memory>
#include <string_view>

namespace vmsystem::engine {

/// One isolated JavaScript runtime. What one run leaves in it, the next one
/// finds. It may run on any thread that has a `thread_guard`, on one at a time.
class instance {
public:
  /// Maps a private copy of `source`: a few microseconds. Runs no guest code.
  /// @returns the instance, or `ec::overloaded` when the process has no
  ///          address space or mappings left.
  [[nodiscard]] static expected<std::unique_ptr<instance>>
  clone(std::shared_ptr<const image> source);

  ~instance();

  instance(const instance&) = delete;

  instance& operator=(const instance&) = delete;

  /// Evaluates a script to its end: its jobs, and when its completion value is
  /// a promise, that promise. Never throws; ends at most 150 ms after a limit,
  /// whatever the script does. A dead instance, one that waits and a thread
  /// without a guard give `engine_failure`.
  [[nodiscard]] run_outcome run(const run_options& options);

  /// Goes on with a run that waits, on any thread with a guard: with what its
  /// timers and its host did meanwhile. The limits should be those of `run`:
  /// the wall time counts from there, processor time adds up, and the outcome's
  /// figures are those of the whole run. Neither the script nor the globals of
  /// `options` are used.
  [[nodiscard]] run_outcome resume(const run_options& options);

  /// Gives up waiting for the promise of the last run.
  /// @param reason why: `wall_timeout`, `cancelled`, `session_closed`, ...
  /// @returns the outcome of the run that waited. Runs no guest code, so any
  ///          thread will do.
  [[nodiscard]] run_outcome stop_waiting(end_reason reason);

  /// Whether the last run's completion promise is still pending.
  [[nodiscard]] bool waiting() const noexcept;

  /// Whether a trap ended it: its memory is not to be trusted, discard it.
  [[nodiscard]] bool dead() const noexcept;

  /// Why it is dead, for people; empty while it lives.
  [[nodiscard]] std::string_view death_reason() const noexcept;

  /// Takes the instance back to its image, as if just cloned: also a dead or
  /// waiting one. Copies the pages that changed; does not map or unmap unless
  /// the script took much memory.
  /// @returns `ec::internal` when the kernel refuses; then discard it.
  [[nodiscard]] expected<void> reset();

  /// Collects its garbage and gives it free memory, so that the clones of an
  /// image of it need not ask for more at once.
  /// @returns `ec::internal` when it cannot run.
  [[nodiscard]] expected<void> tidy();

  /// Makes an image of its state, of which pristine copies are cloned: what
  /// scripts left in it, they find.
  /// @returns `ec::internal` when it is dead or waits, the host owes it
  /// answers,
  ///          or the kernel refuses.
  [[nodiscard]] expected<std::shared_ptr<const image>> freeze();

  /// What it is a clone of.
  [[nodiscard]] const std::shared_ptr<const image>& source() const noexcept;

private:
  struct impl;

  explicit instance(std::unique_ptr<impl> state) noexcept;

  std::unique_ptr<impl> impl_;
};

} // namespace vmsystem::engine
