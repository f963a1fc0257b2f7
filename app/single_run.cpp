#include "vmsystem/app/single_run.hpp"

#include "vmsystem/app/private_session.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

namespace vmsystem {

expected<single_run_result> single_run(const single_run_request& request) {
  std::error_code error;
  const auto file = std::filesystem::canonical(request.file, error);
  if (error)
    return fail(ec::file_not_found, request.file + ": " + error.message());
  auto setup = request.setup;
  setup.worktree = file.parent_path().string();
  auto opened = private_session::open(setup);
  if (!opened)
    return opened.error();
  auto& session = *opened.value();
  execution_request work;
  work.kind = execution_kind::run_file;
  work.path = file.filename().string();
  work.args = request.args;
  work.env = request.env;
  auto finished = session.execute(std::move(work));
  if (!finished)
    return finished.error();
  event_filter all;
  all.execution = finished.value().record.id;
  auto events = session.events(all);
  if (!events)
    return events.error();
  return single_run_result{std::move(finished.value().document),
                           std::move(events).value()};
}

} // namespace vmsystem
