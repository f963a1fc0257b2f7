#include "vmsystem/actors/errors.hpp"
#include "vmsystem/actors/supervisor_parts.hpp"
#include "vmsystem/actors/timeouts.hpp"
#include "vmsystem/models/codec.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace vmsystem::supervision {

namespace {

/// How often young executions are looked at.
constexpr std::chrono::milliseconds tick_interval{10};

/// How often deadlines are looked at, and refused writes tried again.
constexpr std::chrono::seconds sweep_interval{1};

/// A store that takes longer for a write is in trouble.
constexpr std::chrono::seconds store_patience{5};

/// Bytes of records and events that go to the writer in one message.
constexpr std::size_t max_write_bytes = std::size_t{1} << 20;

/// Terminal records that are kept in memory while the store refuses them.
constexpr std::size_t max_unstored = 1024;

failure store_failure_of(const flight& x) {
  const auto& record = x.job->record;
  return {ec::internal,
          "the execution's record could not be stored: " + x.store_failure,
          details_of({{"session_id", record.session.to_string()},
                      {"execution_id", record.id.to_string()}})};
}

/// The terminal record of an execution whose own could not be stored: it
/// claims no success, and is stored as soon as the store takes it.
void keep_unstored(supervisor_pointer self, const flight& x) {
  auto& unstored = self->state.unstored;
  if (!x.begun || unstored.size() >= max_unstored)
    return;
  run_report report;
  report.outcome = failed_outcome(end_reason::interrupted,
                                  "the execution's record could not be stored: "
                                    + x.store_failure);
  report.events
    = event_log{x.job->record.id, x.job->record.limits, x.last_seq_stored};
  const auto finished = finalize(x.job->record, report);
  unstored.push_back(end_changes(finished, report.events.take(), true));
  arm_tick(self);
}

/// Tells the batch of a job what became of it.
void land_job(supervisor_pointer self, const flight_ptr& flight,
              const expected<void>& result) {
  auto& part = self->state.parts[flight->job->place->batch];
  --self->state.jobs_in_flight;
  leave_chain(self, flight);
  if (!result) {
    part.store_failure = result.error().message;
    part.not_run.push_back(flight->job);
  } else {
    part.finished.push_back(flight->job);
  }
}

/// Ends a flight: takes it off the tables, lets the next one in, answers.
void land(supervisor_pointer self, const flight_ptr& flight,
          const expected<void>& result) {
  auto& state = self->state;
  const auto session = flight->job->record.session;
  if (result) {
    state.counters.count_end(flight->job->finished.record);
    log_end(self, *flight->job);
  } else {
    ++state.counters.unstored;
    log_unstored(self, *flight);
  }
  forget_flight(self, flight->job->record.id);
  state.in_flight.erase(flight);
  state.bytes_in_flight -= flight->bytes;
  if (flight->owns_session)
    release_session(self, session);
  if (flight->job->place)
    land_job(self, flight, result);
  else if (result)
    flight->done(std::move(flight->job->finished));
  else
    flight->done(result.error());
  continue_drain(self);
}

/// Marks the session as crashed if the run took its heap along.
void note_crash(supervisor_pointer self, const flight_ptr& flight,
                change_set& changes) {
  const auto& job = *flight->job;
  // The instance of a job that ran in a copy of an image is nobody's.
  if (job.image)
    return;
  if (!flight->instance_lost && !job.report.instance_died)
    return;
  const auto at = self->state.sessions.find(job.record.session);
  if (at == self->state.sessions.end())
    return;
  const auto live = at->second;
  crash_session(self, live,
                flight->instance_lost
                  ? "the engine slot that ran it was lost"
                  : std::string{job.instance->death_reason()},
                &job);
  changes.changes.push_back(session_change(live->record));
}

void stored_or_not(supervisor_pointer self, const flight_ptr& flight,
                   const expected<commit_receipt>& outcome) {
  if (!outcome) {
    flight->store_failure = outcome.error().message;
    keep_unstored(self, *flight);
    land(self, flight, store_failure_of(*flight));
    return;
  }
  land(self, flight, success());
}

/// Ends a flight of which the store refused a part.
void give_up_storing(supervisor_pointer self, const flight_ptr& flight) {
  keep_unstored(self, *flight);
  change_set crash;
  note_crash(self, flight, crash);
  if (!crash.changes.empty())
    write(self, std::move(crash), [](const auto&) {});
  land(self, flight, store_failure_of(*flight));
}

void write_part(supervisor_pointer self, const flight_ptr& flight,
                change_set changes);

/// The write of a flight that goes on was answered; with it, events up to
/// `last_seq`.
void part_stored(supervisor_pointer self, const flight_ptr& flight,
                 uint32_t last_seq, const expected<commit_receipt>& outcome) {
  flight->writing = false;
  if (outcome) {
    flight->last_seq_stored = last_seq;
    wake_watches(self, *flight);
    tell_begun(flight, success());
  } else {
    flight->store_failure = outcome.error().message;
    flight->held.changes.clear();
    tell_begun(flight, store_failure_of(*flight));
    stop_flight(self, flight, end_reason::interrupted);
  }
  if (flight->stage == flight_stage::persistence)
    persist(self, {flight});
  else if (!flight->held.changes.empty())
    write_part(self, flight, std::exchange(flight->held, {}));
}

/// Answers whoever waits for a write, once.
void end_write(supervisor_pointer self, uint64_t number,
               const expected<commit_receipt>& outcome) {
  auto& state = self->state;
  const auto at = state.open_writes.find(number);
  if (at == state.open_writes.end())
    return;
  const auto done = std::move(at->second.done);
  state.open_writes.erase(at);
  state.store_failure = outcome ? std::string{} : outcome.error().message;
  done(outcome);
}

void write_part(supervisor_pointer self, const flight_ptr& flight,
                change_set changes) {
  flight->writing = true;
  write(self, std::move(changes),
        [=, last_seq
            = flight->last_seq_taken](const expected<commit_receipt>& outcome) {
          part_stored(self, flight, last_seq, outcome);
        });
}

void begin(supervisor_pointer self, const flight_ptr& flight,
           change_set changes = {}) {
  flight->begun = true;
  changes.changes.push_back(begin_change(flight->job->record));
  if (auto key = key_change(*flight))
    changes.changes.push_back(*std::move(key));
  write_part(self, flight, std::move(changes));
}

/// Gives up writes beyond their deadline: the store may still take them, but
/// nobody waits any more.
void sweep_writes(supervisor_pointer self) {
  const auto now = self->clock().now();
  std::vector<uint64_t> late;
  for (const auto& [number, write] : self->state.open_writes)
    if (write.deadline <= now)
      late.push_back(number);
  for (const auto number : late)
    end_write(self, number,
              fail(ec::internal, "the store did not answer within "
                                   + std::to_string(write_timeout.count())
                                   + " s"));
}

/// Whether the oldest write waits for longer than a store should take.
bool store_hangs(supervisor_pointer self) {
  const auto& writes = self->state.open_writes;
  return !writes.empty()
         && writes.begin()->second.deadline - write_timeout + store_patience
              <= self->clock().now();
}

/// Sees whether a store that failed takes writes again: nothing else would try
/// while no work comes.
/// @param result what is known already.
caf::result<readiness> try_store(supervisor_pointer self, readiness result) {
  using caf::typed_response_promise;
  typed_response_promise<readiness> promise
    = self->make_response_promise<readiness>();
  write(
    self, change_set{}, [=](const expected<commit_receipt>& outcome) mutable {
      if (!outcome)
        result.obstacles.push_back({"store", "the store does not take writes: "
                                               + outcome.error().message});
      promise.deliver(std::move(result));
    });
  return promise;
}

void retry_unstored(supervisor_pointer self) {
  auto& unstored = self->state.unstored;
  if (unstored.empty())
    return;
  auto changes = std::move(unstored.front());
  unstored.pop_front();
  auto copy = changes;
  write(self, std::move(changes),
        [self, copy = std::move(copy)](const auto& outcome) mutable {
          if (!outcome)
            self->state.unstored.push_back(std::move(copy));
          arm_tick(self);
        });
}

} // namespace

