#pragma once

#include "vmsystem/actors/batch_runner.hpp"
#include "vmsystem/actors/current_writer.hpp"
#include "vmsystem/actors/interfaces.hpp"
#include "vmsystem/actors/runtime_counters.hpp"
#include "vmsystem/actors/stage_interfaces.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/limited_log.hpp"
#include "vmsystem/models/runtime_options.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace vmsystem {

struct retention_stats;
struct writer_stats;

/// The supervisor with what only its own stages and clocks send.
using supervisor_core_actor = supervisor_actor::extend<
  // A part of the events of an execution that goes on.
  caf::reacts_to<events_atom, event_part>,
  // The deadline of an execution that waits for its session or its promise.
  caf::reacts_to<wake_atom, execution_id, uint32_t>,
  // Hand on the requests that gathered.
  caf::reacts_to<admit_atom>,
  // From a batch: run these jobs.
  caf::reacts_to<run_atom, batch_id, batch_work>,
  // From a batch: stop those of its jobs that run or wait.
  caf::reacts_to<close_atom, batch_id>,
  // From a batch: it needs no session any more.
  caf::reacts_to<done_atom, batch_id>,
  // From a batch: nobody needs it any more.
  caf::reacts_to<remove_atom, batch_id>,
  // From a batch: make another session of its own. Errors: those of making a
  // session.
  caf::replies_to<clone_atom, batch_id>::with<session>,
  // Look for executions that need their running record, and for deadlines.
  caf::reacts_to<tick_atom>,
  // The grace period of a drain is over.
  caf::reacts_to<drain_atom>>;

/// How the stages are made. Tests put in stages that die or fail on demand.
struct stage_factory {
  std::function<admission_actor(caf::actor_system&)> admission;
  std::function<loading_actor(caf::actor_system&)> loading;
  std::function<slot_actor(caf::actor_system&, event_receiver_actor)> slot;
  std::function<finalization_actor(caf::actor_system&)> finalization;
  std::function<rocksdb_writer_actor(caf::actor_system&)> writer;
};

/// The product's stages but the writer, which needs a store.
[[nodiscard]] stage_factory default_stages();

/// What the host of a runtime is told of it.
struct runtime_log {
  /// Takes lines about executions that were slow or lost, sessions that
  /// crashed and stages that were replaced; null for nobody.
  log_receiver receiver;
  /// From how many milliseconds of wall time on an execution is slow; 0 means
  /// that none is.
  uint32_t slow_ms = 0;
};

/// What a supervisor is made with.
struct supervisor_setup {
  runtime_options options;
  stage_factory stages;
  query_actor query;
  catalog_actor catalog;
  /// The supervisor makes the first writer too.
  current_writer_ptr writer;
  /// What the writers count; null when nobody does.
  std::shared_ptr<const writer_stats> written;
  runtime_log log;
  /// What was not kept any longer; null when nobody counts that.
  std::shared_ptr<const retention_stats> removed;
};

/// Called once with how an execution ended.
using completion = std::function<void(expected<finished_execution>)>;

/// Called once with how the making of a session ended.
using session_completion = std::function<void(expected<session>)>;

/// Called once with how a write ended.
using write_completion = std::function<void(expected<commit_receipt>)>;

/// A request to the writer that is not answered yet.
struct open_write {
  write_completion done;
  /// When the writer is given up.
  caf::actor_clock::time_point deadline;
};

/// Where an execution is.
enum class flight_stage : uint8_t {
  admission,
  waiting,
  loading,
  queued,
  executing,
  parked,
  finalization,
  persistence,
};

template <>
struct enum_names<flight_stage> {
  static constexpr std::array<std::string_view, 8> value{
    "admission", "waiting", "loading",      "queued",
    "executing", "parked",  "finalization", "persistence"};
};

struct session_chain;

/// What a client wants of an execution beside its end.
struct flight_extras {
  /// Called once, when the running record is stored or could not be.
  std::function<void(expected<execution>)> begun;
  /// The idempotency key; empty for none.
  std::string key;
  /// Of the request that came with the key.
  std::string fingerprint;
};

