#include "vmsystem/pipeline/admission_actor.hpp"

#include "vmsystem/actors/errors.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace vmsystem {

admission_actor::behavior_type
admission(admission_actor::stateful_pointer<admission_state>, no_arguments) {
  return {
    [](admit_atom, job_ref& ref) -> caf::result<job_ref> {
      auto record = admit(ref.job->request, ref.job->view);
      if (!record)
        return to_error(record.error());
      ref.job->record = std::move(record).value();
      return std::move(ref);
    },
  };
}

} // namespace vmsystem
