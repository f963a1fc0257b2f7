#pragma once

#include "vmsystem/actors/ask.hpp"
#include "vmsystem/benchmarks/harness/load.hpp"
#include "vmsystem/models/failure.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

namespace vmsystem::bench {

/// What a request may take that sets a workload up.
inline constexpr std::chrono::minutes request_timeout{2};

/// Says how a request went. Called once.
using request_done = std::function<void(const expected<void>&)>;

/// Sends the next request of `lane`, counted from 0, as `self`, and checks its
/// answer. Called in the actor `self` only. The load has an eye on the time, so
/// the request needs no timeout.
using lane_request = std::function<void(caf::event_based_actor* self,
                                        uint32_t lane, request_done done)>;

/// Keeps one request in flight on each lane, all from one actor. Blocks until
/// all are answered. Errors: the first that a request reports; internal, when
/// no answer comes for ten seconds.
[[nodiscard]] expected<load_result>
run_actor_load(caf::actor_system& system, uint32_t lanes,
               const load_limit& limit, const lane_request& ask);

/// Asks an actor for one thing and waits for the answer.
template <class Result, class Handle, class... Arguments>
[[nodiscard]] expected<Result> ask(caf::actor_system& system,
                                   const Handle& receiver,
                                   Arguments&&... arguments) {
  caf::scoped_actor self{system};
  return vmsystem::ask<Result>(self, receiver, request_timeout,
                               std::forward<Arguments>(arguments)...);
}

} // namespace vmsystem::bench
