#pragma once

#include "vmsystem/actors/http_gateway.hpp"
#include "vmsystem/actors/runtime.hpp"
#include "vmsystem/app/system_config.hpp"
#include "vmsystem/benchmarks/harness/actor_load.hpp"
#include "vmsystem/benchmarks/harness/context.hpp"
#include "vmsystem/benchmarks/harness/scratch_folder.hpp"
#include "vmsystem/models/failure.hpp"

#include <caf/actor_system.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace vmsystem::bench {

/// The actor system that the daemon runs in, with as many threads as the run
/// asks for.
struct bench_config : system_config {
  explicit bench_config(const bench_options& options);
};

/// What the daemon is made of, in this process: a runtime on a fresh store,
/// and its HTTP gateway on a port of the loopback interface. Stops in order
/// when it is destroyed, and takes the store along.
class rig {
public:
  /// Errors: those of the runtime and the gateway.
  [[nodiscard]] static expected<std::unique_ptr<rig>>
  start(const context& run, durability how = durability::sync);

  rig(scratch_folder folder, const bench_options& options);
  rig(const rig&) = delete;
  rig& operator=(const rig&) = delete;
  ~rig();

  [[nodiscard]] caf::actor_system& system() noexcept {
    return system_;
  }
  [[nodiscard]] const supervisor_actor& supervisor() const noexcept {
    return runtime_->supervisor();
  }
  [[nodiscard]] uint16_t port() const noexcept {
    return gateway_.bound.port;
  }

  /// What a client sends for a session of the template.
  /// @param worktree empty: a folder of the rig's own.
  [[nodiscard]] session_spec
  spec_of(template_id id, const std::filesystem::path& worktree = {}) const;

  /// Makes a template. `settings` is a JSON object as in `PUT .../settings`.
  [[nodiscard]] expected<template_id> make_template(const json_text& settings
                                                    = {});

  /// Gives the template a large library: lodash, or one of its size when the
  /// run has no cache with it.
  /// @returns its name.
  [[nodiscard]] expected<std::string> add_large_library(template_id id);

  /// Adds a file that runs first in each new session of the template.
  [[nodiscard]] expected<void> add_startup_file(template_id id,
                                                startup_file_spec what);

  /// Makes sessions, which are ready.
  /// @param worktree as in `spec_of`.
  [[nodiscard]] expected<std::vector<session_id>>
  make_sessions(template_id id, uint32_t count,
                const std::filesystem::path& worktree = {});

  [[nodiscard]] expected<void>
  close_sessions(const std::vector<session_id>& sessions);

  /// Whether so many executions of the session are stored. Errors: internal,
  /// when there are more or less.
  [[nodiscard]] expected<void> check_stored(session_id id, uint64_t answered);

  /// Events of the execution that are stored. Errors: internal, when there is
  /// a hole in their numbers.
  [[nodiscard]] expected<uint64_t> count_events(execution_id id);

private:
  expected<void> begin(durability how);

  /// Puts a library of the size of lodash into the rig's own cache.
  expected<std::string> make_library();

  /// Executions of the session that are stored, each of which can be read.
  expected<uint64_t> count_executions(session_id id);

  scratch_folder folder_;
  bench_options options_;
  bench_config config_;
  caf::actor_system system_;
  std::unique_ptr<runtime> runtime_;
  gateway_handle gateway_;
  /// How many it made.
  uint32_t templates_ = 0;
};

/// A rig with sessions of one template, which are ready.
struct rig_with_sessions {
  std::unique_ptr<rig> server;
  std::vector<session_id> sessions;

  /// @param settings as in `rig::make_template`.
  [[nodiscard]] static expected<rig_with_sessions>
  make(const context& run, durability how, uint32_t count,
       const json_text& settings = {});
};

} // namespace vmsystem::bench
