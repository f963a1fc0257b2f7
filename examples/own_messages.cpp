// A host with message types of its own. Their block of type ids stands in front
// of vm-system's or behind it: see CMakeLists.txt.

#include "support.hpp"
#include "vmsystem/actors/runtime.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/type_id.hpp>

#include <string>

namespace shop {

struct order {
  std::string fruit;
  uint32_t count = 0;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, order& x) {
  return f(x.fruit, x.count);
}

} // namespace shop

CAF_BEGIN_TYPE_ID_BLOCK(shop, SHOP_FIRST_TYPE_ID)

  CAF_ADD_TYPE_ID(shop, (shop::order))
  CAF_ADD_ATOM(shop, shop, total_atom, "total")

CAF_END_TYPE_ID_BLOCK(shop)

// Neither block reaches into the other.
static_assert(caf::id_block::shop::end <= caf::id_block::vmsystem::begin
              || caf::id_block::shop::begin >= VMSYSTEM_NEXT_TYPE_ID);

namespace {

/// Computes the total of an order by a script.
caf::behavior till(caf::event_based_actor* self,
                   vmsystem::supervisor_actor supervisor,
                   vmsystem::session_id session) {
  return {
    [=](shop::total_atom, const shop::order& order) {
      auto promise = self->make_response_promise<std::string>();
      const auto script
        = std::to_string(order.count) + " * '" + order.fruit + "'.length";
      self
        ->request(supervisor, std::chrono::seconds{10},
                  vmsystem::execute_atom_v, example::snippet(session, script))
        .then(
          [promise](const vmsystem::finished_execution& x) mutable {
            promise.deliver(x.record.result.text);
          },
          [promise](caf::error& error) mutable {
            promise.deliver(std::move(error));
          });
      return promise;
    },
  };
}

struct shop_config : example::config {
  shop_config() {
    add_message_types<caf::id_block::shop>();
  }
};

} // namespace

int main() {
  shop_config config;
  caf::actor_system system{config};
  vmsystem::runtime_options options;
  options.in_memory = true;
  const auto supervisor
    = example::value_or_exit(vmsystem::spawn_runtime(system, options));
  caf::scoped_actor self{system};
  const auto session = example::open_session(self, supervisor);
  const auto actor = system.spawn(till, supervisor, session);
  std::cout << "total "
            << example::ask<std::string>(self, actor, shop::total_atom_v,
                                         shop::order{"apple", 6})
            << '\n';
  example::ask<vmsystem::runtime_summary>(self, supervisor,
                                          vmsystem::drain_atom_v, 1000u);
}
