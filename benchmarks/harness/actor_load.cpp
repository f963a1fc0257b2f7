#include "vmsystem/benchmarks/harness/actor_load.hpp"

#include "vmsystem/models/type_ids.hpp"

#include <chrono>
#include <optional>

namespace vmsystem::bench {

namespace {

/// Without an answer for this long, a load has failed. One look at the clock
/// instead of a timeout for each request, which would be part of the figure.
constexpr std::chrono::seconds silence{10};

struct actor_load {
  const lane_request& ask;
  load_budget budget;
  load_result result;
  uint32_t in_flight = 0;
  std::optional<failure> error;
  /// Answers at the last look.
  uint64_t seen = 0;
};

void send_next(caf::event_based_actor* self, actor_load* load, uint32_t lane) {
  const auto sent = clock::now();
  if (load->error || !load->budget.take(sent))
    return;
  ++load->in_flight;
  load->ask(self, lane, [=](const expected<void>& done) {
    load->result.latency.add(clock::now() - sent);
    ++load->result.answers;
    --load->in_flight;
    if (!done && !load->error)
      load->error = done.error();
    send_next(self, load, lane);
    if (load->in_flight == 0)
      self->quit();
  });
}

/// The actor that sends all requests.
caf::behavior drive(caf::event_based_actor* self, actor_load* load,
                    uint32_t lanes) {
  for (uint32_t lane = 0; lane < lanes; ++lane)
    send_next(self, load, lane);
  if (load->in_flight == 0)
    self->quit();
  self->delayed_send(self, silence, tick_atom_v);
  return {[=](tick_atom) {
    if (load->result.answers == load->seen) {
      load->error = fail(ec::internal, "no answer came for ten seconds");
      self->quit();
    }
    load->seen = load->result.answers;
    self->delayed_send(self, silence, tick_atom_v);
  }};
}

} // namespace

expected<load_result> run_actor_load(caf::actor_system& system, uint32_t lanes,
                                     const load_limit& limit,
                                     const lane_request& ask) {
  // Outlives the actor, which is awaited.
  actor_load load{ask, load_budget{limit}, {}, 0, std::nullopt, 0};
  caf::scoped_actor self{system};
  self->wait_for(system.spawn(drive, &load, lanes));
  if (load.error)
    return *load.error;
  load.result.elapsed = clock::now() - load.budget.start();
  load.result.processor = process_time() - load.budget.process_start();
  return load.result;
}

} // namespace vmsystem::bench
