#pragma once

#include "vmsystem/actors/stage_interfaces.hpp"

namespace vmsystem {

/// State of the admission stage; it needs none.
struct admission_state {
  static inline const char* name = "admission";
};

/// Stage 1; wraps `admit`.
admission_actor::behavior_type
admission(admission_actor::stateful_pointer<admission_state> self,
          no_arguments);

} // namespace vmsystem