/// One execution on its way. Jobs of a batch have no `done`.
struct flight {
  std::shared_ptr<execution_job> job;
  completion done;
  /// Null for those of whom nothing more is wanted than their end.
  std::unique_ptr<flight_extras> extras;
  flight_stage stage = flight_stage::admission;
  /// Number of the request that holds it: an answer to another one is stale.
  uint32_t ticket = 0;
  /// When the stage that holds it is given up.
  caf::actor_clock::time_point deadline = caf::actor_clock::time_point::max();
  /// Whether it has its session for itself.
  bool owns_session = false;
  /// Whether its running record is stored or on its way there.
  bool begun = false;
  /// Whether a write of its running record or events was not answered yet.
  /// There is one at a time: behind one that fails nothing must be stored.
  bool writing = false;
  /// Events that wait for the end of that write.
  change_set held;
  /// The last event that was written or is held.
  uint32_t last_seq_taken = 0;
  /// The last event that the writer made durable while it ran.
  uint32_t last_seq_stored = 0;
  /// Why something of it could not be stored; empty when all could.
  std::string store_failure;
  /// For jobs of a batch that share a session: all of them.
  std::shared_ptr<session_chain> chain;
  /// For jobs of a batch: it leaves no record, because it will run again.
  bool dropped = false;
  /// Set when the engine slot was lost together with the instance.
  bool instance_lost = false;
  /// What it takes of `bytes_in_flight`; 0 for jobs of batches.
  uint64_t bytes = 0;
};

using flight_ptr = std::shared_ptr<flight>;

/// Somebody who waits for events of an execution.
struct event_watch {
  /// How many stored events they know of.
  uint32_t known = 0;
  caf::typed_response_promise<uint32_t> promise;
};

/// Flights on their way through one stage, in one message.
using flight_list = std::vector<flight_ptr>;

/// Jobs of a batch that run in one session, one after the other.
struct session_chain {
  flight_list flights;
  /// Those of them that need the session. With the last one, it is free.
  std::size_t open = 0;
  /// As in `batch_work`.
  uint32_t turn = 0;
};

/// A batch that goes on.
struct live_batch {
  batch record;
  batch_runner_actor runner;
  /// What its jobs are clones of; null when they run in sessions.
  std::shared_ptr<const engine::image> image;
  /// Sessions that are its own.
  std::vector<session_id> sessions;
  /// The turn that jobs for a session have to be of; 0 for others.
  std::unordered_map<session_id, uint32_t> turns;
};

/// One live session.
struct live_session {
  session record;
  limits_config limits;
  std::shared_ptr<engine::instance> instance;
  /// The execution that has the session, or is being admitted to it.
  flight_ptr current;
  /// The jobs of a batch that have it; `current` is the first of them.
  std::shared_ptr<session_chain> chain;
  /// Requests that wait for it, first come first served.
  std::deque<flight_ptr> waiting;
  /// Whether it is to be closed as soon as nothing runs.
  bool closing = false;
  std::vector<caf::typed_response_promise<session>> closers;
  /// Files that still have to run before it is ready.
  std::deque<startup_file> startup_files;
};

using live_session_ptr = std::shared_ptr<live_session>;

/// What an image is made of, beside what never changes.
struct image_key {
  /// Of the template.
  timestamp version;
  engine::library_list libraries;
};

inline bool operator==(const image_key& x, const image_key& y) {
  return x.version == y.version && x.libraries == y.libraries;
}

inline bool operator!=(const image_key& x, const image_key& y) {
  return !(x == y);
}

/// The image of a template's version, or those who wait for it.
struct cached_image {
  image_key key;
  std::shared_ptr<const engine::image> image;
  std::vector<std::function<void(expected<image_ref>)>> waiting;
  /// For throwing out the one that was not used for longest.
  uint64_t last_use = 0;
};

/// Executions of one kind that wait for a slot.
struct run_queue {
  std::deque<flight_ptr> flights;
  /// How long one of them occupies a slot, in microseconds, lately.
  uint64_t usual_us = 50;
};

