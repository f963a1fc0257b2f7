#pragma once

#include "vmsystem/actors/interfaces.hpp"
#include "vmsystem/models/bucket_histogram.hpp"
#include "vmsystem/models/runtime_options.hpp"
#include "vmsystem/persistence/store.hpp"

#include <caf/actor_clock.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace vmsystem {

/// What a writer did so far; written by it, read by anybody.
struct writer_stats {
  template <std::size_t Size>
  using histogram = bucket_histogram<Size, std::atomic<uint64_t>>;

  /// Change sets in each group that was committed.
  histogram<group_ends.size()> group_sets{group_ends};
  /// Bytes of the documents and events in those groups.
  std::atomic<uint64_t> bytes{0};
  /// Time of each commit and flush of the store, fsync included, in
  /// microseconds.
  histogram<duration_ends_us.size()> commit_us{duration_ends_us};
  /// Change sets and flushes that were answered with an error.
  std::atomic<uint64_t> failures{0};
};

/// How a writer groups.
struct writer_config {
  durability how = durability::sync;
  /// A group is committed when it has this many change sets, ...
  std::size_t max_sets = 4096;
  /// ... or this many bytes of documents and events, whichever comes first.
  std::size_t max_bytes = std::size_t{8} << 20;
};

/// The writer with a message that it sends to itself only: a group has waited
/// long enough.
using timed_writer_actor
  = rocksdb_writer_actor::extend<caf::reacts_to<tick_atom>>;

/// State of the writer actor; dies with it.
struct rocksdb_writer_state {
  static inline const char* name = "rocksdb_writer";

  struct waiting_set {
    change_set set;
    caf::typed_response_promise<commit_receipt> promise;
  };

  store_ptr kept;
  writer_config config;
  std::shared_ptr<writer_stats> stats;
  /// What the next commit takes.
  std::vector<waiting_set> group;
  std::size_t group_bytes = 0;
  /// The crowd is counted in changes: a set holds one execution or many, as
  /// they happened to come together.
  std::size_t group_changes = 0;
  /// Whether a commit_atom is on its way. A group that is not empty has one of
  /// the two on its way.
  bool armed = false;
  /// Whether a tick_atom is on its way.
  bool ticking = false;
  /// Whether a commit was made since the last commit_atom.
  bool marked = false;
  /// Changes in the sets of the last commit.
  std::size_t answered = 0;
  /// How many changes seem to be in flight: those that the last commit
  /// answered, and those that came while it was going on.
  std::size_t crowd = 0;
  /// How long the last commit took.
  caf::actor_clock::duration_type last_commit{0};
  /// Until then a group that is smaller than the crowd waits for the rest.
  caf::actor_clock::time_point deadline;
  /// Number of the last group that was committed.
  uint64_t last_group = 0;
};

/// Spawn it detached: it blocks on the disk.
///
/// The first change set of a group sends commit_atom to the writer itself,
/// which arrives behind everything that is in the mailbox by then: the longer
/// an fsync takes, the more share the next one.
///
/// Clients that were just answered often come back at once. So that they and
/// those who came during the fsync do not take turns, half of them in each, a
/// group waits until it is as large as the crowd, at most a quarter of the time
/// that the fsync took. One client alone never waits.
///
/// Answers are given in the order of the requests. A failure answers everybody
/// in the group; only when the store says that one of the sets is malformed,
/// they are committed one by one, so that the others do not suffer. What has
/// gathered is committed before the actor ends.
timed_writer_actor::behavior_type
rocksdb_writer(timed_writer_actor::stateful_pointer<rocksdb_writer_state> self,
               store_ptr kept, writer_config config,
               std::shared_ptr<writer_stats> stats);

} // namespace vmsystem
