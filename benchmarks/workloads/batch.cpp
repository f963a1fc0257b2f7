#include "vmsystem/benchmarks/harness/bench_job.hpp"
#include "vmsystem/benchmarks/harness/rig.hpp"
#include "vmsystem/benchmarks/workloads/shared.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"
#include "vmsystem/models/codec.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vmsystem::bench {

namespace {

constexpr double fresh_bar = 20000;
constexpr double session_bar = 40000;
constexpr double first_result_bar_ms = 20;

/// The share of the processors that jobs which only compute have to use.
constexpr double busy_bar = 0.9;

/// How many of those are measured: by time, the batch would take far more input
/// than its jobs keep up with, and take long to end.
constexpr uint64_t long_job_count = 1000;

/// Jobs in one piece of input.
constexpr uint32_t jobs_per_piece = 1000;

/// The input of a batch, again and again, and what its jobs result in.
struct job_list {
  std::string piece;
  /// The JSON of each job's value.
  std::vector<std::string> results;
};

std::string line_of(std::string_view source, const std::string& args) {
  json_writer line;
  line.begin_object();
  line.key("input");
  line.value(source);
  line.key("args");
  line.raw(json_text{args});
  line.end_object();
  return line.text() + '\n';
}

job_list small_jobs() {
  job_list result;
  for (uint32_t seed = 0; seed < jobs_per_piece; ++seed) {
    result.piece += line_of(job_source(), job_args(seed));
    result.results.push_back(to_json_or(job_result(seed), {}).text);
  }
  return result;
}

/// Jobs that compute for some milliseconds each.
job_list long_jobs() {
  job_list result;
  for (uint32_t i = 0; i < 50; ++i) {
    result.piece
      += line_of("let x = 0; for (let i = 0; i < 200000; ++i) x += i;"
                 " x",
                 "{}");
    result.results.push_back("19999900000");
  }
  return result;
}

/// One batch, fed until its time is over, whose results are taken and checked.
struct feed {
  supervisor_actor where;
  batch_spec spec;
  const job_list& jobs;
  load_budget budget;
  load_limit limit;
  load_result result;
  std::optional<failure> error;
  std::optional<clock::duration> first_result;
  uint64_t sent = 0;
  batch_id id;
};

using feed_pointer = caf::event_based_actor*;

void give_up(feed_pointer self, feed* x, const failure& why) {
  if (!x->error)
    x->error = why;
  self->quit();
}

void send_piece(feed_pointer self, feed* x) {
  const auto per_piece = x->jobs.results.size();
  const bool enough
    = x->limit.requests != 0 && x->sent + per_piece >= x->limit.requests;
  const bool last = enough || !x->budget.take(clock::now());
  x->sent += per_piece;
  self
    ->request(x->where, caf::infinite, add_atom_v, x->id,
              batch_input{x->jobs.piece, last})
    .then(
      [=](const batch&) {
        if (!last)
          send_piece(self, x);
      },
      [=](const caf::error& why) { give_up(self, x, to_failure(why)); });
}

/// Errors: internal, for a result that is not the right one.
expected<void> check_line(const feed& x, std::string_view line) {
  constexpr std::string_view before = "{\"index\":";
  if (line.substr(0, before.size()) == before) {
    const auto index = std::stoull(std::string{line.substr(before.size(), 12)});
    const auto& all = x.jobs.results;
    if (line.find("\"json\":" + all[index % all.size()])
        != std::string_view::npos)
      return success();
  }
  return fail(ec::internal, "a job gave " + std::string{line});
}

void take_results(feed_pointer self, feed* x) {
  self->request(x->where, caf::infinite, results_atom_v, x->id)
    .then(
      [=](const batch_results& page) {
        if (page.count != 0 && !x->first_result)
          x->first_result = clock::now() - x->budget.start();
        std::string_view lines{page.lines};
        for (uint32_t i = 0; i < page.count; ++i) {
          const auto end = lines.find('\n');
          if (auto right = check_line(*x, lines.substr(0, end)); !right) {
            give_up(self, x, right.error());
            return;
          }
          lines.remove_prefix(end + 1);
        }
        x->result.answers += page.count;
        if (page.last)
          self->quit();
        else
          take_results(self, x);
      },
      [=](const caf::error& why) { give_up(self, x, to_failure(why)); });
}

caf::behavior drive(feed_pointer self, feed* x) {
  self->request(x->where, caf::infinite, create_atom_v, x->spec)
    .then(
      [=](const batch& made) {
        x->id = made.id;
        send_piece(self, x);
        take_results(self, x);
      },
      [=](const caf::error& why) { give_up(self, x, to_failure(why)); });
  return {[=](tick_atom) {}};
}

expected<feed> run_feed(rig& server, const batch_spec& spec,
                        const job_list& jobs, const load_limit& limit) {
  feed x{server.supervisor(),
         spec,
         jobs,
         load_budget{{limit.duration, 0}},
         limit,
         {},
         {},
         {},
         0,
         {}};
  {
    caf::scoped_actor self{server.system()};
    self->wait_for(server.system().spawn(drive, &x));
  }
  if (x.error)
    return *x.error;
  if (x.result.answers != x.sent)
    return fail(ec::internal, std::to_string(x.sent) + " jobs had "
                                + std::to_string(x.result.answers)
                                + " results");
  x.result.elapsed = clock::now() - x.budget.start();
  x.result.processor = process_time() - x.budget.process_start();
  return x;
}

struct batch_rig {
  std::unique_ptr<rig> server;
  batch_spec spec;

