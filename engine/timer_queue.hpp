#pragma once

#include "vmsystem/engine/guest.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace vmsystem::engine::detail {

/// Most timers of one instance that are active at the same time, immediates
/// included.
inline constexpr std::size_t max_timers = 10000;

/// The timers of one instance: `setTimeout`, `setInterval` and `setImmediate`.
/// What it owns lies outside of the guest's trap frames, so that a trap loses
/// nothing. Timers live no longer than the run that started them.
///
/// They run in turns, as Node's do: first those that are due, by time and then
/// by age, then the immediates that there were when the turn began.
class timer_queue {
public:
  using clock = std::chrono::steady_clock;

  /// `setTimeout` and the like.
  enum class kind : uint8_t { timeout, interval, immediate };

  /// Starts a timer.
  /// @param callback a function of the guest; a reference of its own is kept.
  /// @param delay_ms for timeouts and intervals, at least 1.
  /// @returns its id, or 0 when there are `max_timers`.
  uint64_t start(guest& owner, kind which, js_value callback, double delay_ms);

  /// Ends a timer; an id that is over or unknown is nothing.
  void stop(guest& owner, uint64_t id);

  /// Whether the run waits for the timer, as it does from the start.
  void hold(uint64_t id, bool holds);

  /// Whether there is a timer that a run waits for.
  [[nodiscard]] bool holding() const noexcept {
    return holding_ != 0;
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return entries_.size();
  }

  /// When the next one is due; the past for immediates, nothing without timers.
  [[nodiscard]] std::optional<clock::time_point> next_due() const noexcept;

  /// Begins a turn: `take_due` gives what is due now.
  void begin_turn() noexcept;

  /// The function of the turn's next timer, owned by the caller; intervals
  /// start anew with `end_call`. Undefined at the turn's end.
  [[nodiscard]] js_value take_due(guest& owner);

  /// After the function that `take_due` gave was called.
  void end_call();

  /// Ends all timers. Inside of `enter` only.
  void drop(guest& owner);

  /// After the guest's memory was restored: there are no timers.
  void forget() noexcept;

private:
  struct entry {
    /// Owned.
    js_value callback = js_undefined;
    kind which = kind::timeout;
    bool holds = true;
    clock::duration delay{};
    clock::time_point due;
  };

  using entry_map = std::map<uint64_t, entry>;

  /// Takes it off all lists.
  /// @returns its function, owned.
  js_value remove(entry_map::iterator at);

  uint64_t last_id_ = 0;
  entry_map entries_;
  std::set<std::pair<clock::time_point, uint64_t>> queue_;
  std::set<uint64_t> immediates_;
  std::size_t holding_ = 0;

  // Of the turn in progress.
  clock::time_point turn_;
  uint64_t last_of_turn_ = 0;
  /// The interval whose function runs; 0 for none.
  uint64_t running_ = 0;
};

} // namespace vmsystem::engine::detail
