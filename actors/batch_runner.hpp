#pragma once

#include "vmsystem/actors/current_writer.hpp"
#include "vmsystem/actors/interfaces.hpp"
#include "vmsystem/actors/stage_interfaces.hpp"
#include "vmsystem/pipeline/batch_progress.hpp"
#include "vmsystem/pipeline/job_lines.hpp"

#include <caf/actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace vmsystem {

/// Takes one batch to its end. Only its supervisor talks to it, which hands on
/// what clients say.
using batch_runner_actor = caf::typed_actor<
  // Jobs that it sent came to an end.
  caf::reacts_to<done_atom, batch_part>,
  // As in the supervisor's interface.
  caf::replies_to<add_atom, batch_input>::with<batch>,
  caf::replies_to<results_atom>::with<batch_results>,
  caf::replies_to<release_atom>::with<batch>,
  caf::replies_to<cancel_atom>::with<batch>,
  caf::replies_to<get_atom>::with<batch>,
  // Answers when it knows what an earlier process did.
  caf::replies_to<resume_atom>::with<batch>,
  // The process stops: begins nothing, and ends when nothing runs.
  caf::reacts_to<drain_atom>,
  // To itself: keep the record up to date.
  caf::reacts_to<tick_atom>>;

/// The messages of the supervisor that a batch sends.
using batch_host_actor
  = caf::typed_actor<caf::reacts_to<run_atom, batch_id, batch_work>,
                     caf::reacts_to<close_atom, batch_id>,
                     caf::reacts_to<done_atom, batch_id>,
                     caf::reacts_to<remove_atom, batch_id>,
                     caf::replies_to<clone_atom, batch_id>::with<session>>;

/// What a batch is made with.
struct batch_setup {
  /// As it is stored.
  batch record;
  /// Of the template.
  limits_config limits;
  /// Sessions for its jobs; for fresh isolation the one that they belong to.
  std::vector<session_id> sessions;
  /// Whether a lost session may be replaced.
  bool own_sessions = true;
  bool attached = false;
  bool ordered = false;
  /// Whether an earlier process worked on it.
  bool resumed = false;
  batch_host_actor host;
  query_actor query;
  current_writer_ptr writer;
};

/// State of a batch.
struct batch_runner_state {
  static inline const char* name = "batch";

  using clock = std::chrono::steady_clock;

  /// A session and whether jobs run in it.
  struct lane {
    session_id session;
    uint32_t in_flight = 0;
    /// As in `batch_work`.
    uint32_t turn = 0;
    /// Whether jobs came back that did not run, and others are on their way.
    bool returning = false;
  };

  batch_setup setup;
  batch record;
  batch_progress progress;
  clock::time_point since = clock::now();
  /// `record.active_ms` when this process began.
  uint64_t active_before = 0;

  // Input.
  job_line_splitter splitter;
  /// Chunks that are stored and not read yet, while they fit into memory.
  std::deque<batch_input_chunk> chunks;
  std::size_t chunk_bytes = 0;
  /// Whether chunks behind those in memory are in the store only.
  bool spilled = false;
  /// Whether one of them is being fetched.
  bool fetching = false;
  /// The line behind the last chunk that was read or is in memory.
  uint32_t next_line = 1;
  job_line_reader reader;
  /// Whether all input was read.
  bool exhausted = false;
  /// Whether a piece of it is being stored: its sender is not answered before.
  bool storing_input = false;
  /// The sender that waits until its piece is stored and there is room.
  std::optional<caf::typed_response_promise<batch>> sender;

  // Jobs.
  std::deque<job_ptr> again;
  std::vector<lane> lanes;
  uint32_t in_flight = 0;
  /// Bytes of scripts and arguments of those.
  std::size_t bytes_in_flight = 0;
  /// Jobs that came back in this process.
  uint64_t answers = 0;
  uint32_t sessions_in_creation = 0;
  /// How long a job runs lately, in microseconds.
  uint64_t usual_us = 1000;

  // Results.
  std::deque<std::string> ready;
  std::size_t ready_bytes = 0;
  /// Results that wait for one with a lower index.
  std::map<uint32_t, std::string> early;
  uint32_t next_report = 0;
  std::optional<caf::typed_response_promise<batch_results>> taker;

  // Its end.
  bool loaded = false;
  std::vector<caf::typed_response_promise<batch>> resumers;
  bool cancelled = false;
  bool stopping = false;
  bool draining = false;
  /// Why it cannot go on in this process; empty when it can.
  std::string broken;
  /// Whether that is being stored.
  bool breaking = false;
  /// Whether that could not be stored: only the reader can be told.
  bool broken_unstored = false;
  bool ending = false;
  bool over = false;
  /// Whether the reader knows that no result will follow.
  bool told_last = false;
  /// Whether it asked to be ended.
  bool leaving = false;
};

/// Reads jobs from the batch's stored input, sends as many as its concurrency
/// allows through the pipeline, counts what becomes of them, and hands results
/// to its reader. Holds a bounded part of input and results in memory.
batch_runner_actor::behavior_type
batch_runner(batch_runner_actor::stateful_pointer<batch_runner_state> self,
             batch_setup setup);

} // namespace vmsystem