void write(supervisor_pointer self, change_set changes, write_completion done) {
  auto& state = self->state;
  const auto number = ++state.writes;
  const auto deadline = self->clock().now() + write_timeout;
  state.open_writes.emplace(number, open_write{std::move(done), deadline});
  arm_tick(self);
  self
    ->request(state.setup.writer->get(), caf::infinite, write_atom_v,
              std::move(changes))
    .then(
      [=](const commit_receipt& receipt) { end_write(self, number, receipt); },
      [=](const caf::error& reason) {
        end_write(self, number, to_failure(reason));
      });
}

void writer_lost(supervisor_pointer self) {
  ++self->state.counters.stages_replaced;
  log_replaced(self, "writer", "it ended");
  std::vector<uint64_t> numbers;
  for (const auto& [number, write] : self->state.open_writes)
    numbers.push_back(number);
  for (const auto number : numbers)
    end_write(self, number,
              fail(ec::internal, "the writer ended before it answered"));
}

void persist(supervisor_pointer self, const flight_list& flights) {
  change_set together;
  flight_list stored;
  std::size_t bytes = 0;
  const auto flush = [&] {
    if (stored.empty())
      return;
    write(self, std::exchange(together, {}),
          [=, done = std::exchange(stored, {})](
            const expected<commit_receipt>& outcome) {
            for (const auto& flight : done)
              stored_or_not(self, flight, outcome);
            dispatch(self);
            tell_batches(self);
          });
    bytes = 0;
  };
  for (const auto& flight : flights) {
    flight->stage = flight_stage::persistence;
    // A part that fails must not be followed by a record that counts it.
    if (flight->writing)
      continue;
    if (!flight->store_failure.empty()) {
      give_up_storing(self, flight);
      continue;
    }
    auto changes = std::move(flight->job->changes.changes);
    changes.back().had_begun = flight->begun;
    const auto add = [&](std::vector<change>& some) {
      for (auto& one : some) {
        bytes += one.text.size();
        together.changes.push_back(std::move(one));
      }
    };
    add(flight->held.changes);
    add(changes);
    if (flight->extras && !flight->begun)
      if (auto key = key_change(*flight))
        together.changes.push_back(*std::move(key));
    note_crash(self, flight, together);
    stored.push_back(flight);
    if (bytes >= max_write_bytes)
      flush();
  }
  flush();
}

