#include "vmsystem/actors/errors.hpp"
#include "vmsystem/actors/supervisor_parts.hpp"
#include "vmsystem/actors/timeouts.hpp"
#include "vmsystem/models/codec.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace vmsystem::supervision {

namespace {

using steady_clock = std::chrono::steady_clock;

live_session_ptr find_session(supervisor_pointer self, session_id id) {
  const auto& sessions = self->state.sessions;
  const auto at = sessions.find(id);
  return at == sessions.end() ? nullptr : at->second;
}

json_text details_for(const flight& x) {
  const auto& request = x.job->request;
  const auto session = request.session.to_string();
  if (request.kind == execution_kind::repl)
    return details_of({{"session_id", session}});
  return details_of({{"session_id", session}, {"path", request.path}});
}

/// The job as it was before it entered the pipeline.
job_ptr fresh_copy(const execution_job& from) {
  auto result = std::make_shared<execution_job>();
  result->request = from.request;
  result->place = from.place;
  return result;
}

/// Ends a flight that never ran: the client gets the reason, and there is no
/// record.
void refuse(supervisor_pointer self, const flight_ptr& flight, failure reason) {
  auto& state = self->state;
  if (flight->job->place) {
    give_back(self, flight);
    return;
  }
  state.counters.count_refusal(reason.code);
  state.in_flight.erase(flight);
  state.bytes_in_flight -= flight->bytes;
  forget_flight(self, flight->job->record.id);
  if (reason.details.empty())
    reason.details = details_for(*flight);
  if (flight->owns_session)
    release_session(self, flight->job->request.session);
  flight->done(std::move(reason));
  continue_drain(self);
}

/// A session that is not live: unknown, closed or crashed.
void refuse_dead_session(supervisor_pointer self, session_id id,
                         const completion& done) {
  const auto refuse = [self, done](failure reason) {
    self->state.counters.count_refusal(reason.code);
    done(std::move(reason));
  };
  self->request(self->state.setup.query, query_timeout, get_atom_v, id)
    .then(
      [refuse, id](const json_text& document) {
        auto record = from_json<session>(document.text);
        const auto status
          = record ? name_of(record.value().status) : "not live";
        refuse({ec::session_not_ready,
                "session " + id.to_string() + " is " + std::string{status}
                  + ", not ready",
                details_of({{"session_id", id.to_string()},
                            {"status", std::string{status}}})});
      },
      [refuse](const caf::error& reason) { refuse(to_failure(reason)); });
}

/// Replaces the job of a stage that was lost: the old one may still be written
/// to. What the lost stage had handed on stays.
void replace_job(const flight_ptr& flight, end_reason reason,
                 std::string message) {
  auto job = std::make_shared<execution_job>();
  const auto& old = *flight->job;
  job->request = old.request;
  job->arrived = old.arrived;
  job->record = old.record;
  job->place = old.place;
  job->image = old.image;
  job->instance = old.instance;
  const auto& record = job->record;
  job->report.events
    = event_log{record.id, record.limits, flight->last_seq_taken};
  if (flight->last_seq_taken == 0 && record.kind == execution_kind::repl)
    job->report.events.append(event_type::input_echo,
                              to_json_or(echo_payload{record.input}, "{}"));
  job->report.outcome = failed_outcome(reason, std::move(message));
  flight->job = std::move(job);
}

/// Without the finalization stage the supervisor makes the record itself: an
/// execution never ends without one.
void finalize_here(const flight_ptr& flight) {
  auto& job = *flight->job;
  job.finished = finalize(job.record, job.report);
  job.changes = end_changes(job.finished, job.report.events.take(), false);
}

void run_finalization(supervisor_pointer self, const flight_list& flights);

/// A stage other than a slot that held a flight is gone: the execution ends,
/// on the record.
void lose_stage(supervisor_pointer self, const flight_ptr& flight,
                const std::string& why) {
  const auto stage = flight->stage;
  flight->ticket = ++self->state.requests;
  if (stage == flight_stage::admission) {
    refuse(self, flight,
           fail(ec::internal, "the admission stage was lost: " + why));
    return;
  }
  const bool loading = stage == flight_stage::loading;
  const auto reason = std::string{"the "}
                      + (loading ? "loading" : "finalization")
                      + " stage that held the execution was lost: " + why;
  log_lost(self, *flight->job, reason);
  replace_job(flight, end_reason::interrupted, reason);
  if (loading) {
    run_finalization(self, {flight});
  } else {
    finalize_here(flight);
    persist(self, {flight});
  }
}

/// Sends the flights' jobs to a stage, in one message. A flight that was given
/// up before the answer came is not among those that go on.
/// @param next goes on with the flights.
template <class Stage, class Atom, class Next>
void ask_stage(supervisor_pointer self, flight_list flights, flight_stage where,
               const Stage& stage, Atom what, std::chrono::milliseconds timeout,
               Next next) {
  if (flights.empty())
    return;
  const auto ticket = ++self->state.requests;
  // A timer of the system per request would cost more than the request: the
  // supervisor looks at all deadlines once a second itself.
  const auto deadline = self->clock().now() + timeout;
  std::vector<job_ptr> jobs;
  jobs.reserve(flights.size());
  for (const auto& flight : flights) {
    flight->stage = where;
    flight->ticket = ticket;
    flight->deadline = deadline;
    jobs.push_back(flight->job);
  }
  const auto held = [ticket](flight_list& all) {
    const auto stale
      = [=](const flight_ptr& flight) { return flight->ticket != ticket; };
    all.erase(std::remove_if(all.begin(), all.end(), stale), all.end());
  };
  const auto shared = std::make_shared<flight_list>(std::move(flights));
  self
    ->request(stage, caf::infinite, what,
              job_group_ref{std::make_shared<job_group>(std::move(jobs))})
    .then(
      [=](const job_group_ref&) {
        held(*shared);
        next(*shared);
      },
      [=](const caf::error& reason) {
        held(*shared);
        for (const auto& flight : *shared)
          lose_stage(self, flight, to_failure(reason).message);
      });
}

void run_finalization(supervisor_pointer self, const flight_list& flights) {
  ask_stage(self, flights, flight_stage::finalization, self->state.finalization,
            finalize_atom_v, stage_timeout,
            [=](const flight_list& done) { persist(self, done); });
}

/// Puts a flight into the queue for the slots; the caller dispatches.
void enqueue(supervisor_pointer self, const flight_ptr& flight) {
  flight->stage = flight_stage::queued;
  auto& state = self->state;
  const bool pristine = flight->job->image != nullptr;
  (pristine ? state.jobs : state.interactive).flights.push_back(flight);
}

/// Gives a parked flight to a slot.
void leave_park(supervisor_pointer self, const flight_ptr& flight) {
  enqueue(self, flight);
  dispatch(self);
}

/// Ends the run of a parked flight for what was requested.
void end_waiting(supervisor_pointer self, const flight_ptr& flight) {
  flight->job->turn = job_turn::give_up;
  leave_park(self, flight);
}

/// Keeps a run that waits, without a slot: until its next timer is due, or
/// until its wall limit ends it.
void park(supervisor_pointer self, const flight_ptr& flight) {
  auto& job = *flight->job;
  flight->stage = flight_stage::parked;
  const auto deadline
    = job.run_started + std::chrono::milliseconds{job.record.limits.wall_ms};
  const auto wake = job.report.outcome.wake_at.value_or(deadline);
  job.turn = wake < deadline ? job_turn::resume : job_turn::give_up;
  const auto left = std::max(std::min(wake, deadline) - steady_clock::now(),
                             steady_clock::duration::zero());
  if (job.control.requested() != end_reason::ok)
    end_waiting(self, flight);
  else
    self->delayed_send(self, left, wake_atom_v, job.record.id, flight->ticket);
}

void load(supervisor_pointer self, const flight_list& flights);

/// Takes a flight that has its session to loading or to the slots' queue.
/// @returns whether it goes to loading.
bool prepare(supervisor_pointer self, const flight_ptr& flight,
             const live_session_ptr& live) {
  auto& job = *flight->job;
  flight->owns_session = true;
  live->current = flight;
  job.instance = live->instance;
  job.worktree = live->record.worktree_path;
  job.max_source_bytes = self->state.setup.options.max_source_bytes;
  if (job.record.kind != execution_kind::repl)
    return true;
  watch_young(self, flight);
  enqueue(self, flight);
  return false;
}

// --- jobs of batches ---

/// The outcome of a job that cannot run: unlike a client's request, it has a
/// record.
void fail_job(execution_job& job) {
  const auto& why = *job.refusal;
  job.report.events = event_log{job.record.id, job.record.limits};
  job.report.outcome = failed_outcome(end_reason::invalid_job,
                                      std::string{to_string_view(why.code)}
                                        + ": " + why.message);
}

/// Gives a chain its session, and queues it for a slot.
void enter_chain(supervisor_pointer self, session_chain& chain,
                 const live_session_ptr& live) {
  live->current = chain.flights.front();
  live->chain = live->current->chain;
  for (const auto& flight : chain.flights) {
    flight->stage = flight_stage::queued;
    flight->job->instance = live->instance;
  }
  self->state.chains.push_back(chain.flights.front()->chain);
}

/// Gives back all jobs of a chain, which leave it one by one.
void give_back_chain(supervisor_pointer self, const session_chain& chain) {
  for (const auto& flight : flight_list{chain.flights})
    give_back(self, flight);
}

/// Whether jobs that the chain is behind have come back.
bool is_late(const supervisor_state& state, const session_chain& chain) {
  const auto& job = *chain.flights.front()->job;
  const auto batch = state.batches.find(job.place->batch);
  if (batch == state.batches.end())
    return false;
  const auto& turns = batch->second.turns;
  const auto now = turns.find(job.request.session);
  return now != turns.end() && chain.turn < now->second;
}

/// Takes a chain to its session, or gives it back when there is none.
void start_chain(supervisor_pointer self,
                 const std::shared_ptr<session_chain>& chain) {
  if (chain->flights.empty())
    return;
  const auto session = chain->flights.front()->job->request.session;
  const auto live = find_session(self, session);
  if (!live || live->closing || live->record.status != session_status::ready) {
    const auto& first = chain->flights.front();
    self->state.parts[first->job->place->batch].lost_session = session;
    give_back_chain(self, *chain);
    return;
  }
  if (is_late(self->state, *chain)) {
    give_back_chain(self, *chain);
    return;
  }
  if (live->current == nullptr) {
    enter_chain(self, *chain, live);
    return;
  }
  for (const auto& flight : chain->flights)
    flight->stage = flight_stage::waiting;
  live->waiting.push_back(chain->flights.front());
}

/// Takes jobs that may run on; those that cannot end on record.
void go_on_with_jobs(supervisor_pointer self, const flight_list& flights) {
  flight_list over;
  std::shared_ptr<session_chain> chain;
  for (const auto& flight : flights) {
    auto& job = *flight->job;
    if (job.refusal) {
      fail_job(job);
      flight->chain = nullptr;
      over.push_back(flight);
    } else if (flight->chain) {
      chain = flight->chain;
      chain->flights.push_back(flight);
      ++chain->open;
    } else {
      enqueue(self, flight);
    }
  }
  if (chain)
    start_chain(self, chain);
  run_finalization(self, over);
}

/// Takes admitted jobs of one message to loading, or on when no file is among
/// them. Jobs of a chain stay together, in their order.
void enter_jobs(supervisor_pointer self, const flight_list& flights) {
  const auto is_file = [](const flight_ptr& flight) {
    return flight->job->record.kind != execution_kind::repl
           && !flight->job->refusal;
  };
  flight_list files;
  flight_list others;
  const bool any = std::any_of(flights.begin(), flights.end(), is_file);
  for (const auto& flight : flights) {
    self->state.flights.emplace(flight->job->record.id, flight);
    const bool together = any && flight->chain && !flight->job->refusal;
    (is_file(flight) || together ? files : others).push_back(flight);
  }
  go_on_with_jobs(self, others);
  load(self, files);
}

// --- all kinds ---

void loaded(supervisor_pointer self, const flight_list& flights) {
  flight_list jobs;
  for (const auto& flight : flights) {
    if (flight->job->place) {
      jobs.push_back(flight);
    } else if (flight->job->refusal) {
      refuse(self, flight, *flight->job->refusal);
    } else {
      watch_young(self, flight);
      enqueue(self, flight);
    }
  }
  go_on_with_jobs(self, jobs);
  dispatch(self);
  tell_batches(self);
}

void load(supervisor_pointer self, const flight_list& flights) {
  ask_stage(self, flights, flight_stage::loading, self->state.loading,
            load_atom_v, load_timeout,
            [=](const flight_list& done) { loaded(self, done); });
}

/// Finds the session of a flight that was admitted, and lets the flight in or
/// has it wait.
/// @returns whether it goes to loading.
bool enter_session(supervisor_pointer self, const flight_ptr& flight) {
  const auto live = find_session(self, flight->job->request.session);
  if (!live || live->closing) {
    refuse(self, flight,
           fail(ec::session_not_ready,
                "the session was closed before the execution began"));
    return false;
  }
  const auto id = flight->job->record.id;
  self->state.flights.emplace(id, flight);
  if (live->current == nullptr || live->current == flight)
    return prepare(self, flight, live);
  // Admission did not see those that came together with this one.
  if (live->waiting.size()
      >= self->state.setup.options.max_waiting_per_session) {
    refuse(self, flight,
           fail(ec::too_many_requests,
                std::to_string(live->waiting.size())
                  + " requests wait for session "
                  + flight->job->request.session.to_string()
                  + ", the bound; try later"));
    return false;
  }
  flight->stage = flight_stage::waiting;
  live->waiting.push_back(flight);
  self->delayed_send(self,
                     std::chrono::milliseconds{flight->job->request.wait_ms},
                     wake_atom_v, id, flight->ticket);
  return false;
}

void admitted(supervisor_pointer self, const flight_list& flights) {
  flight_list files;
  flight_list jobs;
  for (const auto& flight : flights) {
    if (flight->job->place)
      jobs.push_back(flight);
    else if (flight->job->refusal)
      refuse(self, flight, *flight->job->refusal);
    else if (enter_session(self, flight))
      files.push_back(flight);
  }
  load(self, files);
  enter_jobs(self, jobs);
  dispatch(self);
  tell_batches(self);
}

void stop_waiting(live_session& live, const flight_ptr& flight) {
  auto& waiting = live.waiting;
  waiting.erase(std::remove(waiting.begin(), waiting.end(), flight),
                waiting.end());
}

/// Gives back the chain of a flight that waits for its session.
/// @param live the session; null when it is gone.
void give_back_waiting(supervisor_pointer self, const live_session_ptr& live,
                       const flight_ptr& flight) {
  if (live)
    stop_waiting(*live, flight);
  give_back_chain(self, *flight->chain);
}

/// A job of a chain ran: the next ones need not wait until it is stored. When
/// its run took the session along, they do.
void leave_session_early(supervisor_pointer self, const flight_ptr& flight) {
  if (!flight->chain || flight->job->report.instance_died)
    return;
  flight->job->instance = nullptr;
  leave_chain(self, flight);
  flight->chain = nullptr;
}

} // namespace

