#pragma once

#include "vmsystem/models/change.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/runtime_options.hpp"
#include "vmsystem/models/time.hpp"

#include <cstdint>
#include <string>

namespace vmsystem {

// What is not kept any longer. Executions go one by one, the oldest first. What
// runs never goes, nor do jobs of a batch that is not over: a resume reads
// them. A batch that is over goes whole, with the executions of its jobs, or
// not at all: by days when it ended long enough ago, by number when all of its
// jobs are too many. Sessions that are over go behind the last of their
// executions.

/// What a pass looks at, in this order.
enum class retention_stage : uint8_t {
  counting,
  executions,
  batches,
  sessions,
  over,
};

/// The most things that one step removes.
inline constexpr uint32_t max_retired = 256;

/// How far a search for what is not kept is. It takes many steps, each on a
/// view of the store of its own.
struct retention_pass {
  /// Begins a pass at the time `now`.
  retention_pass(const retention_limits& limits, timestamp now) noexcept;

  /// What is older than this is too old; not set when nothing is.
  timestamp oldest;
  /// How many executions are kept; 0 means all.
  uint64_t most = 0;
  retention_stage stage = retention_stage::counting;
  /// The key with which the stage goes on; empty at its begin.
  std::string place;
  /// Executions that are over, but for jobs of batches that are not.
  uint64_t counted = 0;
  /// How many of the oldest executions are too many.
  uint64_t surplus = 0;
  /// When there are as many as are kept: the oldest that stays. Else nil.
  raw_id first_kept;
};

/// What one step of a pass found.
struct retention_step {
  /// To be stored together.
  change_set changes;
  uint32_t executions = 0;
  uint32_t batches = 0;
  uint32_t sessions = 0;
};

} // namespace vmsystem
