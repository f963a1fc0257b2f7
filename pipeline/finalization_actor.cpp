#include "vmsystem/pipeline/finalization_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace vmsystem {

finalization_actor::behavior_type
finalization(finalization_actor::stateful_pointer<finalization_state>,
             no_arguments) {
  return {
    [](finalize_atom, job_ref& ref) -> caf::result<job_ref> {
      auto& job = *ref.job;
      job.finished = finalize(job.record, job.report);
      job.changes = end_changes(job.finished, job.report.events.take(), false);
      return std::move(ref);
    },
  };
}

} // namespace vmsystem
