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

/// The same, with functions of the host that scripts can call.
/// @param functions may be null.
slot_actor::behavior_type
hosting_slot(slot_actor::stateful_pointer<slot_state> self,
             event_receiver_actor receiver,
             engine::host_functions_ptr functions);

} // namespace vmsystem