/// One engine slot.
struct slot_entry {
  slot_actor actor;
  bool free = true;
  /// The executions that it was given last; null while it has none.
  std::shared_ptr<job_group> group;
  /// Their flights. Those before `gone` went on already, those from `end` on
  /// were taken back.
  flight_list flights;
  std::size_t gone = 0;
  std::size_t end = 0;
  /// Where they came from; null for a chain.
  run_queue* queue = nullptr;
  /// When it was given them.
  caf::actor_clock::time_point since;
  /// When it is given up, unless one of them comes to its end.
  caf::actor_clock::time_point deadline;
};

/// A slot that a task has for itself. The actor tells it from a successor that
/// took the same place.
struct slot_lease {
  std::size_t index = 0;
  slot_actor actor;
};

/// A task for the next free slot. It gives the slot back, or replaces it.
using slot_task = std::function<void(slot_lease)>;

/// The lines that a supervisor logs.
struct supervisor_log {
  limited_log slow;
  limited_log unstored;
  limited_log crashed;
  limited_log lost;
  limited_log replaced;
};

/// State of the supervisor.
struct supervisor_state {
  static inline const char* name = "supervisor";

  supervisor_state() = default;
  supervisor_state(const supervisor_state&) = delete;
  supervisor_state& operator=(const supervisor_state&) = delete;

  /// Ends the stages.
  ~supervisor_state();

  /// Executions that clients sent one by one and that are not over.
  [[nodiscard]] std::size_t requests_in_flight() const noexcept {
    return in_flight.size() - jobs_in_flight;
  }

  supervisor_setup setup;
  admission_actor admission;
  loading_actor loading;
  finalization_actor finalization;
  std::vector<slot_entry> slots;
  std::deque<slot_task> slot_queue;
  /// Executions that somebody waits for.
  run_queue interactive;
  /// Jobs of batches that run in copies of an image.
  run_queue jobs;
  /// Jobs of batches that run in sessions, which are free for them.
  std::deque<std::shared_ptr<session_chain>> chains;
  /// Counts what slots were given, so that batches have their share.
  uint64_t turns = 0;
  std::unordered_map<batch_id, live_batch> batches;
  /// Batches that are being made or resumed.
  std::unordered_set<batch_id> batches_in_creation;
  /// What batches have to be told.
  std::unordered_map<batch_id, batch_part> parts;
  /// Executions that wait for admission, in one message.
  flight_list unadmitted;
  /// Numbers the requests to stages.
  uint32_t requests = 0;
  std::unordered_map<session_id, live_session_ptr> sessions;
  /// Sessions that are being made and are not in `sessions` yet.
  uint32_t sessions_in_creation = 0;
  uint32_t max_sessions = 0;
  /// Executions that are not over, with those in admission.
  std::unordered_set<flight_ptr> in_flight;
  /// How many of them are jobs of batches, which have a bound of their own.
  std::size_t jobs_in_flight = 0;
  /// Bytes of the scripts and arguments of the others.
  uint64_t bytes_in_flight = 0;
  /// Those of them that were admitted, by their id.
  std::unordered_map<execution_id, flight_ptr> flights;
  /// Who waits for events of an execution that is not over.
  std::unordered_map<execution_id, std::vector<event_watch>> watches;
  /// The fingerprints of requests with an idempotency key that is not stored
  /// yet, by that key.
  std::unordered_map<std::string, std::string> keys_in_flight;
  /// Who waits for the writer, by the number of the request.
  std::map<uint64_t, open_write> open_writes;
  uint64_t writes = 0;
  /// Executions by the time at which they need their running record.
  std::deque<std::pair<caf::actor_clock::time_point, flight_ptr>> young;
  bool tick_armed = false;
  /// When the deadlines are looked at next.
  caf::actor_clock::time_point next_sweep;
  std::unordered_map<template_id, cached_image> images;
  uint64_t image_uses = 0;
  /// Terminal records that the store refused, to be tried again.
  std::list<change_set> unstored;
  /// Why the last write failed; empty when it did not.
  std::string store_failure;
  runtime_counters counters;
  supervisor_log log;
  bool draining = false;
  bool drained = false;
  std::vector<caf::typed_response_promise<runtime_summary>> drainers;
  runtime_summary drained_sessions;
};

using supervisor_pointer
  = supervisor_core_actor::stateful_pointer<supervisor_state>;

} // namespace vmsystem
