#include "vmsystem/pipeline/slot_actor.hpp"

#include "vmsystem/actors/errors.hpp"
#include "vmsystem/pipeline/execution.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace vmsystem {

namespace {

using slot_pointer = slot_actor::stateful_pointer<slot_state>;

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

} // namespace

slot_actor::behavior_type slot(slot_pointer self,
                               event_receiver_actor receiver) {
  return {
    [self, receiver](run_atom, job_ref& ref) -> caf::result<job_ref> {
      auto& job = *ref.job;
      if (auto ready = prepare_thread(self->state); !ready) {
        job.report.outcome
          = failed_outcome(end_reason::engine_failure, ready.error().message);
        return std::move(ref);
      }
      run_job(job, [self, receiver, id = job.record.id](event_chunk chunk) {
        self->send(receiver, events_atom_v,
                   event_part{id, chunk.first_seq, std::move(chunk.text)});
      });
      return std::move(ref);
    },
    [](close_atom, job_ref& ref) -> caf::result<job_ref> {
      end_waiting_job(*ref.job);
      return std::move(ref);
    },
    [self](image_atom, template_settings& settings) -> caf::result<image_ref> {
      if (auto ready = prepare_thread(self->state); !ready)
        return to_error(ready.error());
      auto image
        = engine::image::build({settings.runtime, settings.limits.mem_mb});
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
  };
}

} // namespace vmsystem