void execute(supervisor_pointer self, execution_request request,
             completion done, std::unique_ptr<flight_extras> extras) {
  auto& state = self->state;
  const auto live = find_session(self, request.session);
  if (!live) {
    refuse_dead_session(self, request.session, done);
    return;
  }
  const auto& options = state.setup.options;
  auto flight = std::make_shared<vmsystem::flight>();
  flight->done = std::move(done);
  flight->extras = std::move(extras);
  flight->job = std::make_shared<execution_job>();
  auto& job = *flight->job;
  job.request = std::move(request);
  auto& view = job.view;
  view.status = live->closing ? session_status::closed : live->record.status;
  view.busy = live->current != nullptr;
  view.waiting = static_cast<uint32_t>(live->waiting.size());
  view.max_waiting = options.max_waiting_per_session;
  view.in_flight = static_cast<uint32_t>(state.requests_in_flight());
  view.max_in_flight = options.max_in_flight;
  view.bytes_in_flight = state.bytes_in_flight;
  view.max_bytes_in_flight = options.max_in_flight_bytes;
  view.max_wait_ms = options.max_wait_ms;
  view.draining = state.draining;
  view.limits = live->limits;
  if (!view.busy) {
    // Nobody else gets the session while this one is being admitted.
    live->current = flight;
    flight->owns_session = true;
  }
  state.in_flight.insert(flight);
  flight->bytes = bytes_of(job.request);
  state.bytes_in_flight += flight->bytes;
  arm_tick(self);
  // Behind the requests that are in the mailbox already: they share the way.
  if (state.unadmitted.empty())
    self->send(self, admit_atom_v);
  state.unadmitted.push_back(flight);
}

