#include "vmsystem/actors/retention.hpp"

#include <chrono>
#include <exception>
#include <string>
#include <utility>

namespace vmsystem {

namespace {

using retention_pointer = retention_actor::stateful_pointer<retention_state>;

/// From the end of a pass to the next one.
constexpr std::chrono::minutes pass_interval{1};

/// From one step to the next one.
constexpr std::chrono::milliseconds step_pause{10};

/// Finds what goes next. An exception becomes a failure.
expected<retention_step> find(const store& kept, retention_pass& pass) {
  try {
    return kept.read()->retire(pass);
  } catch (const std::exception& e) {
    return fail(ec::internal, std::string{"the query failed: "} + e.what());
  }
}

void end_pass(retention_pointer self) {
  self->state.pass.reset();
  self->delayed_send(self, pass_interval, tick_atom_v);
}

void abandon_pass(retention_pointer self) {
  ++self->state.setup.stats->failures;
  end_pass(self);
}

void go_on(retention_pointer self) {
  if (self->state.pass->stage == retention_stage::over)
    end_pass(self);
  else
    self->delayed_send(self, step_pause, tick_atom_v);
}

void remove(retention_pointer self, retention_step step) {
  const auto count
    = [stats = self->state.setup.stats, executions = step.executions,
       batches = step.batches, sessions = step.sessions] {
        stats->executions += executions;
        stats->batches += batches;
        stats->sessions += sessions;
      };
  self
    ->request(self->state.setup.writer->get(), caf::infinite, write_atom_v,
              std::move(step.changes))
    .then(
      [=](const commit_receipt&) {
        count();
        go_on(self);
      },
      [=](const caf::error&) { abandon_pass(self); });
}

void take_step(retention_pointer self) {
  auto& state = self->state;
  // The supervisor makes the writer when it begins, and anew when it died.
  if (!state.setup.writer->get()) {
    self->delayed_send(self, step_pause, tick_atom_v);
    return;
  }
  if (!state.pass)
    state.pass.emplace(state.setup.limits, timestamp::now());
  auto step = find(*state.setup.kept, *state.pass);
  if (!step)
    abandon_pass(self);
  else if (step.value().changes.changes.empty())
    go_on(self);
  else
    remove(self, std::move(step).value());
}

} // namespace

retention_actor::behavior_type retention(retention_pointer self,
                                         retention_setup setup) {
  self->state.setup = std::move(setup);
  self->send(self, tick_atom_v);
  return {
    [self](tick_atom) { take_step(self); },
  };
}

} // namespace vmsystem
