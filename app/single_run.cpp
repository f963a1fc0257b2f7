#include "vmsystem/app/single_run.hpp"

#include "vmsystem/actors/ask.hpp"
#include "vmsystem/actors/runtime.hpp"
#include "vmsystem/app/system_config.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace vmsystem {

namespace {

/// How much longer than the script a request may take.
constexpr std::chrono::seconds margin{60};

/// Takes a file through template, session and execution.
class single_runner {
public:
  single_runner(caf::actor_system& system, const runtime& where,
                const single_run_request& request)
    : self_{system},
      supervisor_{where.supervisor()},
      query_{where.query()},
      request_{request} {}

  expected<single_run_result> run(const std::filesystem::path& file) {
    auto made = make_template();
    if (!made)
      return made.error();
    session_spec spec;
    spec.vm_id = made.value();
    spec.workspace_id = "run";
    spec.base_commit_oid = "none";
    spec.worktree_path = file.parent_path().string();
    auto opened = ask<session>(self_, supervisor_, margin, create_atom_v,
                               std::move(spec));
    if (!opened)
      return opened.error();
    return execute(opened.value().id, file.filename().string());
  }

private:
  expected<template_id> make_template() {
    auto made = ask<template_record>(self_, supervisor_, margin, create_atom_v,
                                     template_spec{"run", ""});
    if (!made)
      return made.error();
    const auto id = made.value().id;
    const json_text patch{"{\"limits\":" + request_.limits.text + '}'};
    auto settings = ask<template_settings>(self_, supervisor_, margin,
                                           update_atom_v, id, patch);
    if (!settings)
      return settings.error();
    longest_ = std::chrono::milliseconds{settings.value().limits.wall_ms};
    return id;
  }

  expected<single_run_result> execute(session_id where, std::string path) {
    execution_request work;
    work.session = where;
    work.kind = execution_kind::run_file;
    work.path = std::move(path);
    work.args = request_.args;
    work.env = request_.env;
    auto finished
      = ask<finished_execution>(self_, supervisor_, longest_ + margin,
                                execute_atom_v, std::move(work));
    if (!finished)
      return finished.error();
    event_filter all;
    all.execution = finished.value().record.id;
    auto events = ask<json_text>(self_, query_, margin, events_atom_v, all);
    if (!events)
      return events.error();
    return single_run_result{std::move(finished.value().document),
                             std::move(events).value()};
  }

  caf::scoped_actor self_;
  supervisor_actor supervisor_;
  query_actor query_;
  const single_run_request& request_;
  std::chrono::milliseconds longest_{0};
};

/// A runtime for one script, which keeps everything in memory.
expected<std::unique_ptr<runtime>> start_small(caf::actor_system& system) {
  runtime_options options;
  options.in_memory = true;
  options.engine_slots = 1;
  options.stop_grace_ms = 0;
  return runtime::start(system, options);
}

} // namespace

expected<single_run_result> single_run(const single_run_request& request) {
  std::error_code error;
  const auto file = std::filesystem::canonical(request.file, error);
  if (error)
    return fail(ec::file_not_found, request.file + ": " + error.message());
  system_config config;
  caf::actor_system system{config};
  auto started = start_small(system);
  if (!started)
    return started.error();
  auto result = single_runner{system, *started.value(), request}.run(file);
  started.value()->stop();
  return result;
}

} // namespace vmsystem
