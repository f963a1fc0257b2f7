// Runs a script in a runtime inside of this process, and prints what it did.

#include "support.hpp"
#include "vmsystem/actors/runtime.hpp"
#include "vmsystem/models/codec.hpp"

#include <caf/actor_system.hpp>

namespace {

constexpr const char* script = R"(
  console.log('sorting');
  const words = ['pear', 'apple', 'fig'];
  words.sort();
)";

} // namespace

int main() {
  example::config config;
  caf::actor_system system{config};
  vmsystem::runtime_options options;
  options.in_memory = true;
  auto runtime
    = example::value_or_exit(vmsystem::runtime::start(system, options));
  {
    caf::scoped_actor self{system};
    const auto session = example::open_session(self, runtime->supervisor());
    const auto finished = example::ask<vmsystem::finished_execution>(
      self, runtime->supervisor(), vmsystem::execute_atom_v,
      example::snippet(session, script));
    const auto& record = finished.record;
    std::cout << "status " << name_of(record.status) << ", reason "
              << name_of(record.reason) << '\n';

    // What is stored is read from the query actor, not from the supervisor.
    vmsystem::event_filter all;
    all.execution = record.id;
    const auto stored
      = example::ask<vmsystem::json_text>(self, runtime->query(),
                                          vmsystem::events_atom_v, all);
    const auto events = example::value_or_exit(
      vmsystem::list_from_json<vmsystem::event>(stored.text));
    for (const auto& event : events)
      std::cout << event.seq << ' ' << name_of(event.type) << ' '
                << event.payload.text << '\n';
  }
  return runtime->stop() ? 0 : 1;
}
