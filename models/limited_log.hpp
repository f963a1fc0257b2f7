#pragma once

#include "vmsystem/models/log_entry.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace vmsystem {

/// Lines of the log about one kind of thing, which may happen by the thousands:
/// a bounded number in a second. How many more there were, a line says when the
/// second is over. Not for several threads.
class limited_log {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr uint32_t lines_per_second = 10;

  /// Tells nobody.
  limited_log() = default;

  /// @param receiver null for nobody.
  limited_log(log_receiver receiver, log_level level, std::string message);

  /// Whether there is room for a line; counts it as left out when there is
  /// none. To be asked before its fields are made.
  [[nodiscard]] bool takes(time_point now);

  /// Adds a line, for which there is room.
  void add(log_fields fields);

  /// Says how many lines were left out, if any, when their second is over.
  void settle(time_point now);

  /// Whether there is something that `settle` has to say.
  [[nodiscard]] bool owes() const noexcept {
    return left_out_ > 0;
  }

private:
  log_receiver receiver_;
  log_level level_ = log_level::info;
  std::string message_;
  time_point second_ends_;
  uint32_t lines_ = 0;
  uint64_t left_out_ = 0;
};

} // namespace vmsystem
