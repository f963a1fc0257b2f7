// Runs the HTTP gateway on a runtime that answers at once, so that a load
// generator measures the gateway alone:
//
//   gateway_driver [ADDRESS:PORT]
//   wrk -t1 -c64 http://127.0.0.1:3998/api/v1/health
//
// Ends with the end of its input.

#include "vmsystem/actors/ask.hpp"
#include "vmsystem/actors/http_gateway.hpp"
#include "vmsystem/tests/actor/gateway/fakes.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <cstdio>

namespace {

struct config : caf::actor_system_config {
  config() {
    add_message_types<caf::id_block::vmsystem>();
    load<caf::io::middleman>();
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-throughput", 64);
  }
};

} // namespace

int main(int argc, char** argv) {
  using namespace vmsystem;
  config cfg;
  caf::actor_system system{cfg};
  auto where = http::endpoint::parse(argc > 1 ? argv[1] : "127.0.0.1:3998");
  if (!where) {
    std::fprintf(stderr, "%s\n", where.error().message.c_str());
    return 2;
  }
  gateway_options options;
  options.listen = where.value();
  auto seen = std::make_shared<fakes::ledger>();
  auto supervisor = system.spawn(fakes::supervisor, seen);
  auto query = system.spawn(fakes::query, seen);
  auto gateway = spawn_http_gateway(system, options, supervisor, query);
  if (!gateway) {
    std::fprintf(stderr, "%s\n", gateway.error().message.c_str());
    return 1;
  }
  std::printf("listening on %s\n", gateway.value().bound.to_string().c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF)
    continue;
  caf::scoped_actor self{system};
  static_cast<void>(ask<uint32_t>(self, gateway.value().actor,
                                  std::chrono::seconds{10}, drain_atom_v,
                                  uint32_t{1000}));
  caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(query, caf::exit_reason::user_shutdown);
  return 0;
}
