#pragma once

#include "vmsystem/models/end_reason.hpp"
#include "vmsystem/models/event.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace vmsystem {

/// A run of events as the store keeps it: documents joined by ",\n".
struct event_chunk {
  /// `seq` of the first event.
  uint32_t first_seq = 1;
  /// Empty when there is none.
  std::string text;
};

/// The events of one execution, in the order in which they happen: numbers
/// them, renders their documents, and counts them against the limits. Used by
/// one thread at a time.
class event_log {
public:
  event_log() = default;

  /// Begins behind the event `last_seq`.
  event_log(execution_id execution, const limits_config& limits,
            uint32_t last_seq = 0);

  /// Adds an event if the limits allow it.
  /// @returns nothing, or the limit that it would exceed.
  std::optional<end_reason> append(event_type type, const json_text& payload);

  /// Adds an event that is not the script's doing, such as the terminal
  /// exception: limits do not hold it back.
  void append_always(event_type type, const json_text& payload);

  /// Bytes of payload that may still be added.
  [[nodiscard]] uint64_t output_left() const noexcept {
    return max_output_ - output_bytes_;
  }

  /// Events so far: the `seq` of the last one.
  [[nodiscard]] uint32_t count() const noexcept {
    return last_seq_;
  }

  /// Bytes of the payloads of all events that count against the limit.
  [[nodiscard]] uint64_t output_bytes() const noexcept {
    return output_bytes_;
  }

  /// Bytes of documents that `take` would give.
  [[nodiscard]] std::size_t pending_bytes() const noexcept {
    return pending_.text.size();
  }

  /// Events that `take` gave: the `seq` of the last one.
  [[nodiscard]] uint32_t taken() const noexcept {
    return pending_.first_seq - 1;
  }

  /// Gives the documents that were not taken yet.
  [[nodiscard]] event_chunk take();

private:
  void render(event_type type, const json_text& payload);

  execution_id execution_;
  uint32_t max_events_ = 0;
  uint64_t max_output_ = 0;
  uint32_t last_seq_ = 0;
  uint64_t output_bytes_ = 0;
  event_chunk pending_;
};

} // namespace vmsystem
