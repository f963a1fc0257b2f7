#include "vmsystem/actors/runtime.hpp"

#include "vmsystem/actors/ask.hpp"
#include "vmsystem/actors/catalog.hpp"
#include "vmsystem/actors/query.hpp"
#include "vmsystem/actors/recovery.hpp"
#include "vmsystem/actors/supervisor.hpp"
#include "vmsystem/actors/terminator.hpp"
#include "vmsystem/persistence/rocksdb_store.hpp"
#include "vmsystem/pipeline/slot_actor.hpp"

#include <caf/actor_cast.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <utility>

namespace vmsystem {

namespace {

/// What a drain may take beyond its grace period: the watchdog's delay, the
/// last commits.
constexpr std::chrono::milliseconds drain_margin{5000};

/// What an actor may take to end that has nothing to do any more.
constexpr std::chrono::milliseconds exit_grace{2000};

void use_product_writer(stage_factory& stages, const store_ptr& kept,
                        durability how,
                        const std::shared_ptr<writer_stats>& stats) {
  if (stages.writer)
    return;
  stages.writer = [=](caf::actor_system& system) {
    writer_config config;
    config.how = how;
    return system.spawn<caf::detached>(rocksdb_writer, kept, config, stats);
  };
}

/// Slots whose scripts find the functions of the host, and may do what the
/// options say.
stage_factory stages_with(const runtime_options& options,
                          engine::host_functions_ptr functions) {
  slot_options made;
  made.functions = std::move(functions);
  made.allow_exec = options.allow_exec;
  auto stages = default_stages();
  stages.slot = [made = std::move(made)](caf::actor_system& system,
                                         event_receiver_actor receiver) {
    return spawn_slot(system, std::move(receiver), made);
  };
  return stages;
}

/// Memory is as durable without a log.
durability durability_of(const runtime_options& options) {
  return options.in_memory ? durability::off : options.store_durability;
}

expected<store_ptr> open_store(const runtime_options& options) {
  rocksdb_config config;
  config.path = options.store_path;
  if (options.in_memory) {
    config.path = "/store";
    config.env = make_memory_env();
  }
  auto kept = rocksdb_store::open(config);
  if (!kept)
    return kept.error();
  return store_ptr{std::move(kept).value()};
}

/// Brings a store in order and starts the actors on it.
expected<runtime_parts>
spawn_parts(caf::actor_system& system, const runtime_options& options,
            store_ptr kept, stage_factory stages, runtime_log log) {
  auto recovered = recover(*kept);
  if (!recovered)
    return recovered.error();
  auto& found = recovered.value();
  runtime_parts parts;
  parts.report = {static_cast<uint32_t>(found.templates.size()),
                  found.interrupted_executions, found.closed_sessions,
                  static_cast<uint32_t>(found.batches.size())};
  parts.stats = std::make_shared<writer_stats>();
  use_product_writer(stages, kept, durability_of(options), parts.stats);
  // Reads block on the disk, so they have a thread of their own.
  parts.query = system.spawn<caf::detached>(vmsystem::query, kept);
  supervisor_setup setup;
  setup.options = options;
  setup.stages = std::move(stages);
  setup.query = parts.query;
  setup.writer = std::make_shared<current_writer>();
  setup.written = parts.stats;
  setup.log = std::move(log);
  const auto removed = std::make_shared<retention_stats>();
  setup.removed = removed;
  const auto writer = setup.writer;
  setup.catalog = system.spawn(catalog, setup.writer, options.limits,
                               std::move(found.templates));
  parts.supervisor = system.spawn(vmsystem::supervisor, std::move(setup));
  if (options.keep.any())
    parts.retention
      = system.spawn<caf::detached>(vmsystem::retention,
                                    retention_setup{options.keep, kept, writer,
                                                    removed});
  if (options.resume_batches)
    for (const auto& batch : found.batches)
      if (batch.status == batch_status::running)
        caf::anon_send(parts.supervisor, resume_atom_v, batch.id, false);
  parts.kept = std::move(kept);
  return parts;
}

} // namespace

expected<std::unique_ptr<runtime>>
runtime::start(caf::actor_system& system, const runtime_options& options,
               engine::host_functions_ptr functions, runtime_log log) {
  auto kept = open_store(options);
  if (!kept)
    return kept.error();
  return start(system, options, std::move(kept).value(),
               stages_with(options, std::move(functions)), std::move(log));
}

expected<std::unique_ptr<runtime>>
runtime::start(caf::actor_system& system, const runtime_options& options,
               store_ptr kept, stage_factory stages, runtime_log log) {
  auto parts = spawn_parts(system, options, std::move(kept), std::move(stages),
                           std::move(log));
  if (!parts)
    return parts.error();
  return std::make_unique<runtime>(system, std::move(parts).value(),
                                   options.stop_grace_ms);
}

runtime::runtime(caf::actor_system& system, runtime_parts parts,
                 uint32_t grace_ms) noexcept
  : system_{system}, parts_{std::move(parts)}, grace_ms_{grace_ms} {}

runtime::~runtime() {
  if (!stopped_)
    stop_within(0);
}

bool runtime::stop() {
  return stopped_ || stop_within(grace_ms_);
}

bool runtime::stop_within(uint32_t grace_ms) {
  stopped_ = true;
  bool clean = false;
  {
    caf::scoped_actor self{system_};
    const auto timeout = std::chrono::milliseconds{grace_ms} + drain_margin;
    clean = ask<runtime_summary>(self, parts_.supervisor, timeout, drain_atom_v,
                                 grace_ms)
              .has_value();
  }
  std::vector<caf::actor> left{caf::actor_cast<caf::actor>(parts_.supervisor),
                               caf::actor_cast<caf::actor>(parts_.query)};
  if (parts_.retention)
    left.push_back(caf::actor_cast<caf::actor>(parts_.retention));
  parts_.supervisor = nullptr;
  parts_.query = nullptr;
  parts_.retention = nullptr;
  return terminate(system_, left, exit_grace, exit_grace) && clean;
}

expected<supervisor_actor> spawn_runtime(caf::actor_system& system,
                                         const runtime_options& options,
                                         engine::host_functions_ptr functions) {
  auto kept = open_store(options);
  if (!kept)
    return kept.error();
  auto parts = spawn_parts(system, options, std::move(kept).value(),
                           stages_with(options, std::move(functions)), {});
  if (!parts)
    return parts.error();
  auto root = std::move(parts.value().supervisor);
  // The supervisor takes its stages along; these are none of them.
  root->attach_functor([reader = std::move(parts.value().query),
                        retention = std::move(parts.value().retention)] {
    caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
    if (retention)
      caf::anon_send_exit(retention, caf::exit_reason::user_shutdown);
  });
  return root;
}

} // namespace vmsystem
