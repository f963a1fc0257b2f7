#include "vmsystem/actors/batch_runner.hpp"
#include "vmsystem/actors/errors.hpp"
#include "vmsystem/actors/supervisor_parts.hpp"
#include "vmsystem/actors/timeouts.hpp"
#include "vmsystem/models/codec.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace vmsystem::supervision {

namespace {

/// Batches that may go on at the same time.
constexpr std::size_t max_live_batches = 256;

/// The most jobs of one batch in the pipeline.
constexpr uint32_t max_concurrency = 65536;

/// Jobs in the pipeline for each slot, unless a client says otherwise: enough
/// that no slot waits for the disk.
constexpr uint32_t jobs_per_slot = 1024;

/// A batch on its way to going on.
struct creation {
  batch record;
  bool attached = false;
  bool ordered = false;
  bool resumed = false;
  limits_config limits;
  std::shared_ptr<const engine::image> image;
  std::vector<session_id> sessions;
  bool own_sessions = true;
  std::function<void(expected<batch>)> done;
};

using creation_ptr = std::shared_ptr<creation>;

failure not_found(batch_id id, const std::string& what) {
  return {ec::batch_not_found, "batch " + id.to_string() + ' ' + what,
          details_of({{"batch_id", id.to_string()}})};
}

void close_sessions(supervisor_pointer self,
                    const std::vector<session_id>& sessions) {
  auto& all = self->state.sessions;
  for (const auto& id : sessions)
    if (const auto at = all.find(id); at != all.end())
      begin_close(self, live_session_ptr{at->second});
}

void fail_creation(supervisor_pointer self, const creation_ptr& what,
                   const failure& reason) {
  self->state.batches_in_creation.erase(what->record.id);
  if (what->own_sessions)
    close_sessions(self, what->sessions);
  what->done(reason);
}

/// The sessions and the image are there: the batch begins.
void begin(supervisor_pointer self, const creation_ptr& what) {
  auto& state = self->state;
  if (state.draining) {
    fail_creation(self, what, fail(ec::overloaded, "the server is stopping"));
    return;
  }
  state.batches_in_creation.erase(what->record.id);
  batch_setup setup;
  setup.record = what->record;
  setup.limits = what->limits;
  setup.sessions = what->sessions;
  setup.own_sessions = what->own_sessions;
  setup.attached = what->attached;
  setup.ordered = what->ordered;
  setup.resumed = what->resumed;
  setup.host = batch_host_actor{supervisor_core_actor{self}};
  setup.query = state.setup.query;
  setup.writer = state.setup.writer;
  live_batch live;
  live.record = what->record;
  live.image = what->image;
  if (what->own_sessions)
    live.sessions = what->sessions;
  live.runner = self->spawn(batch_runner, std::move(setup));
  self->monitor(live.runner);
  const auto runner = live.runner;
  state.batches.emplace(what->record.id, std::move(live));
  self->request(runner, caf::infinite, resume_atom_v)
    .then([=](const batch& record) { what->done(record); },
          [=](const caf::error& reason) { what->done(to_failure(reason)); });
}

/// Stores the record before the batch begins.
void store_and_begin(supervisor_pointer self, const creation_ptr& what) {
  write(self, change_set{{batch_change(what->record)}},
        [=](const expected<commit_receipt>& outcome) {
          if (outcome)
            begin(self, what);
          else
            fail_creation(self, what, outcome.error());
        });
}

void freeze(supervisor_pointer self, const creation_ptr& what,
            const live_session_ptr& live) {
  on_next_slot(self, [=](const slot_lease& lease) {
    self
      ->request(lease.actor, stage_timeout, freeze_atom_v,
                instance_ref{live->instance})
      .then(
        [=](const image_ref& ref) {
          release_slot(self, lease);
          what->image = ref.image;
          store_and_begin(self, what);
        },
        [=](const caf::error& reason) {
          end_lease(self, lease, reason);
          fail_creation(self, what, to_failure(reason));
        });
  });
}

session_spec spec_of(const batch& record) {
  session_spec spec;
  spec.vm_id = record.vm_id;
  spec.workspace_id = "batch";
  spec.base_commit_oid = record.id.to_string();
  spec.worktree_path = record.worktree_path;
  return spec;
}

/// Makes the batch's sessions one after the other, `left` of them.
void make_sessions(supervisor_pointer self, const creation_ptr& what,
                   std::size_t left) {
  if (left == 0) {
    if (what->sessions.size() == 1)
      what->record.session = what->sessions.front();
    store_and_begin(self, what);
    return;
  }
  make_session(self, spec_of(what->record), [=](const expected<session>& made) {
    if (!made) {
      fail_creation(self, what, made.error());
      return;
    }
    const auto id = made.value().id;
    what->sessions.push_back(id);
    const auto at = self->state.sessions.find(id);
    if (at == self->state.sessions.end()) {
      fail_creation(self, what,
                    fail(ec::session_not_ready,
                         "the batch's session was closed at once"));
      return;
    }
    what->limits = at->second->limits;
    if (what->record.isolation == batch_isolation::session) {
      make_sessions(self, what, left - 1);
      return;
    }
    what->record.session = id;
    freeze(self, what, live_session_ptr{at->second});
  });
}

/// Uses a client's session for all jobs.
void use_session(supervisor_pointer self, const creation_ptr& what) {
  const auto id = what->record.session;
  const auto at = self->state.sessions.find(id);
  what->own_sessions = false;
  if (at == self->state.sessions.end()
      || at->second->record.status != session_status::ready) {
    fail_creation(self, what,
                  {ec::session_not_ready,
                   "session " + id.to_string() + " is not live",
                   details_of({{"session_id", id.to_string()}})});
    return;
  }
  const auto& live = *at->second;
  what->record.vm_id = live.record.vm_id;
  what->record.worktree_path = live.record.worktree_path;
  what->limits = live.limits;
  what->sessions = {id};
  store_and_begin(self, what);
}

void prepare(supervisor_pointer self, const creation_ptr& what,
             bool named_session) {
  auto& state = self->state;
  state.batches_in_creation.insert(what->record.id);
  if (state.batches.size() + state.batches_in_creation.size()
      > max_live_batches) {
    fail_creation(self, what,
                  fail(ec::overloaded,
                       std::to_string(max_live_batches)
                         + " batches go on, the bound; try later"));
    return;
  }
  if (named_session) {
    use_session(self, what);
    return;
  }
  const bool apart = what->record.isolation == batch_isolation::fresh;
  const auto lanes
    = std::min<std::size_t>(state.slots.size(), what->record.concurrency);
  make_sessions(self, what, apart ? 1 : lanes);
}

expected<void> check(const supervisor_state& state, const batch_spec& spec) {
  if (state.draining)
    return fail(ec::overloaded, "the server is stopping");
  const bool named = !spec.session.nil();
  if (named && spec.isolation != batch_isolation::session)
    return fail(ec::validation_error,
                "field \"session_id\" needs the isolation \"session\"");
  if (named && !(spec.vm_id.nil() && spec.worktree_path.empty()))
    return fail(ec::validation_error,
                "a batch in a session has that session's template and "
                "worktree: send neither");
  if (!named && spec.vm_id.nil())
    return fail(ec::validation_error, "field \"template_id\" is required");
  if (spec.concurrency > max_concurrency)
    return fail(ec::validation_error, "field \"concurrency\" must be at most "
                                        + std::to_string(max_concurrency));
  return success();
}

/// A batch whose template is gone can never go on.
void end_for_good(supervisor_pointer self, batch record, const failure& why) {
  record.status = batch_status::failed;
  record.error = why.message;
  record.ended_at = timestamp::now();
  write(self, change_set{{batch_change(record)}}, [](const auto&) {});
}

/// Goes on with a batch as it is stored.
void resume_stored(supervisor_pointer self, const batch& stored, bool attached,
                   std::function<void(expected<batch>)> done) {
  auto what = std::make_shared<creation>();
  what->record = stored;
  what->attached = attached;
  what->resumed = true;
  auto& record = what->record;
  record.status
    = record.input_complete ? batch_status::running : batch_status::receiving;
  record.error.clear();
  // A session of the client's is gone with its process: that of a fresh batch
  // is made again.
  const bool named = record.isolation == batch_isolation::session
                     && !record.session.nil()
                     && self->state.sessions.count(record.session) != 0;
  what->done = [=, done = std::move(done)](const expected<batch>& result) {
    if (!result && result.error().code == ec::template_not_found)
      end_for_good(self, stored, result.error());
    done(result);
  };
  prepare(self, what, named);
}

} // namespace

