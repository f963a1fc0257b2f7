#pragma once

#include <caf/actor_system_config.hpp>

namespace vmsystem {

/// How the program's actor system is set up: our message types, and a
/// scheduler that wakes up at once.
struct system_config : caf::actor_system_config {
  system_config();
};

} // namespace vmsystem
