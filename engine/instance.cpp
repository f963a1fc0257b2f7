#include "vmsystem/engine/instance.hpp"

#include "vmsystem/engine/frozen_memory.hpp"
#include "vmsystem/engine/host_calls.hpp"
#include "vmsystem/engine/image_builder.hpp"
#include "vmsystem/engine/modules/module_calls.hpp"
#include "vmsystem/engine/script_run.hpp"
#include "vmsystem/engine/surroundings.hpp"
#include "vmsystem/engine/thread_state.hpp"
#include "vmsystem/engine/timer_queue.hpp"

#include <optional>
#include <string>
#include <utility>

namespace vmsystem::engine {

using detail::js_value;

struct instance::impl {
  explicit impl(std::shared_ptr<const image> from)
    : source{std::move(from)},
      scripts{&source->scripts()},
      modules{*source->modules()} {
    guest.timers = &timers;
    guest.modules = &modules;
    guest.outside = &outside;
  }

  std::shared_ptr<const image> source;
  detail::guest guest;
  detail::compiled_scripts scripts;
  detail::module_calls modules;

  /// Absent when the image has no host functions.
  std::optional<detail::host_calls> calls;

  detail::timer_queue timers;

  detail::surroundings outside;

  /// What the last run waits for; owned by the guest.
  js_value promise = detail::js_undefined;
  bool waiting = false;
  run_outcome waiting_outcome;
  detail::run_so_far so_far;
  std::chrono::nanoseconds wall_limit{};
  std::chrono::nanoseconds cpu_limit{};

  std::string death_reason;

  /// Why no script can run now; null when one can.
  const char* refusal() const {
    const auto* thread = detail::thread_state::current();
    if (thread == nullptr)
      return "the thread has no engine guard";
    if (detail::guest::running_here())
      return "the thread runs a script already";
    if (thread->stack_bytes < guest.layout.native_stack_bytes)
      return "the thread's stack is too small for the image's stack_kb";
    if (guest.dead())
      return "the runtime is dead";
    return nullptr;
  }

