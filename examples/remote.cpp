// A runtime in one process, its client in another one:
//
//   remote serve          prints "port N" and serves until a client drains it
//   remote run PORT       runs a script there, then drains the runtime

#include "support.hpp"
#include "vmsystem/actors/runtime.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/all.hpp>

#include <cstdint>
#include <cstring>

namespace {

constexpr const char* address = "127.0.0.1";

struct network_config : example::config {
  network_config() {
    load<caf::io::middleman>();
  }
};

int serve(caf::actor_system& system) {
  vmsystem::runtime_options options;
  options.in_memory = true;
  const auto supervisor
    = example::value_or_exit(vmsystem::spawn_runtime(system, options));
  const auto port = system.middleman().publish(supervisor, 0, address);
  if (!port) {
    std::cerr << system.render(port.error()) << '\n';
    return 1;
  }
  std::cout << "port " << *port << std::endl;
  caf::scoped_actor self{system};
  self->wait_for(supervisor);
  return 0;
}

int run(caf::actor_system& system, uint16_t port) {
  // The interfaces of both sides are compared here.
  const auto found
    = system.middleman().remote_actor<vmsystem::supervisor_actor>(address,
                                                                  port);
  if (!found) {
    std::cerr << system.render(found.error()) << '\n';
    return 1;
  }
  // From here on nothing differs from a supervisor in the same process.
  const auto& supervisor = *found;
  caf::scoped_actor self{system};
  const auto session = example::open_session(self, supervisor);
  const auto finished = example::ask<vmsystem::finished_execution>(
    self, supervisor, vmsystem::execute_atom_v,
    example::snippet(session, "[...'remote'].reverse().join('')"));
  std::cout << name_of(finished.record.status) << ' '
            << finished.record.result.text << '\n';
  example::ask<vmsystem::runtime_summary>(self, supervisor,
                                          vmsystem::drain_atom_v, 1000u);
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  network_config config;
  caf::actor_system system{config};
  if (argc == 2 && std::strcmp(argv[1], "serve") == 0)
    return serve(system);
  if (argc == 3 && std::strcmp(argv[1], "run") == 0)
    return run(system, static_cast<uint16_t>(std::atoi(argv[2])));
  std::cerr << "usage: remote serve | remote run PORT\n";
  return 2;
}
