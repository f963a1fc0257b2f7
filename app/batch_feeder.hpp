#pragma once

#include "vmsystem/actors/interfaces.hpp"
#include "vmsystem/app/batch_source.hpp"
#include "vmsystem/models/batch.hpp"
#include "vmsystem/models/failure.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>

namespace vmsystem {

/// Hands the lines of a source to a batch, in a thread of its own, as fast as
/// the batch takes them. Joins that thread when it goes away, for which the
/// stop flag must be set or the batch's runtime be gone.
class batch_feeder {
public:
  /// Where it sends to.
  struct target {
    supervisor_actor supervisor;
    query_actor query;
    batch_id id;
    /// Jobs that the batch has already.
    uint32_t stored = 0;
  };

  /// @param stop ends it early; the batch then lacks input.
  batch_feeder(caf::actor_system& system, target to, batch_source from,
               const std::atomic<bool>& stop);
  batch_feeder(const batch_feeder&) = delete;
  batch_feeder& operator=(const batch_feeder&) = delete;
  ~batch_feeder();

  /// How many jobs the batch will have: known when it is `complete`, else
  /// guessed from the share of the source that was read; 0 when it has no size.
  [[nodiscard]] uint64_t expected_jobs() const noexcept;

  /// Whether all jobs have come in.
  [[nodiscard]] bool complete() const noexcept {
    return complete_;
  }

  /// Whether it has ended.
  [[nodiscard]] bool done() const noexcept {
    return done_;
  }

  /// Why it ended before its source; call it when it is done.
  [[nodiscard]] const std::optional<failure>& failed() const noexcept {
    return failed_;
  }

private:
  void run(caf::actor_system& system, const std::atomic<bool>& stop);
  expected<void> feed(caf::actor_system& system, const std::atomic<bool>& stop);

  target to_;
  batch_source from_;
  std::atomic<uint64_t> bytes_{0};
  std::atomic<uint64_t> jobs_;
  std::atomic<bool> complete_{false};
  std::atomic<bool> done_{false};
  std::optional<failure> failed_;
  std::thread thread_;
};

/// Checks that a source is the whole input of a batch, all of which is stored.
/// Errors: validation_error; internal, when one of the two cannot be read.
[[nodiscard]] expected<void>
check_whole_input(caf::scoped_actor& self, const query_actor& from,
                  const batch& stored, batch_source& source);

} // namespace vmsystem
