#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <chrono>
#include <vector>

namespace vmsystem {

/// Ends actors in order: each is asked to exit and has `grace` to do so, then
/// it is killed and has `kill_timeout`. Blocks the calling thread, never longer
/// than both for each actor.
/// @returns whether all of them ended.
bool terminate(caf::actor_system& system, const std::vector<caf::actor>& actors,
               std::chrono::milliseconds grace,
               std::chrono::milliseconds kill_timeout);

} // namespace vmsystem
