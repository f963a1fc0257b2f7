#pragma once

#include "vmsystem/actors/stage_interfaces.hpp"

namespace vmsystem {

/// State of the loading stage; it needs none.
struct loading_state {
  static inline const char* name = "loading";
};

/// Stage 2; wraps `load_source` and `check_worktree`. Spawn it detached: it
/// blocks on the disk.
loading_actor::behavior_type
loading(loading_actor::stateful_pointer<loading_state> self, no_arguments);

} // namespace vmsystem
