#include "vmsystem/actors/errors.hpp"
#include "vmsystem/actors/supervisor_parts.hpp"
#include "vmsystem/actors/timeouts.hpp"

#include <utility>
#include <vector>

namespace vmsystem::supervision {

namespace {

/// Closes all sessions: the heap of each ends with the process.
change_set close_all(supervisor_state& state) {
  change_set result;
  for (auto& [id, live] : state.sessions) {
    auto& record = live->record;
    record.status = session_status::closed;
    record.closed_at = timestamp::now();
    record.last_error = "the server was stopped";
    result.changes.push_back(session_change(record));
  }
  state.sessions.clear();
  return result;
}

void answer_drainers(supervisor_pointer self) {
  auto& state = self->state;
  for (auto& drainer : state.drainers)
    drainer.deliver(state.drained_sessions);
  state.drainers.clear();
  self->quit();
}

void flush(supervisor_pointer self) {
  self->request(self->state.setup.writer->get(), write_timeout, flush_atom_v)
    .then([=](const commit_receipt&) { answer_drainers(self); },
          [=](const caf::error&) { answer_drainers(self); });
}

} // namespace

caf::result<runtime_summary> drain(supervisor_pointer self, uint32_t grace_ms) {
  auto& state = self->state;
  auto promise = self->make_response_promise<runtime_summary>();
  state.drainers.push_back(promise);
  if (!state.draining) {
    state.draining = true;
    for (const auto& [id, live] : state.batches)
      self->send(live.runner, drain_atom_v);
    self->delayed_send(self, std::chrono::milliseconds{grace_ms}, drain_atom_v);
  }
  continue_drain(self);
  return promise;
}

void end_grace(supervisor_pointer self) {
  // Stopping one flight may take others off the table.
  std::vector<flight_ptr> all;
  for (const auto& [id, flight] : self->state.flights)
    all.push_back(flight);
  for (const auto& flight : all) {
    // A batch goes on when the process is back.
    flight->dropped = flight->job->place.has_value();
    stop_flight(self, flight,
                flight->dropped ? end_reason::interrupted
                                : end_reason::cancelled);
  }
}

void continue_drain(supervisor_pointer self) {
  auto& state = self->state;
  if (!state.draining || state.drained || !state.in_flight.empty()
      || state.sessions_in_creation > 0)
    return;
  state.drained = true;
  state.drained_sessions = summary(state);
  write(self, close_all(state), [=](const auto&) { flush(self); });
}

} // namespace vmsystem::supervision
