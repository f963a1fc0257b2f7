#pragma once

#include "vmsystem/actors/errors.hpp"
#include "vmsystem/models/failure.hpp"

#include <caf/scoped_actor.hpp>

#include <chrono>
#include <utility>

namespace vmsystem {

/// Asks an actor and waits for its answer, at most for `timeout`. Errors: those
/// of the actor; internal, when it gives no answer.
template <class Answer, class Actor, class... Ts>
[[nodiscard]] expected<Answer> ask(caf::scoped_actor& self, const Actor& actor,
                                   std::chrono::milliseconds timeout,
                                   Ts&&... request) {
  expected<Answer> result = fail(ec::internal, "no answer");
  self->request(actor, timeout, std::forward<Ts>(request)...)
    .receive([&](Answer& answer) { result = std::move(answer); },
             [&](const caf::error& error) { result = to_failure(error); });
  return result;
}

} // namespace vmsystem