caf::result<batch> create_batch(supervisor_pointer self, batch_spec spec) {
  auto& state = self->state;
  if (auto outcome = check(state, spec); !outcome)
    return to_error(outcome.error());
  auto promise = self->make_response_promise<batch>();
  auto what = std::make_shared<creation>();
  what->attached = spec.attached;
  what->ordered = spec.ordered;
  what->done = deliver_to(promise);
  auto& record = what->record;
  record.id = batch_id::generate();
  record.vm_id = spec.vm_id;
  record.session = spec.session;
  record.worktree_path = std::move(spec.worktree_path);
  record.isolation = spec.isolation;
  record.concurrency = spec.concurrency;
  if (record.concurrency == 0)
    record.concurrency
      = jobs_per_slot * static_cast<uint32_t>(state.slots.size());
  record.on_error = spec.on_error;
  record.created_at = timestamp::now();
  prepare(self, what, !spec.session.nil());
  return promise;
}

caf::result<batch> resume_batch(supervisor_pointer self, batch_id id,
                                bool attached) {
  auto& state = self->state;
  if (state.draining)
    return to_error(fail(ec::overloaded, "the server is stopping"));
  if (state.batches.count(id) != 0 || state.batches_in_creation.count(id) != 0)
    return to_error(fail(ec::validation_error,
                         "batch " + id.to_string() + " goes on already"));
  auto promise = self->make_response_promise<batch>();
  self->request(state.setup.query, query_timeout, get_atom_v, id)
    .then(
      [=, done = deliver_to(promise)](const json_text& document) mutable {
        const auto stored = from_json<batch>(document.text);
        if (!stored)
          done(stored.error());
        else if (is_over(stored.value().status))
          done(
            fail(ec::validation_error, "batch " + id.to_string() + " is over"));
        else
          resume_stored(self, stored.value(), attached, done);
      },
      [done = deliver_to(promise)](const caf::error& reason) mutable {
        done(to_failure(reason));
      });
  return promise;
}

