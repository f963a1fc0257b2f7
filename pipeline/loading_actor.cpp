#include "vmsystem/pipeline/loading_actor.hpp"

#include "vmsystem/actors/errors.hpp"
#include "vmsystem/pipeline/loading.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace vmsystem {

loading_actor::behavior_type
loading(loading_actor::stateful_pointer<loading_state>, no_arguments) {
  return {
    [](load_atom, job_ref& ref) -> caf::result<job_ref> {
      auto& job = *ref.job;
      auto source
        = load_source(job.worktree, job.record.path, job.max_source_bytes);
      if (!source)
        return to_error(source.error());
      job.source = std::move(source).value();
      return std::move(ref);
    },
    [](check_atom, std::string& worktree) -> caf::result<std::string> {
      if (auto outcome = check_worktree(worktree); !outcome)
        return to_error(outcome.error());
      return std::move(worktree);
    },
  };
}

} // namespace vmsystem
