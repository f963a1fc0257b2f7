#pragma once

#include "vmsystem/actors/stage_interfaces.hpp"

namespace vmsystem {

/// State of the finalization stage; it needs none.
struct finalization_state {
  static inline const char* name = "finalization";
};

/// Stage 4; wraps `finalize`.
finalization_actor::behavior_type
finalization(finalization_actor::stateful_pointer<finalization_state> self,
             no_arguments);

} // namespace vmsystem
