#include "vmsystem/pipeline/finalization_actor.hpp"

#include "vmsystem/models/codec.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace vmsystem {

namespace {

void finalize_one(execution_job& job) {
  job.finished = finalize(job.record, job.report);
  job.changes = end_changes(job.finished, job.report.events.take(), false);
  if (job.place && job.place->has_reader)
    job.result_line = to_json_or(result_of(job.finished.record), "{}").text;
}

} // namespace

finalization_actor::behavior_type
finalization(finalization_actor::stateful_pointer<finalization_state>,
             no_arguments) {
  return {
    [](finalize_atom, job_group_ref& ref) {
      for (const auto& job : ref.group->jobs)
        finalize_one(*job);
      return std::move(ref);
    },
  };
}

} // namespace vmsystem