void admit(supervisor_pointer self, flight_list flights) {
  ask_stage(self, std::move(flights), flight_stage::admission,
            self->state.admission, admit_atom_v, stage_timeout,
            [=](const flight_list& done) { admitted(self, done); });
}

void admit_gathered(supervisor_pointer self) {
  admit(self, std::exchange(self->state.unadmitted, {}));
}

void leave_chain(supervisor_pointer self, const flight_ptr& flight) {
  const auto chain = flight->chain;
  if (!chain || --chain->open > 0)
    return;
  // They hold the chain, and it holds them.
  chain->flights.clear();
  const auto session = flight->job->request.session;
  const auto live = find_session(self, session);
  // One that waited for its session never had it.
  if (live && live->chain == chain)
    release_session(self, session);
}

void give_back(supervisor_pointer self, const flight_ptr& flight) {
  auto& state = self->state;
  auto& part = state.parts[flight->job->place->batch];
  state.in_flight.erase(flight);
  --state.jobs_in_flight;
  forget_flight(self, flight->job->record.id);
  leave_chain(self, flight);
  part.not_run.push_back(fresh_copy(*flight->job));
  continue_drain(self);
}

void give_back_rest(supervisor_pointer self, const flight_list& left) {
  if (left.empty())
    return;
  const auto& first = *left.front()->job;
  const auto live = find_session(self, first.request.session);
  const auto batch = first.place->batch;
  // What the batch sent after them must not run before them: neither what is
  // still on its way nor what waits for the session.
  const auto at = self->state.batches.find(batch);
  if (at != self->state.batches.end() && left.front()->chain)
    at->second.turns[first.request.session] = left.front()->chain->turn + 1;
  for (const auto& flight : left)
    give_back(self, flight);
  if (!live)
    return;
  for (const auto& flight :
       flight_list{live->waiting.begin(), live->waiting.end()})
    if (flight->chain && flight->job->place->batch == batch)
      give_back_waiting(self, live, flight);
}

