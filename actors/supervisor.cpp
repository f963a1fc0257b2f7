#include "vmsystem/actors/supervisor.hpp"

#include "vmsystem/actors/errors.hpp"
#include "vmsystem/actors/process_bounds.hpp"
#include "vmsystem/actors/supervisor_parts.hpp"

#include <fstream>

namespace vmsystem {

namespace {

/// Live sessions that this kernel has mappings for.
uint32_t default_session_bound() {
  std::ifstream file{"/proc/sys/vm/max_map_count"};
  uint64_t maps = 65530;
  file >> maps;
  return session_bound(maps);
}

caf::result<finished_execution> execute(supervisor_pointer self,
                                        execution_request& request) {
  auto promise = self->make_response_promise<finished_execution>();
  if (auto allowed = supervision::check_kind(request); !allowed)
    return to_error(allowed.error());
  supervision::execute(self, std::move(request),
                       supervision::deliver_to(promise));
  return promise;
}

/// Hands a message on to the batch that goes on.
template <class Answer, class... Ts>
caf::result<Answer> to_runner(supervisor_pointer self, batch_id id, Ts... xs) {
  const auto runner = supervision::runner_of(self->state, id);
  if (!runner)
    return to_error(runner.error());
  return self->delegate(runner.value(), std::move(xs)...);
}

} // namespace

supervisor_core_actor::behavior_type supervisor(supervisor_pointer self,
                                                supervisor_setup setup) {
  auto& state = self->state;
  state.setup = std::move(setup);
  state.max_sessions = state.setup.options.max_sessions;
  if (state.max_sessions == 0)
    state.max_sessions = default_session_bound();
  supervision::start_log(self);
  supervision::start_stages(self);
  const auto catalog = state.setup.catalog;
  return {
    [=](create_atom, const template_spec& x) {
      return self->delegate(catalog, create_atom_v, x);
    },
    [=](remove_atom, template_id x) {
      self->state.images.erase(x);
      return self->delegate(catalog, remove_atom_v, x);
    },
    [=](update_atom, template_id x, const json_text& patch) {
      return self->delegate(catalog, update_atom_v, x, patch);
    },
    [=](add_atom, const capability_spec& x) {
      return self->delegate(catalog, add_atom_v, x);
    },
    [=](remove_atom, template_id x, capability_id y) {
      return self->delegate(catalog, remove_atom_v, x, y);
    },
    [=](add_atom, const startup_file_spec& x) {
      return self->delegate(catalog, add_atom_v, x);
    },
    [=](remove_atom, template_id x, startup_file_id y) {
      return self->delegate(catalog, remove_atom_v, x, y);
    },
    [=](add_atom, const listed_name& x) {
      return supervision::add_name(self, x);
    },
    [=](remove_atom, const listed_name& x) {
      return self->delegate(catalog, remove_atom_v, x);
    },
    [=](bundle_atom, template_id x) {
      return self->delegate(catalog, bundle_atom_v, x);
    },
    [=](create_atom, session_spec& spec) {
      return supervision::create_session(self, std::move(spec));
    },
    [=](close_atom, session_id id) {
      return supervision::close_session(self, id);
    },
    [=](execute_atom, execution_request& request) {
      return execute(self, request);
    },
    [=](execute_atom, execution_request& request, std::string& key) {
      return supervision::execute_once(self, std::move(request),
                                       std::move(key));
    },
    [=](create_atom, execution_request& request, std::string& key) {
      return supervision::start(self, std::move(request), std::move(key));
    },
    [=](events_atom, execution_id id, uint32_t known) {
      return supervision::await_events(self, id, known);
    },
    [=](cancel_atom, execution_id id) { return supervision::cancel(self, id); },
    [=](summary_atom) { return supervision::summary(self->state); },
    [=](ready_atom) { return supervision::ready(self); },
    [=](metrics_atom) { return supervision::metrics(self); },
    [=](drain_atom, uint32_t grace_ms) {
      return supervision::drain(self, grace_ms);
    },
    [=](create_atom, batch_spec& spec) {
      return supervision::create_batch(self, std::move(spec));
    },
    [=](add_atom, batch_id id, batch_input& input) {
      return to_runner<batch>(self, id, add_atom_v, std::move(input));
    },
    [=](results_atom, batch_id id) {
      return to_runner<batch_results>(self, id, results_atom_v);
    },
    [=](release_atom, batch_id id) {
      return to_runner<batch>(self, id, release_atom_v);
    },
    [=](cancel_atom, batch_id id) {
      return supervision::cancel_batch(self, id);
    },
    [=](resume_atom, batch_id id, bool attached) {
      return supervision::resume_batch(self, id, attached);
    },
    [=](get_atom, batch_id id) {
      return to_runner<batch>(self, id, get_atom_v);
    },
    [=](run_atom, batch_id id, batch_work& work) {
      supervision::take_jobs(self, id, std::move(work));
    },
    [=](close_atom, batch_id id) {
      supervision::stop_jobs(self, id, end_reason::cancelled);
    },
    [=](done_atom, batch_id id) { supervision::end_batch_sessions(self, id); },
    [=](remove_atom, batch_id id) { supervision::forget_batch(self, id); },
    [=](clone_atom, batch_id id) { return supervision::add_session(self, id); },
    [=](events_atom, event_part& part) {
      supervision::persist_part(self, std::move(part));
    },
    [=](wake_atom, execution_id id, uint32_t ticket) {
      supervision::wake(self, id, ticket);
    },
    [=](admit_atom) { supervision::admit_gathered(self); },
    [=](tick_atom) { supervision::tick(self); },
    [=](drain_atom) { supervision::end_grace(self); },
  };
}

} // namespace vmsystem
