#include "vmsystem/pipeline/admission_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace vmsystem {

namespace {

void admit_one(execution_job& job) {
  if (job.place) {
    job.record = admit_job(job.request, *job.place);
    if (job.refusal)
      return;
    if (auto outcome = check_job(job.request, job.record); !outcome)
      job.refusal = outcome.error();
    return;
  }
  auto record = admit(job.request, job.view);
  if (record)
    job.record = std::move(record).value();
  else
    job.refusal = record.error();
}

} // namespace

admission_actor::behavior_type
admission(admission_actor::stateful_pointer<admission_state>, no_arguments) {
  return {
    [](admit_atom, job_group_ref& ref) {
      for (const auto& job : ref.group->jobs)
        admit_one(*job);
      return std::move(ref);
    },
  };
}

} // namespace vmsystem
