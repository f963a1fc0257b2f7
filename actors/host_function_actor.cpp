#include "vmsystem/actors/host_function_actor.hpp"

#include "vmsystem/actors/errors.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>

#include <utility>

namespace vmsystem {

namespace {

/// One call on its way: asks, passes the answer on and ends.
void host_call(caf::event_based_actor* self, host_function_actor answerer,
               std::string name, std::chrono::milliseconds timeout,
               json_text args, engine::host_reply reply) {
  self
    ->request(answerer, timeout, call_atom_v, std::move(name), std::move(args))
    .then([reply](json_text& result) { reply(std::move(result)); },
          [reply](const caf::error& error) { reply(to_failure(error)); });
}

} // namespace

engine::async_host_function
actor_host_function(caf::actor_system& system, host_function_actor answerer,
                    std::string name, std::chrono::milliseconds timeout) {
  return [&system, answerer = std::move(answerer), name = std::move(name),
          timeout](json_text args, engine::host_reply reply) {
    system.spawn(host_call, answerer, name, timeout, std::move(args),
                 std::move(reply));
  };
}

} // namespace vmsystem
