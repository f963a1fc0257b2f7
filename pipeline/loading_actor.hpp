#pragma once

#include "vmsystem/actors/stage_interfaces.hpp"
#include "vmsystem/pipeline/library_cache.hpp"

namespace vmsystem {

/// State of the loading stage.
struct loading_state {
  static inline const char* name = "loading";

  library_shelf libraries;
};

/// Stage 2; wraps `load_source`, `check_worktree` and `library_shelf`. Spawn it
/// detached: it blocks on the disk.
loading_actor::behavior_type
loading(loading_actor::stateful_pointer<loading_state> self, no_arguments);

} // namespace vmsystem
