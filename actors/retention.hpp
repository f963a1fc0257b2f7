#pragma once

#include "vmsystem/actors/current_writer.hpp"
#include "vmsystem/models/runtime_options.hpp"
#include "vmsystem/models/type_ids.hpp"
#include "vmsystem/persistence/store.hpp"

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

namespace vmsystem {

/// What was removed so far; written by one actor, read by anybody.
struct retention_stats {
  std::atomic<uint64_t> executions{0};
  std::atomic<uint64_t> batches{0};
  std::atomic<uint64_t> sessions{0};
  /// Passes that ended early, because the store could not be read or written.
  std::atomic<uint64_t> failures{0};
};

/// Removes what is not kept any longer.
using retention_actor = caf::typed_actor<
  // To itself: take the next step.
  caf::reacts_to<tick_atom>>;

/// What a retention actor works with.
struct retention_setup {
  retention_limits limits;
  store_ptr kept;
  current_writer_ptr writer;
  std::shared_ptr<retention_stats> stats;
};

/// State of the retention actor; dies with it.
struct retention_state {
  static inline const char* name = "retention";

  retention_setup setup;
  /// The pass that goes on; nothing between two of them.
  std::optional<retention_pass> pass;
};

/// Spawn it detached: it reads much.
///
/// It makes a pass over the store when it begins and each minute: in steps, of
/// which each has few things removed with one message to the writer, and with a
/// pause behind each, so that executions never wait for long behind it. A pass
/// that fails is begun anew with the next minute.
retention_actor::behavior_type
retention(retention_actor::stateful_pointer<retention_state> self,
          retention_setup setup);

} // namespace vmsystem
