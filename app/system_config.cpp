#include "vmsystem/app/system_config.hpp"

#include "vmsystem/actors/runtime.hpp"

#include <caf/atom.hpp>

#include <cstddef>

namespace vmsystem {

system_config::system_config() {
  vmsystem::add_message_types(*this);
  // The default policy polls: slower to wake up, and never quite idle.
  set("scheduler.policy", caf::atom("sharing"));
  // A flooded actor yields to the others.
  set("scheduler.max-throughput", std::size_t{64});
}

} // namespace vmsystem
