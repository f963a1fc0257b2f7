#include "vmsystem/app/private_session.hpp"

#include "vmsystem/actors/ask.hpp"
#include "vmsystem/actors/runtime.hpp"
#include "vmsystem/app/batch_template_here.hpp"
#include "vmsystem/app/system_config.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include <utility>

namespace vmsystem {

namespace {

/// How much longer than the script a request may take.
constexpr std::chrono::seconds margin{60};

} // namespace

struct private_session::impl {
  template <class Answer, class... Ts>
  expected<Answer> ask_supervisor(std::chrono::milliseconds timeout,
                                  Ts&&... request) {
    caf::scoped_actor self{system};
    return ask<Answer>(self, started->supervisor(), timeout,
                       std::forward<Ts>(request)...);
  }

  template <class Answer, class... Ts>
  expected<Answer> ask_query(Ts&&... request) {
    caf::scoped_actor self{system};
    return ask<Answer>(self, started->query(), margin,
                       std::forward<Ts>(request)...);
  }

  expected<void> start(const private_setup& setup) {
    runtime_options options;
    options.library_cache = setup.library_cache;
    options.allow_exec = setup.allow_exec;
    options.in_memory = true;
    options.engine_slots = 1;
    options.stop_grace_ms = 0;
    auto made = runtime::start(system, options);
    if (!made)
      return made.error();
    started = std::move(made).value();
    return success();
  }

  expected<template_id> make_template(const template_plan& plan) {
    caf::scoped_actor self{system};
    const auto supervisor = started->supervisor();
    const auto query = started->query();
    templates_here place{self, supervisor, query};
    auto made = make_planned_template(place, plan);
    if (!made)
      return made.error();
    // An empty change tells what holds.
    auto settings
      = ask_supervisor<template_settings>(margin, update_atom_v, made.value(),
                                          json_text{"{}"});
    if (!settings)
      return settings.error();
    limits = settings.value().limits;
    return made.value();
  }

  expected<void> make_session(const template_id& from,
                              const std::string& worktree) {
    session_spec spec;
    spec.vm_id = from;
    spec.workspace_id = "run";
    spec.base_commit_oid = "none";
    spec.worktree_path = worktree;
    auto opened = ask_supervisor<vmsystem::session>(margin, create_atom_v,
                                                    std::move(spec));
    if (!opened)
      return opened.error();
    session = opened.value().id;
    return success();
  }

  system_config config;
  caf::actor_system system{config};
  std::unique_ptr<runtime> started;
  session_id session;
  limits_config limits;
};

private_session::private_session(std::unique_ptr<impl> parts)
  : impl_{std::move(parts)} {}

private_session::~private_session() {
  impl_->started->stop();
}

expected<std::unique_ptr<private_session>>
private_session::open(const private_setup& setup) {
  auto parts = std::make_unique<impl>();
  if (auto started = parts->start(setup); !started)
    return started.error();
  std::unique_ptr<private_session> result{
    new private_session{std::move(parts)}};
  auto made = result->impl_->make_template(setup.plan);
  if (!made)
    return made.error();
  if (auto opened = result->impl_->make_session(made.value(), setup.worktree);
      !opened)
    return opened.error();
  return result;
}

expected<finished_execution> private_session::execute(execution_request work) {
  work.session = impl_->session;
  const std::chrono::milliseconds longest{impl_->limits.wall_ms};
  return impl_->ask_supervisor<finished_execution>(longest + margin,
                                                   execute_atom_v,
                                                   std::move(work));
}

expected<json_text> private_session::events(const event_filter& which) {
  return impl_->ask_query<json_text>(events_atom_v, which);
}

expected<json_text> private_session::running() {
  execution_filter filter;
  filter.session = impl_->session;
  filter.by_status = true;
  filter.status = execution_status::running;
  auto page = impl_->ask_query<document_page>(list_atom_v, filter);
  if (!page)
    return page.error();
  return std::move(page.value().array);
}

expected<void> private_session::cancel(const execution_id& which) {
  auto cancelled
    = impl_->ask_supervisor<cancel_receipt>(margin, cancel_atom_v, which);
  if (!cancelled)
    return cancelled.error();
  return success();
}

const limits_config& private_session::limits() const noexcept {
  return impl_->limits;
}

} // namespace vmsystem