  static expected<batch_rig> make(const context& run,
                                  batch_isolation isolation) {
    auto server = rig::start(run);
    if (!server)
      return server.error();
    batch_rig result{std::move(server).value(), {}};
    auto made = result.server->make_template();
    if (!made)
      return made.error();
    result.spec.vm_id = made.value();
    result.spec.isolation = isolation;
    result.spec.attached = true;
    return result;
  }
};

/// A load of batches and how long each took to its first result.
struct batch_loads {
  load_results loads;
  /// In milliseconds.
  std::vector<double> first_results;
};

/// @param requests how many jobs; 0: as the command says.
expected<batch_loads> measure(const context& run, batch_isolation isolation,
                              const job_list& jobs, uint64_t requests = 0) {
  auto made = batch_rig::make(run, isolation);
  if (!made)
    return made.error();
  batch_loads result;
  const auto once = [&](const load_limit& limit) -> expected<load_result> {
    auto fed = run_feed(*made.value().server, made.value().spec, jobs, limit);
    if (!fed)
      return fed.error();
    using milliseconds = std::chrono::duration<double, std::milli>;
    result.first_results.push_back(
      milliseconds{*fed.value().first_result}.count());
    return fed.value().result;
  };
  auto loads = requests == 0 ? run.repeat(once) : run.repeat(requests, once);
  if (!loads)
    return loads.error();
  result.loads = std::move(loads).value();
  return result;
}

figure first_result_figure(const batch_loads& from) {
  figure x;
  x.workload = "batch-fresh";
  x.name = "first result, from making the batch";
  x.unit = "ms";
  x.direction = better::lower;
  x.measured = sample{from.first_results};
  x.bar = first_result_bar_ms;
  return x;
}

} // namespace

expected<figures> run_batch_fresh(context& run) {
  const auto loads = measure(run, batch_isolation::fresh, small_jobs());
  if (!loads)
    return loads.error();
  const auto& engine = prepared_jobs(run, run.engine_threads());
  if (!engine)
    return engine.error();
  const std::string name = "fresh isolation, sync";
  auto rate = rate_figure("batch-fresh", name, loads.value().loads);
  rate.bar = fresh_bar;
  rate.bounds
    = {rate_bound("engine alone, fresh, prepared script", engine.value())};
  return figures{
    std::move(rate),
    processor_figure("batch-fresh", name, loads.value().loads),
    first_result_figure(loads.value()),
  };
}

expected<figures> run_batch_session(context& run) {
  const auto loads = measure(run, batch_isolation::session, small_jobs());
  if (!loads)
    return loads.error();
  const std::string name = "session isolation, sync";
  auto rate = rate_figure("batch-session", name, loads.value().loads);
  rate.bar = session_bar;
  return figures{
    std::move(rate),
    processor_figure("batch-session", name, loads.value().loads),
  };
}

expected<figures> run_batch_compute(context& run) {
  const auto threads = run.engine_threads();
  const auto loads
    = measure(run, batch_isolation::fresh, long_jobs(), long_job_count);
  if (!loads)
    return loads.error();
  auto cores = cores_figure("batch-compute", "jobs that compute",
                            loads.value().loads, threads);
  cores.bar = busy_bar * threads;
  return figures{std::move(cores)};
}

} // namespace vmsystem::bench
