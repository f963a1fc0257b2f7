#include "vmsystem/benchmarks/harness/rig.hpp"

#include "vmsystem/models/codec.hpp"
#include "vmsystem/pipeline/integrity.hpp"
#include "vmsystem/pipeline/library_cache.hpp"

#include <caf/io/middleman.hpp>

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <system_error>

namespace vmsystem::bench {

namespace {

/// Requests in flight while a workload is set up or taken down.
constexpr uint32_t setup_lanes = 64;

constexpr uint32_t gateway_grace_ms = 1000;

/// Functions of the library that stands for lodash: some 540 KB.
constexpr int library_functions = 6000;

} // namespace

bench_config::bench_config(const bench_options& options) {
  load<caf::io::middleman>();
  if (options.threads != 0)
    set("scheduler.max-threads", std::size_t{options.threads});
}

expected<std::unique_ptr<rig>> rig::start(const context& run, durability how) {
  auto folder = run.scratch();
  if (!folder)
    return folder.error();
  auto result = std::make_unique<rig>(std::move(folder).value(), run.options());
  if (auto begun = result->begin(how); !begun)
    return begun.error();
  return result;
}

rig::rig(scratch_folder folder, const bench_options& options)
  : folder_{std::move(folder)},
    options_{options},
    config_{options_},
    system_{config_} {}

expected<void> rig::begin(durability how) {
  runtime_options options;
  options.store_path = folder_.path() / "store";
  options.store_durability = how;
  options.engine_slots = options_.slots;
  options.library_cache = options_.library_cache.empty()
                            ? folder_.path() / "libraries"
                            : options_.library_cache;
  auto started = runtime::start(system_, options);
  if (!started)
    return started.error();
  runtime_ = std::move(started).value();
  gateway_options door;
  door.listen.port = 0;
  auto gateway = spawn_http_gateway(system_, door, runtime_->supervisor(),
                                    runtime_->query());
  if (!gateway)
    return gateway.error();
  gateway_ = std::move(gateway).value();
  return success();
}

rig::~rig() {
  if (gateway_.actor)
    static_cast<void>(
      ask<uint32_t>(system_, gateway_.actor, drain_atom_v, gateway_grace_ms));
  if (runtime_)
    runtime_->stop();
}

session_spec rig::spec_of(template_id id,
                          const std::filesystem::path& worktree) const {
  return {id, "bench", "0000000", worktree.empty() ? folder_.path() : worktree};
}

expected<template_id> rig::make_template(const json_text& settings) {
  auto made = ask<template_record>(
    system_, supervisor(), create_atom_v,
    template_spec{"bench-" + std::to_string(++templates_), {}});
  if (!made)
    return made.error();
  const auto id = made.value().id;
  if (settings.empty())
    return id;
  auto set = ask<template_settings>(system_, supervisor(), update_atom_v, id,
                                    settings);
  if (!set)
    return set.error();
  return id;
}

expected<std::string> rig::make_library() {
  library_entry entry;
  entry.name = "functions";
  entry.version = "1.0.0";
  entry.package = entry.name;
  entry.file = "functions.js";
  entry.global = entry.sets = "functions";
  std::string script = "var functions = {};\n";
  for (int i = 0; i < library_functions; ++i) {
    const auto n = std::to_string(i);
    script += "functions.f" + n
              + " = function (list, step) {\n"
                "  return list.map((x) => x * step + "
              + n + ").filter(Boolean);\n};\n";
  }
  entry.integrity = integrity_of(script);
  const auto folder = folder_.path() / "libraries";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::ofstream{folder / entry.file_name()} << script;
  std::ofstream manifest{folder / std::string{library_manifest}};
  manifest << manifest_line(entry);
  if (!manifest.flush())
    return fail(ec::internal, "no library could be made in " + folder.string());
  return entry.name;
}

expected<std::string> rig::add_large_library(template_id id) {
  auto name = options_.library_cache.empty()
                ? make_library()
                : expected<std::string>{std::string{"lodash"}};
  if (!name)
    return name;
  auto added
    = ask<listed_name>(system_, supervisor(), add_atom_v,
                       listed_name{id, name_list::libraries, name.value()});
  if (!added)
    return added.error();
  return name;
}

expected<void> rig::add_startup_file(template_id id, startup_file_spec what) {
  what.vm_id = id;
  auto added
    = ask<startup_file>(system_, supervisor(), add_atom_v, std::move(what));
  if (!added)
    return added.error();
  return success();
}

expected<std::vector<session_id>>
rig::make_sessions(template_id id, uint32_t count,
                   const std::filesystem::path& worktree) {
  const auto spec = spec_of(id, worktree);
  std::vector<session_id> made;
  const auto create
    = [&](caf::event_based_actor* self, uint32_t, const request_done& done) {
        self->request(supervisor(), caf::infinite, create_atom_v, spec)
          .then(
            [&made, done](const session& x) {
              made.push_back(x.id);
              done(success());
            },
            [done](const caf::error& reason) { done(to_failure(reason)); });
      };
  auto result
    = run_actor_load(system_, setup_lanes, {request_timeout, count}, create);
  if (!result)
    return result.error();
  return made;
}

expected<void> rig::close_sessions(const std::vector<session_id>& sessions) {
  if (sessions.empty())
    return success();
  std::size_t next = 0;
  const auto close = [&](caf::event_based_actor* self, uint32_t,
                         const request_done& done) {
    self->request(supervisor(), caf::infinite, close_atom_v, sessions[next++])
      .then([done](const session&) { done(success()); },
            [done](const caf::error& reason) { done(to_failure(reason)); });
  };
  auto result = run_actor_load(system_, setup_lanes,
                               {request_timeout, sessions.size()}, close);
  if (!result)
    return result.error();
  return success();
}

expected<uint64_t> rig::count_executions(session_id id) {
  uint64_t count = 0;
  execution_filter filter;
  filter.session = id;
  filter.limit = 1000;
  for (;;) {
    auto page
      = ask<document_page>(system_, runtime_->query(), list_atom_v, filter);
    if (!page)
      return page.error();
    auto records = list_from_json<execution>(page.value().array.text);
    if (!records)
      return records.error();
    count += records.value().size();
    if (page.value().next.nil())
      return count;
    filter.cursor.raw = page.value().next;
  }
}

expected<void> rig::check_stored(session_id id, uint64_t answered) {
  const auto stored = count_executions(id);
  if (!stored)
    return stored.error();
  if (stored.value() == answered)
    return success();
  return fail(ec::internal, std::to_string(answered)
                              + " executions were answered, "
                              + std::to_string(stored.value()) + " are stored");
}

expected<uint64_t> rig::count_events(execution_id id) {
  event_filter filter;
  filter.execution = id;
  auto array
    = ask<json_text>(system_, runtime_->query(), events_atom_v, filter);
  if (!array)
    return array.error();
  auto events = list_from_json<event>(array.value().text);
  if (!events)
    return events.error();
  uint32_t seq = 0;
  for (const auto& x : events.value())
    if (x.seq != ++seq)
      return fail(ec::internal, "event " + std::to_string(seq) + " of "
                                  + id.to_string() + " is missing");
  return seq;
}

expected<rig_with_sessions>
rig_with_sessions::make(const context& run, durability how, uint32_t count,
                        const json_text& settings) {
  auto server = rig::start(run, how);
  if (!server)
    return server.error();
  const auto id = server.value()->make_template(settings);
  if (!id)
    return id.error();
  auto sessions = server.value()->make_sessions(id.value(), count);
  if (!sessions)
    return sessions.error();
  return rig_with_sessions{std::move(server).value(),
                           std::move(sessions).value()};
}

} // namespace vmsystem::bench
