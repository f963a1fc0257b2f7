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

/// What a slot is made with that differs from the usual.
struct slot_options {
  /// What scripts find in `host`; may be null.
  engine::host_functions_ptr functions;
  /// Whether jobs that run in a pristine copy get one that was used before and
  /// restored; otherwise it is mapped anew for each, which is far slower.
  bool reuse_instances = true;
  /// Whether scripts may run the programs that their template lists.
  bool allow_exec = false;
};

/// Stage 3; wraps `run_job`. Its images take as much of the engine's stack as
/// its thread allows, up to `slot_stack_kb`.
/// @param receiver gets the events of executions while they run.
slot_actor::behavior_type slot(slot_actor::stateful_pointer<slot_state> self,
                               event_receiver_actor receiver,
                               slot_options options);

/// The engine's stack in KiB that scripts have on a slot's own thread: enough
/// for more than 10,000 frames of recursion.
inline constexpr uint32_t slot_stack_kb = 3072;

/// Spawns a slot on a thread of its own, whose stack is large enough for deep
/// recursion: guest code never runs on a thread of the scheduler.
[[nodiscard]] slot_actor spawn_slot(caf::actor_system& system,
                                    event_receiver_actor receiver,
                                    slot_options options = {});

} // namespace vmsystem
