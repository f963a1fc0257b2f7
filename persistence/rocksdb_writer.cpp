#include "vmsystem/persistence/rocksdb_writer.hpp"

#include "vmsystem/actors/errors.hpp"

#include <caf/exit_reason.hpp>
#include <caf/system_messages.hpp>

#include <chrono>
#include <exception>
#include <string>

namespace vmsystem {

namespace {

using clock = std::chrono::steady_clock;
using waiting_set = rocksdb_writer_state::waiting_set;

std::size_t bytes_of(const change_set& set) {
  std::size_t result = 0;
  for (const auto& x : set.changes)
    result += x.text.size();
  return result;
}

void count_time(writer_stats& stats, clock::time_point start) {
  using std::chrono::microseconds;
  const auto spent
    = std::chrono::duration_cast<microseconds>(clock::now() - start);
  stats.commit_us += static_cast<uint64_t>(spent.count());
}

/// What `action` gives; an exception becomes a failure.
template <class Action>
expected<void> guarded(Action&& action) {
  try {
    return action();
  } catch (const std::exception& e) {
    return fail(ec::internal, std::string{"the store failed: "} + e.what());
  }
}

/// The error for whoever asked: what a store refuses is never their fault.
caf::error refusal(const failure& why) {
  return to_error(failure{ec::internal, why.message, why.details});
}

/// Commits consecutive sets as one group, and counts it.
expected<void> commit_range(rocksdb_writer_state& state,
                            const waiting_set* first, const waiting_set* last) {
  std::vector<const change_set*> group;
  std::size_t bytes = 0;
  for (const auto* x = first; x != last; ++x) {
    group.push_back(&x->set);
    bytes += bytes_of(x->set);
  }
  const auto start = clock::now();
  auto done
    = guarded([&] { return state.kept->commit(group, state.config.how); });
  count_time(*state.stats, start);
  if (done) {
    ++state.last_group;
    ++state.stats->groups;
    state.stats->sets += group.size();
    state.stats->bytes += bytes;
  }
  return done;
}

} // namespace

void rocksdb_writer_state::commit() {
  auto sets = std::exchange(group, {});
  group_bytes = 0;
  if (sets.empty())
    return;
  const auto answer = [this](waiting_set& x, const expected<void>& done) {
    if (done) {
      x.promise.deliver(commit_receipt{last_group});
    } else {
      ++stats->failures;
      x.promise.deliver(refusal(done.error()));
    }
  };
  auto* const first = sets.data();
  auto* const last = first + sets.size();
  const auto done = commit_range(*this, first, last);
  const bool one_by_one
    = !done && done.error().code == ec::validation_error && sets.size() > 1;
  for (auto* x = first; x != last; ++x)
    answer(*x, one_by_one ? commit_range(*this, x, x + 1) : done);
}

rocksdb_writer_actor::behavior_type rocksdb_writer(
  rocksdb_writer_actor::stateful_pointer<rocksdb_writer_state> self,
  store_ptr kept, writer_config config, std::shared_ptr<writer_stats> stats) {
  auto& state = self->state;
  state.kept = std::move(kept);
  state.config = config;
  state.stats = std::move(stats);
  self->set_exit_handler([self](caf::exit_msg& x) {
    self->state.commit();
    self->quit(std::move(x.reason));
  });
  return {
    [self](write_atom, change_set& set) -> caf::result<commit_receipt> {
      auto& s = self->state;
      auto promise = self->make_response_promise<commit_receipt>();
      s.group_bytes += bytes_of(set);
      s.group.push_back({std::move(set), promise});
      if (s.group.size() >= s.config.max_sets
          || s.group_bytes >= s.config.max_bytes) {
        s.commit();
      } else if (!s.armed) {
        s.armed = true;
        self->send(self, commit_atom_v);
      }
      return promise;
    },
    [self](commit_atom) {
      self->state.armed = false;
      self->state.commit();
    },
    [self](flush_atom) -> caf::result<commit_receipt> {
      auto& s = self->state;
      s.commit();
      const auto start = clock::now();
      auto done = guarded([&] { return s.kept->flush(); });
      count_time(*s.stats, start);
      if (!done) {
        ++s.stats->failures;
        return refusal(done.error());
      }
      return commit_receipt{s.last_group};
    },
  };
}

} // namespace vmsystem
