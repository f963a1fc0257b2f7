#pragma once

#include "vmsystem/actors/stage_interfaces.hpp"
#include "vmsystem/engine/host_function_table.hpp"
#include "vmsystem/engine/thread.hpp"
#include "vmsystem/pipeline/instance_pool.hpp"

#include <optional>

namespace vmsystem {

/// State of an engine slot.
struct slot_state {
  static inline const char* name = "engine_slot";

  /// Made on the slot's own thread.
  std::optional<engine::thread_guard> guard;
  /// For jobs that run in a pristine copy of an image.
  instance_pool pool;
};

/// Stage 3; wraps `run_job`. Spawn it detached: guest code never runs on a
/// thread of the scheduler.
/// @param receiver gets the events of executions while they run.
slot_actor::behavior_type slot(slot_actor::stateful_pointer<slot_state> self,
                               event_receiver_actor receiver);

/// What a slot is made with that differs from the usual.
struct slot_options {
  /// What scripts find in `host`; may be null.
  engine::host_functions_ptr functions;
  /// Whether jobs that run in a pristine copy get one that was used before and
  /// restored; otherwise it is mapped anew for each, which is far slower.
  bool reuse_instances = true;
};

/// The same, with options.
slot_actor::behavior_type
slot_with(slot_actor::stateful_pointer<slot_state> self,
          event_receiver_actor receiver, slot_options options);

} // namespace vmsystem
