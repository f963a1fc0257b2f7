#include "vmsystem/actors/supervisor_parts.hpp"
#include "vmsystem/pipeline/admission_actor.hpp"
#include "vmsystem/pipeline/finalization_actor.hpp"
#include "vmsystem/pipeline/loading_actor.hpp"
#include "vmsystem/pipeline/slot_actor.hpp"

#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <algorithm>
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
    return system.spawn<caf::detached>(slot, std::move(receiver));
  };
  result.finalization = [](caf::actor_system& system) {
    return system.spawn(finalization, no_arguments{});
  };
  return result;
}

supervisor_state::~supervisor_state() {
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

/// Gives waiting tasks to free slots.
void dispatch(supervisor_pointer self) {
  auto& state = self->state;
  for (std::size_t i = 0; i < state.slots.size() && !state.slot_queue.empty();
       ++i) {
    if (!state.slots[i].free)
      continue;
    state.slots[i].free = false;
    auto task = std::move(state.slot_queue.front());
    state.slot_queue.pop_front();
    task(slot_lease{i, state.slots[i].actor});
  }
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
        const auto dead = std::exchange(entry.actor, slot_actor{});
        start_slot(self, entry);
        stage_lost(self, flight_stage::executing, dead);
        dispatch(self);
        return;
      }
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

void replace_slot(supervisor_pointer self, const slot_actor& slot) {
  for (auto& entry : self->state.slots)
    if (entry.actor == slot) {
      self->demonitor(slot.address());
      caf::anon_send_exit(slot, caf::exit_reason::kill);
      start_slot(self, entry);
      dispatch(self);
      return;
    }
}

void end_lease(supervisor_pointer self, const slot_lease& lease,
               const caf::error& reason) {
  if (is_lost(reason))
    replace_slot(self, lease.actor);
  else
    release_slot(self, lease);
}

bool is_lost(const caf::error& reason) {
  return reason == caf::sec::request_receiver_down
         || reason == caf::sec::request_timeout
         || reason == caf::sec::runtime_error;
}

} // namespace supervision

} // namespace vmsystem