  /// Notes what a run came to.
  void finish(int trap, detail::script_run& script, detail::supervision& limits,
              const run_options& options, run_outcome& outcome) {
    if (trap != 0) {
      script.trapped(trap);
      death_reason = vm_trap_text(trap);
    }
    limits.measure(outcome);
    waiting = outcome.waiting;
    if (!waiting)
      return;
    promise = script.pending_promise();
    waiting_outcome = outcome;
    so_far = limits.so_far();
    wall_limit = options.wall_limit;
    cpu_limit = options.cpu_limit;
  }
};

namespace {

run_outcome refused(const char* why) {
  run_outcome outcome;
  outcome.reason = end_reason::engine_failure;
  outcome.error.message = why;
  return outcome;
}

} // namespace

expected<std::unique_ptr<instance>>
instance::clone(std::shared_ptr<const image> source) {
  auto state = std::make_unique<impl>(std::move(source));
  if (auto attached = state->source->memory().attach(state->guest); !attached)
    return std::move(attached).error();
  if (const auto& table = state->source->host_functions();
      table != nullptr && !table->entries().empty()) {
    state->calls.emplace(*table);
    state->guest.calls = &*state->calls;
  }
  return std::unique_ptr<instance>{new instance{std::move(state)}};
}

instance::instance(std::unique_ptr<impl> state) noexcept
  : impl_{std::move(state)} {}

instance::~instance() = default;

run_outcome instance::run(const run_options& options) {
  run_outcome outcome;
  auto& self = *impl_;
  if (const auto* why = self.refusal())
    return refused(why);
  if (self.waiting)
    return refused("the runtime waits for a promise");
  auto& guest = self.guest;
  const auto& memory = self.source->memory();
  const bool first = memory.populate(guest);
  if (!self.outside.started()) {
    self.outside.start(guest.layout.language);
    guest.write64(guest.layout.random_state, self.outside.seed());
  }
  detail::supervision limits{guest, *detail::thread_state::current(), options};
  detail::script_run script{guest, self.scripts, limits, options, outcome};
  const auto garbage = std::exchange(self.promise, detail::js_undefined);
  self.modules.begin_run(options);
  const int trap = guest.enter([&] {
    guest.free_value(garbage);
    self.timers.drop(guest);
    script.execute();
  });
  self.modules.end_run();
  self.finish(trap, script, limits, options, outcome);
  if (first)
    memory.learn(guest);
  return outcome;
}

run_outcome instance::resume(const run_options& options) {
  run_outcome outcome;
  auto& self = *impl_;
  if (const auto* why = self.refusal())
    return refused(why);
  if (!self.waiting)
    return refused("the runtime does not wait for a promise");
  auto& guest = self.guest;
  detail::supervision limits{guest, *detail::thread_state::current(), options,
                             self.so_far};
  detail::script_run script{guest, self.scripts, limits, options, outcome};
  const auto promise = std::exchange(self.promise, detail::js_undefined);
  self.modules.resume_run(options);
  const int trap = guest.enter([&] { script.resume(promise); });
  self.modules.end_run();
  self.finish(trap, script, limits, options, outcome);
  return outcome;
}

// The promise and the timers are released by the next run: this may be a thread
// that cannot enter the guest.
run_outcome instance::stop_waiting(end_reason reason) {
  auto& self = *impl_;
  run_outcome outcome = std::exchange(self.waiting_outcome, run_outcome{});
  run_options options;
  options.wall_limit = self.wall_limit;
  options.cpu_limit = self.cpu_limit;
  outcome.waiting = false;
  outcome.wake_at.reset();
  outcome.dropped_timers = static_cast<uint32_t>(self.timers.size());
  outcome.reason = reason;
  outcome.error.message
    = detail::limit_text(reason, options, self.guest.layout.memory_limit);
  if (self.waiting)
    outcome.wall_us = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(detail::clock::now()
                                                            - self.so_far.start)
        .count());
  self.waiting = false;
  return outcome;
}

bool instance::waiting() const noexcept {
  return impl_->waiting;
}

bool instance::dead() const noexcept {
  return impl_->guest.dead();
}

std::string_view instance::death_reason() const noexcept {
  return impl_->death_reason;
}

expected<void> instance::reset() {
  auto& self = *impl_;
  if (auto restored = self.source->memory().restore(self.guest); !restored)
    return std::move(restored).error();
  self.guest.revive();
  self.scripts.clear();
  if (self.calls)
    self.calls->forget();
  self.modules.forget();
  self.timers.forget();
  self.outside.forget();
  self.waiting = false;
  self.promise = detail::js_undefined;
  self.death_reason.clear();
  return success();
}

expected<void> instance::tidy() {
  auto& self = *impl_;
  if (const auto* why = self.refusal())
    return fail(ec::internal, why);
  const char* error = nullptr;
  const int trap = self.guest.enter([&] { error = detail::tidy(self.guest); });
  if (trap != 0) {
    self.death_reason = vm_trap_text(trap);
    return fail(ec::internal, self.death_reason);
  }
  if (error != nullptr)
    return fail(ec::internal, error);
  return success();
}

expected<std::shared_ptr<const image>> instance::freeze() {
  if (dead() || waiting())
    return fail(ec::internal,
                "a runtime that is dead or waits cannot become an image");
  if (impl_->calls && impl_->calls->waiting())
    return fail(ec::internal, "a runtime cannot become an image while its host "
                              "owes it answers");
  auto memory = detail::frozen_memory::freeze(impl_->guest);
  if (!memory)
    return std::move(memory).error();
  return std::make_shared<const image>(std::move(memory).value(),
                                       impl_->source->host_functions(),
                                       impl_->source->modules(),
                                       impl_->scripts.flattened());
}

const std::shared_ptr<const image>& instance::source() const noexcept {
  return impl_->source;
}

} // namespace vmsystem::engine
