// What each stage does for one execution of 1+1, without actors: the sum is
// what a pipeline with actors that cost nothing would take.

#include "vmsystem/benchmarks/harness/socket.hpp"
#include "vmsystem/benchmarks/workloads/shared.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"
#include "vmsystem/engine/thread.hpp"
#include "vmsystem/models/codec.hpp"
#include "vmsystem/persistence/rocksdb_store.hpp"
#include "vmsystem/pipeline/execution.hpp"
#include "vmsystem/pipeline/loading.hpp"

#include <array>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace vmsystem::bench {

namespace {

using step = std::function<expected<void>()>;

/// Times `work` alone; `prepare` goes before each.
expected<load_results> measure(const context& run, const step& work,
                               const std::function<void()>& prepare = {}) {
  return run.repeat([&](const load_limit& limit) -> expected<load_result> {
    load_result result;
    load_budget budget{limit};
    for (auto now = clock::now(); budget.take(now); now = clock::now()) {
      if (prepare)
        prepare();
      const auto start = clock::now();
      auto done = work();
      result.elapsed += clock::now() - start;
      if (!done)
        return done.error();
      ++result.answers;
    }
    return result;
  });
}

/// A row about the time of one, in us, beside that of its bound.
expected<figure>
time_figure(std::string name, const expected<load_results>& measured,
            std::string what, const expected<load_results>& floor) {
  if (!measured)
    return measured.error();
  if (!floor)
    return floor.error();
  const auto microseconds = [](const load_results& results) {
    std::vector<double> values;
    for (const auto& x : results)
      values.push_back(1e6 / x.per_second());
    return sample{std::move(values)};
  };
  figure x;
  x.workload = "stages";
  x.name = std::move(name);
  x.unit = "us";
  x.direction = better::lower;
  x.measured = microseconds(measured.value());
  x.bounds = {{std::move(what), microseconds(floor.value()).median()}};
  return x;
}

execution_request request_of_one() {
  execution_request request;
  request.session = session_id::generate();
  request.input = "1+1";
  return request;
}

admission_view ready_view() {
  admission_view view;
  view.status = session_status::ready;
  view.max_waiting = 1;
  view.max_in_flight = 1;
  return view;
}

expected<figure> run_admission(const context& run) {
  const auto request = request_of_one();
  const auto view = ready_view();
  const auto admitted = measure(run, [&]() -> expected<void> {
    auto record = admit(request, view);
    if (!record)
      return record.error();
    return success();
  });
  const auto made = measure(run, []() -> expected<void> {
    execution record;
    record.id = execution_id::generate();
    record.started_at = timestamp::now();
    return success();
  });
  return time_figure("admission", admitted, "an id and the time", made);
}

expected<figure> run_loading(const context& run) {
  auto folder = run.scratch();
  if (!folder)
    return folder.error();
  const auto& path = folder.value().path();
  const std::string text(1000, ' ');
  if (!(std::ofstream{path / "a.js"} << text).flush())
    return fail(ec::internal, "cannot write a file to load");
  const auto worktree = path.string();
  const auto loaded = measure(run, [&]() -> expected<void> {
    auto source = load_source(worktree, "a.js", 1u << 20);
    if (!source)
      return source.error();
    return source.value() == text ? expected<void>{success()}
                                  : fail(ec::internal, "a file is not whole");
  });
  const auto name = (path / "a.js").string();
  const auto bare = measure(run, [&]() -> expected<void> {
    const descriptor file{::open(name.c_str(), O_RDONLY | O_CLOEXEC)};
    std::array<char, 4096> buffer{};
    if (::read(file.get(), buffer.data(), buffer.size())
        != static_cast<ssize_t>(text.size()))
      return system_failure("read");
    return success();
  });
  return time_figure("loading, a file of 1,000 bytes", loaded,
                     "open, read, close", bare);
}

/// An execution that admission let through, with an instance to run in.
expected<std::unique_ptr<execution_job>> admitted_job() {
  auto record = admit(request_of_one(), ready_view());
  if (!record)
    return record.error();
  const auto image = engine::image::build({});
  if (!image)
    return image.error();
  auto instance = engine::instance::clone(image.value());
  if (!instance)
    return instance.error();
  auto job = std::make_unique<execution_job>();
  job->record = std::move(record).value();
  job->instance = std::move(instance).value();
  return job;
}

expected<figure> run_execution(context& run, execution_job& job) {
  const auto ran = measure(run, [&]() -> expected<void> {
    run_job(job, {});
    return job.report.outcome.value.preview == "2"
             ? expected<void>{success()}
             : fail(ec::internal, "1+1 did not give 2");
  });
  return time_figure("execution", ran, "engine alone",
                     engine_evaluations(run, 1));
}

expected<figure> run_finalization(const context& run, execution_job& job) {
  run_job(job, {});
  const auto ran = job.report;
  const auto finished = measure(
    run,
    [&]() -> expected<void> {
      job.finished = finalize(job.record, job.report);
      job.changes = end_changes(job.finished, job.report.events.take(), false);
      return success();
    },
    [&] { job.report = ran; });
  const auto rendered = measure(run, [&]() -> expected<void> {
    auto document = to_json(job.finished.record);
    if (!document)
      return document.error();
    return success();
  });
  return time_figure("finalization", finished, "rendering the record",
                     rendered);
}

expected<figure> run_persistence(const context& run) {
  auto folder = run.scratch();
  if (!folder)
    return folder.error();
  rocksdb_config place;
  place.path = folder.value().path() / "store";
  auto kept = rocksdb_store::open(place);
  if (!kept)
    return kept.error();
  auto changes = prepared_changes(0);
  const auto committed = measure(
    run, [&] { return kept.value()->commit({&changes}, durability::async); },
    [&] {
      const auto id = raw_id::generate();
      for (auto& x : changes.changes)
        x.id = id;
    });
  std::string text;
  for (const auto& x : changes.changes)
    text += x.text;
  const descriptor log{::open((folder.value().path() / "log").c_str(),
                              O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  const auto written = measure(run, [&]() -> expected<void> {
    if (::write(log.get(), text.data(), text.size())
        != static_cast<ssize_t>(text.size()))
      return system_failure("write");
    return success();
  });
  return time_figure("persistence, one record a group, async", committed,
                     "write of its bytes", written);
}

} // namespace

expected<figures> run_stages(context& run) {
  figures result;
  const auto add = [&](expected<figure> x) -> expected<void> {
    if (!x)
      return x.error();
    result.push_back(std::move(x).value());
    return success();
  };
  const auto guard = engine::thread_guard::make();
  if (!guard)
    return guard.error();
  const auto job = admitted_job();
  if (!job)
    return job.error();
  for (const auto& measure_stage :
       std::array<std::function<expected<figure>()>, 5>{
         [&] { return run_admission(run); }, [&] { return run_loading(run); },
         [&] { return run_execution(run, *job.value()); },
         [&] { return run_finalization(run, *job.value()); },
         [&] { return run_persistence(run); }})
    if (auto added = add(measure_stage()); !added)
      return added.error();
  return result;
}

} // namespace vmsystem::bench
