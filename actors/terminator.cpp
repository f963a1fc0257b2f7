#include "vmsystem/actors/terminator.hpp"

#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/system_messages.hpp>

namespace vmsystem {

namespace {

/// Waits for the down message of `actor`, which is monitored.
bool is_down_within(caf::scoped_actor& self, const caf::actor& actor,
                    std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  bool down = false;
  while (!down) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= std::chrono::steady_clock::duration::zero())
      return false;
    bool expired = false;
    self->receive(
      [&](const caf::down_msg& msg) { down = msg.source == actor.address(); },
      caf::after(std::chrono::duration_cast<std::chrono::milliseconds>(left)) >>
        [&] { expired = true; });
    if (expired)
      return false;
  }
  return true;
}

} // namespace

bool terminate(caf::actor_system& system, const std::vector<caf::actor>& actors,
               std::chrono::milliseconds grace,
               std::chrono::milliseconds kill_timeout) {
  caf::scoped_actor self{system};
  bool all = true;
  for (const auto& actor : actors) {
    if (!actor)
      continue;
    self->monitor(actor);
    self->send_exit(actor, caf::exit_reason::user_shutdown);
    if (is_down_within(self, actor, grace))
      continue;
    self->send_exit(actor, caf::exit_reason::kill);
    all = is_down_within(self, actor, kill_timeout) && all;
  }
  return all;
}

} // namespace vmsystem