void after_run(supervisor_pointer self, const flight_list& flights) {
  flight_list over;
  over.reserve(flights.size());
  for (const auto& flight : flights) {
    if (flight->job->report.outcome.waiting) {
      park(self, flight);
      continue;
    }
    leave_session_early(self, flight);
    if (flight->dropped)
      give_back(self, flight);
    else
      over.push_back(flight);
  }
  run_finalization(self, over);
}

void lose_run(supervisor_pointer self, const flight_ptr& flight,
              const std::string& why) {
  flight->ticket = ++self->state.requests;
  flight->instance_lost = true;
  flight->job->control.request(end_reason::interrupted);
  const auto reason
    = "the engine slot that held the execution was lost: " + why;
  log_lost(self, *flight->job, reason);
  replace_job(flight, end_reason::interrupted, reason);
  run_finalization(self, {flight});
}

void sweep_flights(supervisor_pointer self) {
  const auto now = self->clock().now();
  std::vector<flight_ptr> late;
  for (const auto& flight : self->state.in_flight) {
    const auto stage = flight->stage;
    const bool with_stage = stage == flight_stage::admission
                            || stage == flight_stage::loading
                            || stage == flight_stage::finalization;
    if (with_stage && flight->deadline <= now)
      late.push_back(flight);
  }
  for (const auto& flight : late)
    lose_stage(self, flight, "it did not answer in time");
}

