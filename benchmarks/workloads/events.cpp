#include "vmsystem/benchmarks/harness/rig.hpp"
#include "vmsystem/benchmarks/workloads/shared.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"
#include "vmsystem/engine/instance.hpp"
#include "vmsystem/engine/thread.hpp"

#include <string>
#include <utility>
#include <vector>

namespace vmsystem::bench {

namespace {

constexpr double rate_bar_per_second = 100000;
constexpr double flood_bar_seconds = 0.5;

constexpr uint32_t flood_lines = 20000;
constexpr uint32_t lines_of_many = 200;

/// An execution's echo and its value are events too.
constexpr uint32_t other_events = 2;

const json_text wide_limits{R"({"limits":{"max_output_kb":65536}})"};

/// The engine alone, whose lines are dropped, on this thread.
expected<load_results> print_alone(const context& run, uint32_t lines) {
  const auto guard = engine::thread_guard::make();
  if (!guard)
    return guard.error();
  const auto instance = plain_instance();
  if (!instance)
    return instance.error();
  const auto source = printing_script(lines);
  engine::run_options script;
  script.source = source;
  return run.repeat(1, [&](const load_limit&) -> expected<load_result> {
    const auto start = clock::now();
    if (instance.value()->run(script).reason != end_reason::ok)
      return fail(ec::internal, "the printing script did not end well");
    load_result result;
    result.answers = 1;
    result.elapsed = clock::now() - start;
    result.latency.add(result.elapsed);
    return result;
  });
}

/// Executions that print, as many at a time as there are lanes.
expected<load_results> print(const context& run, uint32_t lines, uint32_t lanes,
                             bool one_each) {
  auto made
    = rig_with_sessions::make(run, durability::sync, lanes, wide_limits);
  if (!made)
    return made.error();
  auto& server = *made.value().server;
  const auto& sessions = made.value().sessions;
  const auto input = printing_script(lines);
  execution_id last;
  const auto execute = [&](caf::event_based_actor* self, uint32_t lane,
                           const request_done& done) {
    execution_request request;
    request.session = sessions[lane];
    request.input = input;
    self
      ->request(server.supervisor(), caf::infinite, execute_atom_v,
                std::move(request))
      .then(
        [done, lines, &last](const finished_execution& x) {
          last = x.record.id;
          done(x.record.status == execution_status::ok
                   && x.record.metrics.events == lines + other_events
                 ? expected<void>{success()}
                 : fail(ec::internal, "printing gave " + x.document.text));
        },
        [done](const caf::error& reason) { done(to_failure(reason)); });
  };
  const auto load = [&](const load_limit& limit) {
    return run_actor_load(server.system(), lanes, limit, execute);
  };
  auto results = one_each ? run.repeat(lanes, load) : run.repeat(load);
  if (!results)
    return results;
  const auto stored = server.count_events(last);
  if (!stored)
    return stored.error();
  if (stored.value() != lines + other_events)
    return fail(ec::internal, "only " + std::to_string(stored.value())
                                + " events are stored");
  return results;
}

/// Seconds of one request.
double seconds_of(const load_results& results) {
  return 1 / rates_of(results).median();
}

expected<figure> run_flood(context& run) {
  const auto lines = run.scaled(flood_lines, 500);
  const auto measured = print(run, lines, 1, true);
  if (!measured)
    return measured.error();
  const auto engine = print_alone(run, lines);
  if (!engine)
    return engine.error();
  const auto writer = writer_commits(run, lines, 1);
  if (!writer)
    return writer.error();
  std::vector<double> seconds;
  for (const auto& x : measured.value())
    seconds.push_back(1 / x.per_second());
  figure flood;
  flood.workload = "events";
  flood.name = std::to_string(lines) + " lines in one execution";
  flood.unit = "s";
  flood.direction = better::lower;
  flood.measured = sample{std::move(seconds)};
  flood.bar = flood_bar_seconds;
  flood.bounds = {{"engine + writer",
                   seconds_of(engine.value()) + seconds_of(writer.value())}};
  return flood;
}

expected<figures> run_many(context& run) {
  const auto lines = run.scaled(lines_of_many, 20);
  const auto measured = print(run, lines, busy_lanes, false);
  if (!measured)
    return measured.error();
  const auto writer = writer_commits(run, lines, busy_lanes);
  if (!writer)
    return writer.error();
  const double events = lines + other_events;
  std::vector<double> rates;
  for (const auto& x : measured.value())
    rates.push_back(x.per_second() * events);
  figure many;
  many.workload = "events";
  many.name = "64 sessions x " + std::to_string(lines) + " lines, fsynced";
  many.unit = "1/s";
  many.measured = sample{std::move(rates)};
  many.bar = rate_bar_per_second;
  many.bounds = {rate_bound("writer alone", writer.value(), events)};
  const auto name = "64 sessions x " + std::to_string(lines) + " lines";
  return figures{std::move(many),
                 processor_figure("events", name, measured.value())};
}

} // namespace

expected<figures> run_events(context& run) {
  auto flood = run_flood(run);
  if (!flood)
    return flood.error();
  auto many = run_many(run);
  if (!many)
    return many.error();
  auto result = std::move(many).value();
  result.insert(result.begin(), std::move(flood).value());
  return result;
}

} // namespace vmsystem::bench
