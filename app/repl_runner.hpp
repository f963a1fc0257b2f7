#pragma once

#include "vmsystem/app/repl_target.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace vmsystem {

/// Runs scripts in a session, shows their events while they run, and cancels
/// them when asked to.
class repl_runner {
public:
  using event_sink = std::function<void(const json_value& event)>;

  /// @param interrupts greater than 0 when what runs is to be cancelled.
  repl_runner(repl_target& target, const std::atomic<int>& interrupts) noexcept
    : target_{target}, interrupts_{interrupts} {}

  /// Runs a script to its end.
  /// @param sink gets each event once, in order.
  /// @returns its record.
  [[nodiscard]] answer<json_value> run(const std::string& code,
                                       const event_sink& sink);

  /// Runs a script that is not the user's, and cancels it after `at_most`. Does
  /// not wait for a session that is busy.
  [[nodiscard]] answer<json_value>
  run_quietly(const std::string& code, std::chrono::milliseconds at_most);

private:
  repl_target& target_;
  const std::atomic<int>& interrupts_;
};

} // namespace vmsystem
