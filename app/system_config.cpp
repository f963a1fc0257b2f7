#include "vmsystem/app/system_config.hpp"

#include "vmsystem/actors/runtime.hpp"

#include <caf/atom.hpp>

#include <algorithm>
#include <cstddef>
#include <thread>

namespace vmsystem {

namespace {

/// The supervisor is one actor, and engine slots, writer and readers have
/// threads of their own. More workers than work only wake each other up: on
/// two processors one worker serves half as many requests again as CAF's
/// default of four.
std::size_t scheduler_threads() {
  const std::size_t processors = std::thread::hardware_concurrency();
  return std::clamp<std::size_t>(processors / 2, 1, 4);
}

} // namespace

system_config::system_config() {
  vmsystem::add_message_types(*this);
  // The default policy polls: slower to wake up, and never quite idle.
  set("scheduler.policy", caf::atom("sharing"));
  // A flooded actor yields to the others.
  set("scheduler.max-throughput", std::size_t{64});
  set("scheduler.max-threads", scheduler_threads());
}

} // namespace vmsystem
