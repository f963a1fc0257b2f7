#pragma once

#include "vmsystem/actors/interfaces.hpp"
#include "vmsystem/actors/supervisor_state.hpp"

namespace vmsystem {

/// Drives every execution through the pipeline and keeps the sessions. One
/// instance per runtime; ends when it was drained, and takes its stages along.
supervisor_core_actor::behavior_type supervisor(supervisor_pointer self,
                                                supervisor_setup setup);

} // namespace vmsystem
