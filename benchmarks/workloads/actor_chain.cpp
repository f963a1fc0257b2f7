// The bound of the pipeline: its messages, its actors and their threads,
// without its work.

#include "vmsystem/actors/stage_interfaces.hpp"
#include "vmsystem/app/system_config.hpp"
#include "vmsystem/benchmarks/harness/actor_load.hpp"
#include "vmsystem/benchmarks/harness/rig.hpp"
#include "vmsystem/benchmarks/workloads/shared.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace vmsystem::bench {

namespace {

/// Takes an execution on the same way as the supervisor.
using chain_actor = caf::typed_actor<
  // Asks all stages, one after the other.
  caf::replies_to<execute_atom, execution_request>::with<finished_execution>>;

admission_actor::behavior_type idle_admission() {
  return {[](admit_atom, job_group_ref& ref) { return std::move(ref); }};
}

slot_actor::behavior_type idle_slot() {
  return {
    [](run_atom, job_group_ref& ref) { return std::move(ref); },
    [](image_atom, template_bundle&, libraries_ref&) { return image_ref{}; },
    [](clone_atom, image_ref&) { return instance_ref{}; },
    [](freeze_atom, instance_ref&) { return image_ref{}; },
  };
}

finalization_actor::behavior_type idle_finalization() {
  return {[](finalize_atom, job_group_ref& ref) { return std::move(ref); }};
}

rocksdb_writer_actor::behavior_type idle_writer(rocksdb_writer_actor::pointer) {
  return {
    [](write_atom, change_set&) { return commit_receipt{}; },
    [](commit_atom) {},
    [](flush_atom) { return commit_receipt{}; },
  };
}

struct chain_state {
  static inline const char* name = "chain";

  admission_actor admission;
  std::vector<slot_actor> slots;
  finalization_actor finalization;
  rocksdb_writer_actor writer;
  std::size_t next_slot = 0;
};

using chain_pointer = chain_actor::stateful_pointer<chain_state>;

using chain_promise = caf::typed_response_promise<finished_execution>;

/// Asks `receiver` and goes on with `next`; an error ends the way.
template <class Receiver, class Next, class... Arguments>
void step(chain_pointer self, chain_promise promise, const Receiver& receiver,
          Next next, Arguments&&... arguments) {
  self->request(receiver, caf::infinite, std::forward<Arguments>(arguments)...)
    .then(next, [promise](caf::error& reason) mutable {
      promise.deliver(std::move(reason));
    });
}

job_group_ref alone(const job_ptr& job) {
  return {std::make_shared<job_group>(std::vector<job_ptr>{job})};
}

void walk(chain_pointer self, const chain_promise& promise,
          const std::shared_ptr<execution_job>& job) {
  auto& state = self->state;
  const auto written = [=](const commit_receipt&) mutable {
    auto answer = promise;
    answer.deliver(std::move(job->finished));
  };
  const auto finalized = [=](const job_group_ref&) {
    step(self, promise, self->state.writer, written, write_atom_v,
         std::move(job->changes));
  };
  const auto ran = [=](const job_group_ref&) {
    step(self, promise, self->state.finalization, finalized, finalize_atom_v,
         alone(job));
  };
  const auto admitted = [=](const job_group_ref&) {
    auto& slots = self->state.slots;
    const auto slot = slots[self->state.next_slot++ % slots.size()];
    step(self, promise, slot, ran, run_atom_v, alone(job));
  };
  step(self, promise, state.admission, admitted, admit_atom_v, alone(job));
}

chain_actor::behavior_type chain(chain_pointer self, uint32_t slots) {
  auto& state = self->state;
  state.admission = self->spawn(idle_admission);
  state.finalization = self->spawn(idle_finalization);
  state.writer = self->spawn<caf::detached>(idle_writer);
  for (uint32_t i = 0; i < slots; ++i)
    state.slots.push_back(self->spawn<caf::detached>(idle_slot));
  return {
    [self](execute_atom,
           execution_request& request) -> caf::result<finished_execution> {
      auto promise = self->make_response_promise<finished_execution>();
      auto job = std::make_shared<execution_job>();
      job->request = std::move(request);
      job->changes.changes.resize(2);
      walk(self, promise, job);
      return promise;
    },
  };
}

} // namespace

const expected<load_results>& actor_chain(context& run, uint32_t lanes) {
  return run.once("chain/" + std::to_string(lanes), [&] {
    bench_config config{run.options()};
    caf::actor_system system{config};
    const chain_actor way = system.spawn(chain, run.engine_threads());
    const auto execute = [&](caf::event_based_actor* self, uint32_t,
                             const request_done& done) {
      execution_request request;
      request.input = "1+1";
      self->request(way, caf::infinite, execute_atom_v, std::move(request))
        .then([done](const finished_execution&) { done(success()); },
              [done](const caf::error& reason) { done(to_failure(reason)); });
    };
    auto results = run.repeat([&](const load_limit& limit) {
      return run_actor_load(system, lanes, limit, execute);
    });
    caf::anon_send_exit(way, caf::exit_reason::user_shutdown);
    return results;
  });
}

} // namespace vmsystem::bench
