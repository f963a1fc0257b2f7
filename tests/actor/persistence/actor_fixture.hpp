#pragma once

#include "vmsystem/actors/errors.hpp"
#include "vmsystem/actors/interfaces.hpp"
#include "vmsystem/tests/unit/persistence/support.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>

#include <optional>
#include <utility>

namespace vmsystem::test {

/// An actor system that delivers one message at a time when a test says so.
struct actor_fixture {
  struct system_config : caf::actor_system_config {
    system_config() {
      add_message_types<caf::id_block::vmsystem>();
      set("scheduler.policy", caf::atom("testing"));
    }
  };

  system_config cfg;
  caf::actor_system system{cfg};
  caf::scoped_actor client{system};
  caf::scheduler::test_coordinator& scheduler
    = static_cast<caf::scheduler::test_coordinator&>(system.scheduler());

  /// The answer to a request after everything has run.
  template <class Answer, class Handle>
  expected<Answer> answer(Handle&& handle) {
    scheduler.run();
    std::optional<expected<Answer>> result;
    handle.receive([&](Answer& x) { result.emplace(std::move(x)); },
                   [&](caf::error& x) { result.emplace(to_failure(x)); });
    return std::move(*result);
  }
};

} // namespace vmsystem::test