caf::result<batch> cancel_batch(supervisor_pointer self, batch_id id) {
  const auto runner = runner_of(self->state, id);
  if (runner)
    return self->delegate(runner.value(), cancel_atom_v);
  auto promise = self->make_response_promise<batch>();
  self->request(self->state.setup.query, query_timeout, get_atom_v, id)
    .then(
      [=, done = deliver_to(promise)](const json_text& document) mutable {
        auto stored = from_json<batch>(document.text);
        if (!stored || is_over(stored.value().status)) {
          done(stored);
          return;
        }
        auto record = stored.value();
        record.status = batch_status::cancelled;
        record.ended_at = timestamp::now();
        write(self, change_set{{batch_change(record)}},
              [=](const expected<commit_receipt>& outcome) mutable {
                if (outcome)
                  done(record);
                else
                  done(outcome.error());
              });
      },
      [done = deliver_to(promise)](const caf::error& reason) mutable {
        done(to_failure(reason));
      });
  return promise;
}

expected<batch_runner_actor> runner_of(const supervisor_state& state,
                                       batch_id id) {
  const auto at = state.batches.find(id);
  if (at == state.batches.end())
    return not_found(id, "does not go on in this process");
  return at->second.runner;
}

void take_jobs(supervisor_pointer self, batch_id id, batch_work work) {
  auto& state = self->state;
  const auto at = state.batches.find(id);
  if (at == state.batches.end())
    return;
  if (state.draining) {
    auto& not_run = state.parts[id].not_run;
    not_run.insert(not_run.end(), work.jobs.begin(), work.jobs.end());
    tell_batches(self);
    return;
  }
  std::shared_ptr<session_chain> chain;
  if (work.in_one_session)
    chain = std::make_shared<session_chain>();
  if (chain)
    chain->turn = work.turn;
  flight_list flights;
  flights.reserve(work.jobs.size());
  for (auto& job : work.jobs) {
    job->image = at->second.image;
    job->worktree = at->second.record.worktree_path;
    job->max_source_bytes = state.setup.options.max_source_bytes;
    auto one = std::make_shared<flight>();
    one->job = std::move(job);
    one->chain = chain;
    state.in_flight.insert(one);
    flights.push_back(std::move(one));
  }
  state.jobs_in_flight += flights.size();
  arm_tick(self);
  admit(self, std::move(flights));
}

