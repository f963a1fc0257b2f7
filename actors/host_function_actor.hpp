#pragma once

#include "vmsystem/actors/interfaces.hpp"
#include "vmsystem/engine/host_function_table.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <string>

namespace vmsystem {

/// Makes an asynchronous host function out of an actor: each call becomes a
/// request with the name and the arguments. An error of the actor, its death or
/// a missing answer becomes the failure of the call.
///
/// The function keeps the actor alive, and so does each image whose table it is
/// in. `system` outlives the runtime that uses it.
/// @param answerer may serve several functions, and may live in another
///        process.
/// @param name what the requests say; by convention the name in the table.
/// @param timeout finite: how long an answer may take.
[[nodiscard]] engine::async_host_function actor_host_function(
  caf::actor_system& system, host_function_actor answerer, std::string name,
  std::chrono::milliseconds timeout = std::chrono::seconds{30});

} // namespace vmsystem
