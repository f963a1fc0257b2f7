#include "vmsystem/pipeline/loading_actor.hpp"

#include "vmsystem/actors/errors.hpp"
#include "vmsystem/pipeline/loading.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace vmsystem {

namespace {

void load_one(execution_job& job) {
  if (job.record.kind == execution_kind::repl)
    return;
  auto source
    = load_source(job.worktree, job.record.path, job.max_source_bytes);
  if (source)
    job.source = std::move(source).value();
  else
    job.refusal = source.error();
}

} // namespace

loading_actor::behavior_type
loading(loading_actor::stateful_pointer<loading_state> self, no_arguments) {
  return {
    [](load_atom, job_group_ref& ref) {
      for (const auto& job : ref.group->jobs)
        load_one(*job);
      return std::move(ref);
    },
    [self](load_atom,
           const session_needs& wanted) -> caf::result<libraries_ref> {
      if (!wanted.worktree.empty())
        if (auto outcome = check_worktree(wanted.worktree); !outcome)
          return to_error(outcome.error());
      auto loaded
        = self->state.libraries.load(wanted.library_cache, wanted.libraries);
      if (!loaded)
        return to_error(loaded.error());
      return libraries_ref{std::move(loaded).value()};
    },
  };
}

} // namespace vmsystem
