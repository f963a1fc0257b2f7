#include "vmsystem/actors/runtime.hpp"

#include "vmsystem/actors/catalog.hpp"
#include "vmsystem/actors/query.hpp"
#include "vmsystem/actors/recovery.hpp"
#include "vmsystem/actors/supervisor.hpp"
#include "vmsystem/actors/terminator.hpp"
#include "vmsystem/persistence/rocksdb_store.hpp"

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

} // namespace

void add_message_types(caf::actor_system_config& config) {
  config.add_message_types<caf::id_block::vmsystem>();
  config.add_message_types<caf::id_block::vmsystem_local>();
}

expected<std::unique_ptr<runtime>>
runtime::start(caf::actor_system& system, const runtime_options& options) {
  rocksdb_config config;
  config.path = options.store_path;
  config.how = options.store_durability;
  auto kept = rocksdb_store::open(config);
  if (!kept)
    return kept.error();
  return start(system, options, std::move(kept).value());
}

expected<std::unique_ptr<runtime>>
runtime::start(caf::actor_system& system, const runtime_options& options,
               store_ptr kept, stage_factory stages) {
  auto recovered = recover(*kept);
  if (!recovered)
    return recovered.error();
  auto& found = recovered.value();
  const runtime_report report{static_cast<uint32_t>(found.templates.size()),
                              found.interrupted_executions,
                              found.closed_sessions};
  auto stats = std::make_shared<writer_stats>();
  use_product_writer(stages, kept, options.store_durability, stats);
  // Reads block on the disk, so they have a thread of their own.
  auto reader = system.spawn<caf::detached>(vmsystem::query, kept);
  supervisor_setup setup;
  setup.options = options;
  setup.stages = std::move(stages);
  setup.query = reader;
  setup.writer = std::make_shared<current_writer>();
  setup.catalog = system.spawn(catalog, setup.writer, options.limits,
                               std::move(found.templates));
  const supervisor_actor root
    = system.spawn(vmsystem::supervisor, std::move(setup));
  return std::make_unique<runtime>(system, root, reader, std::move(kept),
                                   std::move(stats), report,
                                   options.stop_grace_ms);
}

runtime::runtime(caf::actor_system& system, supervisor_actor supervisor,
                 query_actor query, store_ptr kept,
                 std::shared_ptr<writer_stats> stats, runtime_report report,
                 uint32_t grace_ms)
  : system_{system},
    supervisor_{std::move(supervisor)},
    query_{std::move(query)},
    store_{std::move(kept)},
    stats_{std::move(stats)},
    report_{report},
    grace_ms_{grace_ms} {}

runtime::~runtime() {
  if (!stopped_)
    stop_within(0);
}

bool runtime::stop() {
  return stopped_ || stop_within(grace_ms_);
}

bool runtime::stop_within(uint32_t grace_ms) {
  stopped_ = true;
  bool clean = true;
  {
    caf::scoped_actor self{system_};
    const auto timeout = std::chrono::milliseconds{grace_ms} + drain_margin;
    self->request(supervisor_, timeout, drain_atom_v, grace_ms)
      .receive([](const runtime_summary&) {},
               [&](const caf::error&) { clean = false; });
  }
  const auto root = caf::actor_cast<caf::actor>(supervisor_);
  const auto reader = caf::actor_cast<caf::actor>(query_);
  supervisor_ = nullptr;
  query_ = nullptr;
  return terminate(system_, {root, reader}, exit_grace, exit_grace) && clean;
}

} // namespace vmsystem
