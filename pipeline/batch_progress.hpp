#pragma once

#include "vmsystem/models/batch.hpp"
#include "vmsystem/models/latency_histogram.hpp"

#include <cstdint>
#include <vector>

namespace vmsystem {

/// What became of the jobs of a batch so far. Takes a bit of memory for each
/// job and a constant amount for all. Pure.
class batch_progress {
public:
  /// Counts a job that is over; one that counts already is left alone.
  void add(uint32_t index, end_reason reason, const execution_metrics& metrics);

  [[nodiscard]] bool done(uint32_t index) const noexcept {
    return index < done_.size() && done_[index];
  }

  [[nodiscard]] uint32_t count() const noexcept {
    return count_;
  }

  /// Whether a job did not end well.
  [[nodiscard]] bool any_failed() const noexcept;

  /// Writes the counts and figures into a record.
  void describe(batch& to) const;

private:
  std::vector<bool> done_;
  uint32_t count_ = 0;
  outcome_counts outcomes_{};
  latency_histogram queue_;
  latency_histogram cpu_;
  latency_histogram wall_;
};

} // namespace vmsystem
