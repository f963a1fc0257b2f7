#include "vmsystem/actors/errors.hpp"
#include "vmsystem/actors/supervisor_parts.hpp"
#include "vmsystem/actors/timeouts.hpp"
#include "vmsystem/pipeline/admission_actor.hpp"
#include "vmsystem/pipeline/finalization_actor.hpp"
#include "vmsystem/pipeline/loading_actor.hpp"
#include "vmsystem/pipeline/slot_actor.hpp"

#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

namespace vmsystem {

stage_factory default_stages() {
  stage_factory result;
  result.admission = [](caf::actor_system& system) {
    return system.spawn(admission, no_arguments{});
  };
  result.loading = [](caf::actor_system& system) {
    return system.spawn<caf::detached>(loading, no_arguments{});
  };
  result.slot = [](caf::actor_system& system, event_receiver_actor receiver) {
    return spawn_slot(system, std::move(receiver));
  };
  result.finalization = [](caf::actor_system& system) {
    return system.spawn(finalization, no_arguments{});
  };
  return result;
}

supervisor_state::~supervisor_state() {
  supervision::settle_log(*this, caf::actor_clock::time_point::max());
  const auto end = [](auto& handle) {
    if (handle)
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  };
  end(admission);
  end(loading);
  end(finalization);
  for (auto& slot : slots)
    end(slot.actor);
  if (setup.writer) {
    auto writer = setup.writer->get();
    end(writer);
  }
  end(setup.catalog);
  for (auto& [id, live] : batches)
    end(live.runner);
}

namespace supervision {

namespace {

void start_slot(supervisor_pointer self, slot_entry& entry) {
  auto& state = self->state;
  const event_receiver_actor receiver = supervisor_core_actor{self};
  entry.actor = state.setup.stages.slot(self->system(), receiver);
  entry.free = true;
  self->monitor(entry.actor);
}

void start_admission(supervisor_pointer self) {
  auto& state = self->state;
  state.admission = state.setup.stages.admission(self->system());
  self->monitor(state.admission);
}

void start_loading(supervisor_pointer self) {
  auto& state = self->state;
  state.loading = state.setup.stages.loading(self->system());
  self->monitor(state.loading);
}

void start_finalization(supervisor_pointer self) {
  auto& state = self->state;
  state.finalization = state.setup.stages.finalization(self->system());
  self->monitor(state.finalization);
}

void start_writer(supervisor_pointer self) {
  auto& setup = self->state.setup;
  setup.writer->set(setup.stages.writer(self->system()));
  self->monitor(setup.writer->get());
}

// --- groups of executions ---

/// What one message to a slot is to occupy it for, in microseconds. Long enough
/// that the message costs nothing beside, short enough that nobody notices.
constexpr uint64_t group_us = 2000;

/// The most executions in one message.
constexpr std::size_t max_group = 64;

/// A group may last this long before its rest goes to other slots.
constexpr std::chrono::milliseconds group_patience{5};

/// Takes the next executions for one of `free_slots` free slots.
flight_list next_group(run_queue& queue, std::size_t free_slots) {
  const auto waiting = queue.flights.size();
  const auto fair = (waiting + free_slots - 1) / free_slots;
  const auto in_time = group_us / std::max<uint64_t>(queue.usual_us, 1);
  const auto count
    = std::min({fair, max_group, std::max<std::size_t>(in_time, 1)});
  const auto first = queue.flights.begin();
  const auto last = first + static_cast<std::ptrdiff_t>(count);
  flight_list result{std::make_move_iterator(first),
                     std::make_move_iterator(last)};
  queue.flights.erase(first, last);
  return result;
}

/// Follows how long executions occupy a slot. One that waited did not occupy
/// it for as long as it lasted.
void learn(run_queue& queue, const flight_ptr& flight) {
  const auto& job = *flight->job;
  if (job.turn != job_turn::run || job.report.outcome.waiting)
    return;
  const auto us = job.report.outcome.wall_us + 1;
  queue.usual_us = (queue.usual_us * 7 + us) / 8;
}

/// When a slot that begins now, or that just went on, is given up.
caf::actor_clock::time_point slot_deadline(supervisor_pointer self,
                                           const slot_entry& entry) {
  uint32_t longest_ms = 0;
  for (std::size_t i = entry.gone; i < entry.end; ++i)
    longest_ms
      = std::max(longest_ms, entry.flights[i]->job->record.limits.wall_ms);
  return self->clock().now() + std::chrono::milliseconds{longest_ms}
         + slot_margin;
}

/// Whether the events that the execution handed on while it ran have arrived.
/// If not, they are in the mailbox, behind what is being handled now.
bool has_its_events(const flight& x) {
  return x.last_seq_taken >= x.job->report.events.taken();
}

/// Goes on with the executions of a group that came to their end.
void harvest(supervisor_pointer self, slot_entry& entry) {
  auto finished = std::min(entry.group->finished(), entry.end);
  for (auto i = entry.gone; i < finished; ++i)
    if (!has_its_events(*entry.flights[i]))
      finished = i;
  if (finished <= entry.gone)
    return;
  const auto first = entry.flights.begin();
  const flight_list over{first + static_cast<std::ptrdiff_t>(entry.gone),
                         first + static_cast<std::ptrdiff_t>(finished)};
  entry.gone = finished;
  entry.deadline = slot_deadline(self, entry);
  if (entry.queue != nullptr)
    for (const auto& flight : over)
      learn(*entry.queue, flight);
  after_run(self, over);
}

/// Puts the executions that the slot did not take back to the front.
void take_back(slot_entry& entry) {
  if (entry.queue == nullptr)
    return;
  auto& queue = entry.queue->flights;
  const auto first = std::min(entry.group->take_rest(), entry.end);
  for (auto i = entry.end; i > first; --i) {
    const auto& flight = entry.flights[i - 1];
    flight->stage = flight_stage::queued;
    queue.push_front(flight);
  }
  entry.end = first;
}

/// The executions of a chain that its slot left: their session was not able to
/// run them.
flight_list take_left(const slot_entry& entry) {
  const auto first = entry.flights.begin();
  return {first + static_cast<std::ptrdiff_t>(entry.gone),
          first + static_cast<std::ptrdiff_t>(entry.end)};
}

void group_answered(supervisor_pointer self, std::size_t index,
                    const std::shared_ptr<job_group>& group) {
  auto& entry = self->state.slots[index];
  if (entry.group != group)
    return; // The slot was given up before it answered.
  harvest(self, entry);
  const auto left = take_left(entry);
  entry.group = nullptr;
  entry.flights.clear();
  entry.free = true;
  give_back_rest(self, left);
  dispatch(self);
  tell_batches(self);
}

/// Replaces a slot that died, or that does not answer. The execution that it
/// ran is lost; those that it finished or did not take are not.
void lose_slot(supervisor_pointer self, slot_entry& entry,
               const std::string& why) {
  const auto group = entry.group;
  flight_list lost;
  flight_list left;
  if (group) {
    take_back(entry);
    const auto taken = std::min(group->take_rest(), entry.end);
    harvest(self, entry);
    for (auto i = entry.gone; i < entry.end; ++i)
      (i < taken ? lost : left).push_back(entry.flights[i]);
  }
  entry.group = nullptr;
  entry.flights.clear();
  ++self->state.counters.slots_replaced;
  log_replaced(self, "slot", why);
  self->demonitor(entry.actor.address());
  caf::anon_send_exit(entry.actor, caf::exit_reason::kill);
  start_slot(self, entry);
  for (const auto& flight : lost)
    lose_run(self, flight, why);
  give_back_rest(self, left);
  dispatch(self);
  tell_batches(self);
}

/// @param from where they were taken from; null for a chain.
void start_group(supervisor_pointer self, std::size_t index,
                 flight_list flights, run_queue* from) {
  auto& entry = self->state.slots[index];
  std::vector<job_ptr> jobs;
  jobs.reserve(flights.size());
  for (const auto& flight : flights) {
    flight->stage = flight_stage::executing;
    flight->ticket = ++self->state.requests;
    jobs.push_back(flight->job);
  }
  const auto group = std::make_shared<job_group>(std::move(jobs));
  group->in_one_session = from == nullptr;
  entry.queue = from;
  entry.free = false;
  entry.group = group;
  entry.flights = std::move(flights);
  entry.gone = 0;
  entry.end = group->size();
  entry.since = self->clock().now();
  entry.deadline = slot_deadline(self, entry);
  self->request(entry.actor, caf::infinite, run_atom_v, job_group_ref{group})
    .then([=](const job_group_ref&) { group_answered(self, index, group); },
          [=](const caf::error& reason) {
            auto& now = self->state.slots[index];
            if (now.group == group)
              lose_slot(self, now, to_failure(reason).message);
          });
}

/// Gives a slot the next executions: those that somebody waits for before jobs
/// of batches, which have one turn in four nevertheless.
/// @returns whether there were any.
bool start_next(supervisor_pointer self, std::size_t index,
                std::size_t free_slots) {
  auto& state = self->state;
  const auto turn = ++state.turns;
  const bool jobs = !state.jobs.flights.empty();
  const bool chains = !state.chains.empty();
  const bool batch_turn = turn % 4 == 0 && (jobs || chains);
  if (!state.interactive.flights.empty() && !batch_turn) {
    start_group(self, index, next_group(state.interactive, free_slots),
                &state.interactive);
  } else if (chains && (!jobs || turn % 8 < 4)) {
    const auto chain = std::move(state.chains.front());
    state.chains.pop_front();
    start_group(self, index, chain->flights, nullptr);
  } else if (jobs) {
    start_group(self, index, next_group(state.jobs, free_slots), &state.jobs);
  } else {
    return false;
  }
  return true;
}

/// Replaces the stage that died. A request that it held may never be answered,
/// so whoever waits is told here.
void on_down(supervisor_pointer self, const caf::down_msg& down) {
  auto& state = self->state;
  const auto is = [&down](const auto& handle) {
    return handle && handle.address() == down.source;
  };
  if (is(state.admission)) {
    start_admission(self);
    stage_lost(self, flight_stage::admission);
  } else if (is(state.loading)) {
    start_loading(self);
    stage_lost(self, flight_stage::loading);
  } else if (is(state.finalization)) {
    start_finalization(self);
    stage_lost(self, flight_stage::finalization);
  } else if (is(state.setup.writer->get())) {
    start_writer(self);
    writer_lost(self);
  } else {
    for (auto& entry : state.slots)
      if (is(entry.actor)) {
        lose_slot(self, entry, "it ended");
        return;
      }
    batch_lost(self, down);
  }
}

} // namespace

void start_stages(supervisor_pointer self) {
  auto& state = self->state;
  self->set_down_handler(
    [self](const caf::down_msg& down) { on_down(self, down); });
  start_admission(self);
  start_loading(self);
  start_finalization(self);
  start_writer(self);
  auto slots = state.setup.options.engine_slots;
  if (slots == 0)
    slots = std::max(1u, std::thread::hardware_concurrency());
  state.slots.resize(slots);
  for (auto& entry : state.slots)
    start_slot(self, entry);
}

void on_next_slot(supervisor_pointer self, slot_task task) {
  self->state.slot_queue.push_back(std::move(task));
  dispatch(self);
}

void release_slot(supervisor_pointer self, const slot_lease& lease) {
  auto& entry = self->state.slots[lease.index];
  if (entry.actor != lease.actor)
    return; // It died after it answered, and has a successor.
  entry.free = true;
  dispatch(self);
}

void dispatch(supervisor_pointer self) {
  auto& state = self->state;
  const auto is_free = [](const slot_entry& entry) { return entry.free; };
  auto free_slots = static_cast<std::size_t>(
    std::count_if(state.slots.begin(), state.slots.end(), is_free));
  for (std::size_t i = 0; i < state.slots.size() && free_slots > 0; ++i) {
    if (!state.slots[i].free)
      continue;
    if (!state.slot_queue.empty()) {
      state.slots[i].free = false;
      auto task = std::move(state.slot_queue.front());
      state.slot_queue.pop_front();
      task(slot_lease{i, state.slots[i].actor});
    } else if (!start_next(self, i, free_slots)) {
      return;
    }
    --free_slots;
  }
}

void look_at_slots(supervisor_pointer self) {
  const auto now = self->clock().now();
  bool took_back = false;
  for (auto& entry : self->state.slots) {
    if (!entry.group)
      continue;
    harvest(self, entry);
    if (entry.gone < entry.end && entry.deadline <= now) {
      lose_slot(self, entry, "it did not answer in time");
    } else if (now - entry.since >= group_patience) {
      const auto end = entry.end;
      take_back(entry);
      took_back = took_back || entry.end < end;
    }
  }
  if (took_back)
    dispatch(self);
}

void end_lease(supervisor_pointer self, const slot_lease& lease,
               const caf::error& reason) {
  auto& entry = self->state.slots[lease.index];
  if (!is_lost(reason))
    release_slot(self, lease);
  else if (entry.actor == lease.actor)
    lose_slot(self, entry, to_failure(reason).message);
}

bool is_lost(const caf::error& reason) {
  return reason == caf::sec::request_receiver_down
         || reason == caf::sec::request_timeout
         || reason == caf::sec::runtime_error;
}

} // namespace supervision

} // namespace vmsystem
