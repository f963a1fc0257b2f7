// An actor of the host answers a function that scripts call.

#include "support.hpp"
#include "vmsystem/actors/host_function_actor.hpp"
#include "vmsystem/actors/runtime.hpp"
#include "vmsystem/models/json_reader.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <map>
#include <memory>
#include <string>

namespace {

struct price_list_state {
  static inline const char* name = "price_list";

  std::map<std::string, int, std::less<>> prices{{"apple", 3}, {"pear", 4}};
};

/// Answers `host.price(fruit)`.
vmsystem::host_function_actor::behavior_type price_list(
  vmsystem::host_function_actor::stateful_pointer<price_list_state> self,
  int surcharge) {
  return {
    [self, surcharge](
      vmsystem::call_atom, const std::string&,
      const vmsystem::json_text& args) -> caf::result<vmsystem::json_text> {
      // The arguments come as a JSON array.
      const auto parsed = vmsystem::parse_json(args.text);
      std::string_view fruit;
      if (!parsed || parsed.value().at(0).get(fruit))
        return vmsystem::to_error(vmsystem::fail(
          vmsystem::ec::validation_error, "price takes the name of a fruit"));
      const auto& prices = self->state.prices;
      const auto at = prices.find(fruit);
      if (at == prices.end())
        return vmsystem::to_error(vmsystem::fail(
          vmsystem::ec::not_found, "no price of " + std::string{fruit}));
      return vmsystem::json_text{std::to_string(at->second + surcharge)};
    },
  };
}

} // namespace

int main() {
  example::config config;
  caf::actor_system system{config};
  auto functions = std::make_shared<vmsystem::engine::host_function_table>();
  const auto added = functions->add_async(
    "price", vmsystem::actor_host_function(system, system.spawn(price_list, 1),
                                           "price", std::chrono::seconds{5}));
  if (!added)
    return 1;

  vmsystem::runtime_options options;
  options.in_memory = true;
  const auto supervisor = example::value_or_exit(
    vmsystem::spawn_runtime(system, options, std::move(functions)));
  caf::scoped_actor self{system};
  const auto session = example::open_session(self, supervisor);
  for (const char* script :
       {"Promise.all([host.price('apple'), host.price('pear')])"
        ".then(([apple, pear]) => apple + pear)",
        "host.price('apple').then((apple) => 10 * apple)",
        "host.price('plum').catch((e) => `${e.code}: ${e.message}`)",
        "host.price()"}) {
    const auto finished = example::ask<vmsystem::finished_execution>(
      self, supervisor, vmsystem::execute_atom_v,
      example::snippet(session, script));
    const auto& record = finished.record;
    std::cout << name_of(record.reason) << ' '
              << (record.error.empty() ? record.result : record.error).text
              << '\n';
  }
  // Ends the runtime, and with it the last owner of the price list.
  example::ask<vmsystem::runtime_summary>(self, supervisor,
                                          vmsystem::drain_atom_v, 1000u);
}