void persist_part(supervisor_pointer self, event_part part) {
  const auto at = self->state.flights.find(part.execution);
  if (at == self->state.flights.end())
    return;
  const auto flight = at->second;
  if (flight->stage != flight_stage::executing
      || part.first_seq != flight->last_seq_taken + 1)
    return; // From a slot that was given up; its events are not counted.
  const auto& text = part.text;
  flight->last_seq_taken
    += 1 + static_cast<uint32_t>(std::count(text.begin(), text.end(), '\n'));
  if (!flight->store_failure.empty())
    return;
  change_set changes;
  changes.changes.push_back(events_change(
    flight->job->record, event_chunk{part.first_seq, std::move(part.text)}));
  if (flight->writing)
    flight->held.changes.push_back(std::move(changes.changes.front()));
  else if (flight->begun)
    write_part(self, flight, std::move(changes));
  else
    begin(self, flight, std::move(changes));
}

void arm_tick(supervisor_pointer self) {
  auto& state = self->state;
  const bool young = !state.young.empty();
  if (state.tick_armed
      || (!young && state.in_flight.empty() && state.open_writes.empty()
          && state.unstored.empty() && !owes_lines(state)))
    return;
  state.tick_armed = true;
  self->delayed_send(self, tick_interval, tick_atom_v);
}

void watch_young(supervisor_pointer self, const flight_ptr& flight) {
  if (flight->extras && flight->extras->begun) {
    begin(self, flight);
    return;
  }
  auto& state = self->state;
  const std::chrono::milliseconds delay{
    state.setup.options.running_record_after_ms};
  state.young.emplace_back(self->clock().now() + delay, flight);
  arm_tick(self);
}

void tick(supervisor_pointer self) {
  auto& state = self->state;
  state.tick_armed = false;
  const auto now = self->clock().now();
  auto& young = state.young;
  while (!young.empty() && young.front().first <= now) {
    const auto flight = std::move(young.front().second);
    young.pop_front();
    const auto stage = flight->stage;
    const bool goes_on = stage == flight_stage::queued
                         || stage == flight_stage::executing
                         || stage == flight_stage::parked;
    if (goes_on && !flight->begun)
      begin(self, flight);
  }
  look_at_slots(self);
  if (now >= state.next_sweep) {
    state.next_sweep = now + sweep_interval;
    sweep_flights(self);
    sweep_writes(self);
    retry_unstored(self);
  }
  settle_log(state, now);
  tell_batches(self);
  arm_tick(self);
}

caf::result<readiness> ready(supervisor_pointer self) {
  const auto& state = self->state;
  readiness result;
  auto& found = result.obstacles;
  if (state.draining)
    found.push_back({"server", "the server is stopping"});
  if (state.requests_in_flight() >= state.setup.options.max_in_flight
      || state.bytes_in_flight >= state.setup.options.max_in_flight_bytes)
    found.push_back({"queue", "the queue is full"});
  if (store_hangs(self))
    found.push_back({"store", "the store has not answered for "
                                + std::to_string(store_patience.count())
                                + " s"});
  else if (!state.store_failure.empty())
    return try_store(self, std::move(result));
  return result;
}

} // namespace vmsystem::supervision
