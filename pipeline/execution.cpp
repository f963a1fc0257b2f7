#include "vmsystem/pipeline/execution.hpp"

#include "vmsystem/models/codec.hpp"

#include <algorithm>
#include <utility>

namespace vmsystem {

namespace {

uint64_t microseconds_between(console_sink::clock::time_point from,
                              console_sink::clock::time_point to) {
  const auto us
    = std::chrono::duration_cast<std::chrono::microseconds>(to - from).count();
  return static_cast<uint64_t>(std::max<decltype(us)>(us, 0));
}

/// Says which timers the end of the run took along.
void tell_dropped_timers(run_report& report) {
  const auto count = report.outcome.dropped_timers;
  if (count == 0)
    return;
  const auto text
    = count == 1
        ? std::string{"1 timer was active at the end and is gone"}
        : std::to_string(count) + " timers were active at the end and are gone";
  report.events.append_always(
    event_type::system,
    to_json_or(system_payload{text, console_level::info}, "{}"));
}

} // namespace

console_sink::console_sink(event_log& to, hand_on give, clock::time_point last)
  : to_{to}, give_{std::move(give)}, last_{last} {}

void console_sink::give(clock::time_point now) {
  last_ = now;
  give_(to_.take());
}

void console_sink::pause(std::optional<clock::time_point> until) {
  if (give_ && to_.pending_bytes() > 0
      && (!until || *until - last_ > max_delay))
    give(clock::now());
}

std::optional<end_reason>
console_sink::console(console_level level, std::string_view text) noexcept {
  // The payload is never shorter than its text: no need to copy a giant.
  if (text.size() > to_.output_left())
    return end_reason::output_limit;
  const auto payload
    = to_json_or(console_payload{level, std::string{text}}, "{}");
  if (auto limit = to_.append(event_type::console, payload))
    return limit;
  if (!give_)
    return std::nullopt;
  const auto now = clock::now();
  if (to_.pending_bytes() > max_pending_bytes || now - last_ > max_delay)
    give(now);
  return std::nullopt;
}

engine::run_options run_options_of(const execution_job& job) {
  const auto& record = job.record;
  const bool snippet = record.kind == execution_kind::repl;
  engine::run_options options;
  if (snippet) {
    options.source = record.input;
    options.file_name = "<repl>";
  } else {
    options.source = job.source;
    options.file_name = record.path;
    options.role = record.kind == execution_kind::startup
                     ? engine::script_role::startup_file
                     : engine::script_role::file;
  }
  options.worktree = job.worktree;
  if (!snippet || job.place) {
    options.args_json = record.args.text;
    options.env_json = record.env.text;
  }
  options.wall_limit = std::chrono::milliseconds{record.limits.wall_ms};
  options.cpu_limit = std::chrono::milliseconds{record.limits.cpu_ms};
  options.mem_limit_mb = record.limits.mem_mb;
  // The jobs of a batch often differ in their arguments alone. A pristine copy
  // of an image would forget the function with the rest: its pool sees to that.
  if (job.place && !job.image)
    options.compile = engine::compile_mode::keep;
  return options;
}

namespace {

using run_step
  = engine::run_outcome (engine::instance::*)(const engine::run_options&);

/// Lets the script run until it is over or waits.
void go_on(execution_job& job, console_sink::hand_on give, run_step step) {
  auto& report = job.report;
  console_sink sink{report.events, std::move(give), report.handed_on};
  auto options = run_options_of(job);
  options.max_value_bytes = report.events.output_left();
  options.control = &job.control;
  options.sink = &sink;
  options.park = true;
  report.outcome = (*job.instance.*step)(options);
  report.instance_died = job.instance->dead();
  if (!report.outcome.waiting)
    tell_dropped_timers(report);
  else if (!job.place)
    sink.pause(report.outcome.wake_at); // A job of a batch is stored once.
  report.handed_on = sink.last();
}

} // namespace

void run_job(execution_job& job, console_sink::hand_on give) {
  const auto& record = job.record;
  auto& report = job.report;
  job.run_started = console_sink::clock::now();
  report.handed_on = job.run_started;
  report.queue_us = microseconds_between(job.arrived, job.run_started);
  report.events = event_log{record.id, record.limits};
  const bool snippet = record.kind == execution_kind::repl;
  if (snippet)
    report.events.append(event_type::input_echo,
                         to_json_or(echo_payload{record.input}, "{}"));
  if (const auto reason = job.control.requested(); reason != end_reason::ok) {
    report.outcome = failed_outcome(reason, "stopped before it ran");
    return;
  }
  go_on(job, std::move(give), &engine::instance::run);
}

void resume_job(execution_job& job, console_sink::hand_on give) {
  if (job.control.requested() != end_reason::ok)
    end_waiting_job(job);
  else
    go_on(job, std::move(give), &engine::instance::resume);
}

void end_waiting_job(execution_job& job) {
  const auto requested = job.control.requested();
  job.report.outcome = job.instance->stop_waiting(
    requested == end_reason::ok ? end_reason::wall_timeout : requested);
  tell_dropped_timers(job.report);
}

} // namespace vmsystem
