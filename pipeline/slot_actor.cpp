#include "vmsystem/pipeline/slot_actor.hpp"

#include "vmsystem/actors/errors.hpp"
#include "vmsystem/pipeline/execution.hpp"
#include "vmsystem/pipeline/template_globals.hpp"
#include "vmsystem/pipeline/template_modules.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

#include <pthread.h>

namespace vmsystem {

namespace {

using slot_pointer = slot_actor::stateful_pointer<slot_state>;

/// Native stack of a slot's thread. Only what is used of it takes memory.
constexpr std::size_t slot_thread_bytes = 40u << 20;

/// While it lives, threads are made with a larger stack than usual: the actor
/// system's own way to make one has no such option.
class thread_stack_scope {
public:
  explicit thread_stack_scope(std::size_t bytes) {
    pthread_attr_init(&attributes_);
    pthread_getattr_default_np(&attributes_);
    pthread_attr_getstacksize(&attributes_, &before_);
    set(std::max(bytes, before_));
  }

  thread_stack_scope(const thread_stack_scope&) = delete;

  thread_stack_scope& operator=(const thread_stack_scope&) = delete;

  ~thread_stack_scope() {
    set(before_);
    pthread_attr_destroy(&attributes_);
  }

private:
  void set(std::size_t bytes) {
    pthread_attr_setstacksize(&attributes_, bytes);
    pthread_setattr_default_np(&attributes_);
  }

  pthread_attr_t attributes_{};
  std::size_t before_ = 0;
};

/// The guard belongs to the thread, so it is made by the first message that
/// the thread handles.
expected<void> prepare_thread(slot_state& state) {
  if (state.guard)
    return success();
  auto guard = engine::thread_guard::make();
  if (!guard)
    return guard.error();
  state.guard.emplace(std::move(guard).value());
  return success();
}

/// One that waits keeps its instance.
void give_back(slot_state& state, execution_job& job) {
  if (job.image && !job.report.outcome.waiting)
    state.pool.give_back(std::exchange(job.instance, nullptr));
}

/// Runs the job's script, in an instance of the pool when it has none; or goes
/// on with it.
void run_one(slot_pointer self, const event_receiver_actor& receiver,
             execution_job& job) {
  auto& state = self->state;
  if (auto ready = prepare_thread(state); !ready) {
    job.report.outcome
      = failed_outcome(end_reason::engine_failure, ready.error().message);
    return;
  }
  if (job.instance == nullptr) {
    auto pristine = state.pool.take(job.image, run_options_of(job));
    if (!pristine) {
      job.report.outcome
        = failed_outcome(end_reason::engine_failure, pristine.error().message);
      return;
    }
    job.instance = std::move(pristine).value();
  }
  const auto give = [&, id = job.record.id](event_chunk chunk) {
    self->send(receiver, events_atom_v,
               event_part{id, chunk.first_seq, std::move(chunk.text)});
  };
  if (job.turn == job_turn::resume)
    resume_job(job, give);
  else
    run_job(job, give);
  give_back(state, job);
}

/// Gives up the wait of a job.
void give_up(slot_state& state, execution_job& job) {
  end_waiting_job(job);
  give_back(state, job);
}

/// Whether the job's session is able to run another one.
bool goes_on(const execution_job& job) {
  return !job.report.outcome.waiting && !job.report.instance_died;
}

void run_group(slot_pointer self, const event_receiver_actor& receiver,
               job_group& group) {
  for (auto i = group.take(); i < group.size(); i = group.take()) {
    auto& job = *group.jobs[i];
    if (job.turn == job_turn::give_up)
      give_up(self->state, job);
    else
      run_one(self, receiver, job);
    const bool last = group.in_one_session && !goes_on(job);
    group.finish_one();
    if (last)
      return;
  }
}

} // namespace

slot_actor::behavior_type slot(slot_pointer self, event_receiver_actor receiver,
                               slot_options options) {
  self->state.pool = instance_pool{options.reuse_instances};
  return {
    [self, receiver](run_atom, job_group_ref& ref) {
      run_group(self, receiver, *ref.group);
      return std::move(ref);
    },
    [self, options = std::move(options)](
      image_atom, const template_bundle& of,
      const libraries_ref& libraries) -> caf::result<image_ref> {
      if (auto ready = prepare_thread(self->state); !ready)
        return to_error(ready.error());
      engine::image_options wanted;
      wanted.runtime = of.settings.runtime;
      wanted.mem_mb = of.settings.limits.mem_mb;
      wanted.stack_kb
        = std::min(engine::thread_guard::most_stack_kb(), slot_stack_kb);
      wanted.host_functions = options.functions;
      wanted.modules = modules_of(of, options.allow_exec);
      auto scripts = libraries.list;
      if (auto globals = globals_of(of))
        scripts.insert(scripts.begin(), std::move(globals));
      auto image = engine::image::build(wanted);
      if (image)
        image = engine::with_libraries(image.value(), scripts);
      if (!image)
        return to_error(image.error());
      return image_ref{std::move(image).value()};
    },
    [](clone_atom, image_ref& ref) -> caf::result<instance_ref> {
      auto instance = engine::instance::clone(std::move(ref.image));
      if (!instance)
        return to_error(instance.error());
      return instance_ref{std::move(instance).value()};
    },
    [](freeze_atom, instance_ref& ref) -> caf::result<image_ref> {
      auto image = ref.instance->freeze();
      if (!image)
        return to_error(image.error());
      return image_ref{std::move(image).value()};
    },
  };
}

slot_actor spawn_slot(caf::actor_system& system, event_receiver_actor receiver,
                      slot_options options) {
  const thread_stack_scope scope{slot_thread_bytes};
  return system.spawn<caf::detached>(slot, std::move(receiver),
                                     std::move(options));
}

} // namespace vmsystem