void stage_lost(supervisor_pointer self, flight_stage stage) {
  ++self->state.counters.stages_replaced;
  log_replaced(self, name_of(stage), "it ended");
  // Those that still gather were not sent.
  const auto& unsent = self->state.unadmitted;
  std::vector<flight_ptr> held;
  for (const auto& flight : self->state.in_flight)
    if (flight->stage == stage
        && std::find(unsent.begin(), unsent.end(), flight) == unsent.end())
      held.push_back(flight);
  for (const auto& flight : held)
    lose_stage(self, flight, "it ended");
}

void refuse_waiting(supervisor_pointer self, flight_ptr flight,
                    failure reason) {
  const auto live = find_session(self, flight->job->request.session);
  if (flight->chain) {
    give_back_waiting(self, live, flight);
    tell_batches(self);
    return;
  }
  if (live)
    stop_waiting(*live, flight);
  refuse(self, flight, std::move(reason));
}

void wake(supervisor_pointer self, execution_id id, uint32_t ticket) {
  const auto at = self->state.flights.find(id);
  if (at == self->state.flights.end() || at->second->ticket != ticket)
    return;
  const auto flight = at->second;
  if (flight->stage == flight_stage::waiting)
    refuse_waiting(self, flight,
                   fail(ec::session_busy,
                        "the session was still busy after "
                          + std::to_string(flight->job->request.wait_ms)
                          + " ms"));
  else if (flight->stage == flight_stage::parked)
    leave_park(self, flight);
}

