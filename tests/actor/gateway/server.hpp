#pragma once

#include "client.hpp"
#include "fakes.hpp"
#include "vmsystem/actors/ask.hpp"
#include "vmsystem/actors/http_gateway.hpp"
#include "vmsystem/tests/eventually.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

namespace vmsystem {

using test::eventually;

struct server_config : caf::actor_system_config {
  server_config() {
    add_message_types<caf::id_block::vmsystem>();
    load<caf::io::middleman>();
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 2u);
  }
};

/// Options for tests: a free port, and time limits that are looked at often.
inline gateway_options quick_options() {
  gateway_options result;
  result.listen = {"127.0.0.1", 0};
  result.tick = std::chrono::milliseconds{10};
  return result;
}

/// A gateway with real sockets on a fake runtime.
struct server {
  server_config cfg;
  caf::actor_system system{cfg};
  fakes::ledger_ptr seen = std::make_shared<fakes::ledger>();
  supervisor_actor supervisor = system.spawn(fakes::supervisor, seen);
  query_actor query = system.spawn(fakes::query, seen);
  gateway_handle gateway;
  bool drained = false;

  explicit server(gateway_options options = quick_options()) {
    gateway = spawn_http_gateway(system, std::move(options), supervisor, query)
                .value();
  }

  ~server() {
    if (!drained)
      drain(0);
    caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(query, caf::exit_reason::user_shutdown);
  }

  /// Stops the gateway.
  /// @returns the number of requests that it did not answer.
  uint32_t drain(uint32_t grace_ms) {
    drained = true;
    caf::scoped_actor self{system};
    const auto unanswered
      = ask<uint32_t>(self, gateway.actor, std::chrono::seconds{20},
                      drain_atom_v, grace_ms);
    gateway.actor = gateway_actor{};
    return unanswered ? unanswered.value() : UINT32_MAX;
  }

  [[nodiscard]] const http::endpoint& where() const {
    return gateway.bound;
  }
};

/// The body of a request that runs `input`.
inline std::string snippet(const std::string& input) {
  return R"({"session_id":")" + fakes::known_session.to_string()
         + R"(","input":")" + input + R"("})";
}

inline constexpr const char* repl = "/api/v1/executions/repl";
inline constexpr const char* health = "/api/v1/health";

} // namespace vmsystem
