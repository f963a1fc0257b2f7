#include "vmsystem/persistence/rocksdb_writer.hpp"

#include "vmsystem/actors/errors.hpp"

#include <caf/exit_reason.hpp>
#include <caf/system_messages.hpp>

#include <chrono>
#include <exception>
#include <string>

namespace vmsystem {

namespace {

using waiting_set = rocksdb_writer_state::waiting_set;
using writer_pointer
  = timed_writer_actor::stateful_pointer<rocksdb_writer_state>;

/// Which part of the time of a commit the next one may wait for its clients.
constexpr int patience_divisor = 4;

/// Waiting for less is not worth a timer.
constexpr std::chrono::microseconds least_patience{50};

std::size_t bytes_of(const change_set& set) {
  std::size_t result = 0;
  for (const auto& x : set.changes)
    result += x.text.size();
  return result;
}

/// Calls the store and counts the time. An exception becomes a failure.
template <class Action>
expected<void> timed(writer_pointer self, Action&& action) {
  auto& s = self->state;
  const auto start = self->clock().now();
  auto done = [&]() -> expected<void> {
    try {
      return action();
    } catch (const std::exception& e) {
      return fail(ec::internal, std::string{"the store failed: "} + e.what());
    }
  }();
  s.last_commit = self->clock().now() - start;
  using std::chrono::microseconds;
  const auto spent = std::chrono::duration_cast<microseconds>(s.last_commit);
  s.stats->commit_us.add(static_cast<uint64_t>(spent.count()));
  return done;
}

/// The error for whoever asked: what a store refuses is never their fault.
caf::error refusal(const failure& why) {
  return to_error(failure{ec::internal, why.message, why.details});
}

/// Commits consecutive sets as one group, and counts it.
expected<void> commit_range(writer_pointer self, const waiting_set* first,
                            const waiting_set* last) {
  auto& s = self->state;
  std::vector<const change_set*> group;
  std::size_t bytes = 0;
  for (const auto* x = first; x != last; ++x) {
    group.push_back(&x->set);
    bytes += bytes_of(x->set);
  }
  auto done = timed(self, [&] { return s.kept->commit(group, s.config.how); });
  if (done) {
    ++s.last_group;
    s.stats->group_sets.add(group.size());
    s.stats->bytes += bytes;
  }
  return done;
}

void arm(writer_pointer self) {
  self->state.armed = true;
  self->send(self, commit_atom_v);
}

/// Commits the group and answers everybody in it.
void commit(writer_pointer self) {
  auto& s = self->state;
  auto sets = std::exchange(s.group, {});
  s.group_bytes = 0;
  const auto changes = std::exchange(s.group_changes, 0);
  if (sets.empty())
    return;
  auto* const first = sets.data();
  auto* const last = first + sets.size();
  const auto done = commit_range(self, first, last);
  const bool one_by_one
    = !done && done.error().code == ec::validation_error && sets.size() > 1;
  s.answered = changes;
  s.marked = true;
  // Behind all who came in the meantime, before those who are answered now.
  if (!s.armed)
    arm(self);
  for (auto* x = first; x != last; ++x) {
    const auto& how = one_by_one ? commit_range(self, x, x + 1) : done;
    if (how) {
      x->promise.deliver(commit_receipt{s.last_group});
    } else {
      ++s.stats->failures;
      x->promise.deliver(refusal(how.error()));
    }
  }
}

/// Sees who came during the last commit: with those that it answered, they are
/// the crowd that the next group may wait for.
void look_around(writer_pointer self) {
  auto& s = self->state;
  s.marked = false;
  s.crowd = s.answered + s.group_changes;
  const auto patience = s.last_commit / patience_divisor;
  s.deadline = self->clock().now();
  if (s.config.how == durability::sync && patience >= least_patience)
    s.deadline += patience;
}

/// Commits the group, or lets it wait for the rest of the crowd.
void consider(writer_pointer self) {
  auto& s = self->state;
  if (s.group.empty())
    return;
  const auto now = self->clock().now();
  if (s.group_changes >= s.crowd || now >= s.deadline) {
    commit(self);
  } else if (!s.ticking) {
    s.ticking = true;
    self->delayed_send(self, s.deadline - now, tick_atom_v);
  }
}

/// Whether a group that gathers is committed without waiting any longer.
bool is_full(const rocksdb_writer_state& s) {
  return s.group.size() >= s.config.max_sets
         || s.group_bytes >= s.config.max_bytes
         || (s.ticking && !s.armed && s.group_changes >= s.crowd);
}

} // namespace

timed_writer_actor::behavior_type
rocksdb_writer(writer_pointer self, store_ptr kept, writer_config config,
               std::shared_ptr<writer_stats> stats) {
  self->state.kept = std::move(kept);
  self->state.config = config;
  self->state.stats = std::move(stats);
  self->set_exit_handler([self](caf::exit_msg& x) {
    commit(self);
    self->quit(std::move(x.reason));
  });
  return {
    [self](write_atom, change_set& set) -> caf::result<commit_receipt> {
      auto& s = self->state;
      auto promise = self->make_response_promise<commit_receipt>();
      s.group_bytes += bytes_of(set);
      s.group_changes += set.changes.size();
      s.group.push_back({std::move(set), promise});
      if (s.group.size() == 1 && !s.armed)
        arm(self);
      if (is_full(s))
        commit(self);
      return promise;
    },
    [self](commit_atom) {
      self->state.armed = false;
      if (self->state.marked)
        look_around(self);
      consider(self);
    },
    [self](flush_atom) -> caf::result<commit_receipt> {
      auto& s = self->state;
      commit(self);
      auto done = timed(self, [&] { return s.kept->flush(); });
      if (!done) {
        ++s.stats->failures;
        return refusal(done.error());
      }
      return commit_receipt{s.last_group};
    },
    [self](tick_atom) {
      self->state.ticking = false;
      if (!self->state.armed)
        consider(self);
    },
  };
}

} // namespace vmsystem