caf::result<session> add_session(supervisor_pointer self, batch_id id) {
  const auto at = self->state.batches.find(id);
  if (at == self->state.batches.end())
    return to_error(not_found(id, "does not go on in this process"));
  auto promise = self->make_response_promise<session>();
  make_session(self, spec_of(at->second.record),
               [=](const expected<session>& made) mutable {
                 if (!made) {
                   promise.deliver(to_error(made.error()));
                   return;
                 }
                 auto& batches = self->state.batches;
                 const auto now = batches.find(id);
                 if (now != batches.end())
                   now->second.sessions.push_back(made.value().id);
                 else
                   close_sessions(self, {made.value().id});
                 promise.deliver(made.value());
               });
  return promise;
}

void end_batch_sessions(supervisor_pointer self, batch_id id) {
  const auto at = self->state.batches.find(id);
  if (at == self->state.batches.end())
    return;
  const auto sessions = std::exchange(at->second.sessions, {});
  at->second.image = nullptr;
  close_sessions(self, sessions);
}

void forget_batch(supervisor_pointer self, batch_id id) {
  auto& state = self->state;
  const auto at = state.batches.find(id);
  if (at == state.batches.end())
    return;
  end_batch_sessions(self, id);
  self->send_exit(at->second.runner, caf::exit_reason::user_shutdown);
  state.batches.erase(at);
  state.parts.erase(id);
}

void stop_jobs(supervisor_pointer self, batch_id id, end_reason reason) {
  flight_list all;
  for (const auto& [execution, flight] : self->state.flights)
    if (flight->job->place && flight->job->place->batch == id)
      all.push_back(flight);
  for (const auto& flight : all)
    stop_flight(self, flight, reason);
  tell_batches(self);
}

bool batch_lost(supervisor_pointer self, const caf::down_msg& down) {
  auto& state = self->state;
  const auto at
    = std::find_if(state.batches.begin(), state.batches.end(),
                   [&](const auto& entry) {
                     return entry.second.runner.address() == down.source;
                   });
  if (at == state.batches.end())
    return false;
  const auto id = at->first;
  end_batch_sessions(self, id);
  state.batches.erase(id);
  state.parts.erase(id);
  // What it did is stored: another one goes on from there.
  if (down.reason && down.reason != caf::exit_reason::user_shutdown
      && !state.draining)
    caf::anon_send(supervisor_actor{supervisor_core_actor{self}}, resume_atom_v,
                   id, false);
  return true;
}

void tell_batches(supervisor_pointer self) {
  auto& state = self->state;
  if (state.parts.empty())
    return;
  for (auto& [id, part] : std::exchange(state.parts, {})) {
    const auto at = state.batches.find(id);
    if (at != state.batches.end())
      self->send(at->second.runner, done_atom_v, std::move(part));
  }
}

} // namespace vmsystem::supervision