void stop_flight(supervisor_pointer self, flight_ptr flight,
                 end_reason reason) {
  flight->job->control.request(reason);
  if (flight->stage == flight_stage::parked)
    end_waiting(self, flight);
  else if (flight->stage == flight_stage::waiting)
    refuse_waiting(self, flight,
                   fail(ec::session_not_ready,
                        reason == end_reason::session_closed
                          ? "the session was closed while the request waited"
                          : "the request was cancelled while it waited"));
}

failure not_in_flight(execution_id id) {
  return {ec::execution_not_found,
          "execution " + id.to_string() + " is neither queued nor running",
          details_of({{"execution_id", id.to_string()}})};
}

caf::result<cancel_receipt> cancel(supervisor_pointer self, execution_id id) {
  const auto& flights = self->state.flights;
  const auto at = flights.find(id);
  if (at == flights.end())
    return to_error(not_in_flight(id));
  const auto flight = at->second;
  const bool running = flight->stage == flight_stage::executing
                       || flight->stage == flight_stage::parked
                       || flight->job->turn != job_turn::run;
  stop_flight(self, flight, end_reason::cancelled);
  return cancel_receipt{running};
}

void release_session(supervisor_pointer self, session_id id) {
  const auto live = find_session(self, id);
  if (!live)
    return;
  live->current = nullptr;
  live->chain = nullptr;
  if (live->closing) {
    finish_close(self, live);
    return;
  }
  if (live->waiting.empty())
    return;
  const auto next = live->waiting.front();
  live->waiting.pop_front();
  if (next->chain)
    enter_chain(self, *next->chain, live);
  else if (prepare(self, next, live))
    load(self, {next});
  dispatch(self);
}

} // namespace vmsystem::supervision
