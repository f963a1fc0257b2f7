#pragma once

#include "vmsystem/actors/interfaces.hpp"
#include "vmsystem/actors/message_types.hpp"
#include "vmsystem/actors/retention.hpp"
#include "vmsystem/actors/supervisor_state.hpp"
#include "vmsystem/engine/host_function_table.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/runtime_options.hpp"
#include "vmsystem/persistence/rocksdb_writer.hpp"
#include "vmsystem/persistence/store.hpp"

#include <caf/actor_system.hpp>

#include <cstdint>
#include <memory>

namespace vmsystem {

/// What a runtime found in its store when it started.
struct runtime_report {
  uint32_t templates = 0;
  uint32_t interrupted_executions = 0;
  uint32_t closed_sessions = 0;
  /// Batches that go on, or may be resumed.
  uint32_t unfinished_batches = 0;
};

/// What a runtime is made of.
struct runtime_parts {
  supervisor_actor supervisor;
  query_actor query;
  /// Null when everything is kept.
  retention_actor retention;
  store_ptr kept;
  std::shared_ptr<writer_stats> stats;
  runtime_report report;
};

/// A supervisor with its stages, its store and its readers, in an actor system
/// of the caller's. Drop it after `stop`; the destructor stops without grace.
class runtime {
public:
  /// Opens the store, brings it in order, and starts the actors. Blocks while
  /// it does. Errors: internal, with what is wrong with the store and the way
  /// out.
  /// @param functions what the scripts of all templates find in `host`; null
  ///        means nothing.
  /// @param log what the host is told of.
  [[nodiscard]] static expected<std::unique_ptr<runtime>>
  start(caf::actor_system& system, const runtime_options& options,
        engine::host_functions_ptr functions = nullptr, runtime_log log = {});

  /// The same on a store that is open already.
  /// @param stages what differs from the product's stages; for tests.
  [[nodiscard]] static expected<std::unique_ptr<runtime>>
  start(caf::actor_system& system, const runtime_options& options,
        store_ptr kept, stage_factory stages = default_stages(),
        runtime_log log = {});

  runtime(caf::actor_system& system, runtime_parts parts,
          uint32_t grace_ms) noexcept;
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;
  ~runtime();

  /// The door to everything that runs or changes something.
  [[nodiscard]] const supervisor_actor& supervisor() const noexcept {
    return parts_.supervisor;
  }

  /// The door to everything that is stored.
  [[nodiscard]] const query_actor& query() const noexcept {
    return parts_.query;
  }

  [[nodiscard]] const runtime_report& report() const noexcept {
    return parts_.report;
  }

  [[nodiscard]] const writer_stats& writer() const noexcept {
    return *parts_.stats;
  }

  /// Takes no new work, lets running executions finish within the grace period
  /// of the options, cancels the rest, makes all durable and ends the actors.
  /// Blocks, a bounded time. Twice is no error.
  /// @returns whether everything ended in time and in order.
  bool stop();

private:
  bool stop_within(uint32_t grace_ms);

  caf::actor_system& system_;
  runtime_parts parts_;
  uint32_t grace_ms_;
  bool stopped_ = false;
};

/// Starts a runtime that its supervisor keeps: for hosts that speak with actors
/// only. It ends when the supervisor does: after a `drain_atom` request, which
/// is the orderly way, or an exit message, which interrupts what runs. Blocks
/// and fails like `runtime::start`.
[[nodiscard]] expected<supervisor_actor>
spawn_runtime(caf::actor_system& system, const runtime_options& options,
              engine::host_functions_ptr functions = nullptr);

} // namespace vmsystem
