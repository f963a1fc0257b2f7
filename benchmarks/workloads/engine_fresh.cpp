#include "vmsystem/benchmarks/harness/bench_job.hpp"
#include "vmsystem/benchmarks/workloads/shared.hpp"
#include "vmsystem/benchmarks/workloads/threads.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"
#include "vmsystem/engine/instance.hpp"
#include "vmsystem/models/codec.hpp"

#include <string>
#include <utility>

namespace vmsystem::bench {

namespace {

/// What a job finds.
enum class isolation : uint8_t {
  /// The image as it was made.
  fresh,
  /// An image that has the compiled job.
  prepared,
  /// What earlier jobs left.
  shared,
};

using instance_result = expected<std::unique_ptr<engine::instance>>;

/// An instance of an image that has the compiled job.
instance_result prepared_instance() {
  const auto plain = plain_instance();
  if (!plain)
    return plain.error();
  engine::run_options options;
  options.source = job_source();
  options.compile = engine::compile_mode::prepare;
  const auto outcome = plain.value()->run(options);
  if (outcome.reason != end_reason::ok)
    return fail(ec::internal,
                "the job cannot be prepared: " + outcome.error.message);
  auto image = plain.value()->freeze();
  if (!image)
    return image.error();
  return engine::instance::clone(std::move(image).value());
}

/// Runs the job until the limit, in an instance of its own.
expected<load_result> run_jobs(isolation how, const load_limit& limit) {
  const auto instance
    = how == isolation::prepared ? prepared_instance() : plain_instance();
  if (!instance)
    return instance.error();
  load_result result;
  load_budget budget{limit};
  while (budget.take(clock::now())) {
    const auto seed = static_cast<uint32_t>(result.answers % 1000);
    const auto args = job_args(seed);
    engine::run_options options;
    options.source = job_source();
    options.args_json = args;
    const auto outcome = instance.value()->run(options);
    if (outcome.value.json != to_json_or(job_result(seed), {}))
      return fail(ec::internal, "the job gave " + outcome.value.preview
                                  + outcome.error.message);
    if (how != isolation::shared)
      if (auto reset = instance.value()->reset(); !reset)
        return reset.error();
    ++result.answers;
  }
  result.elapsed = clock::now() - budget.start();
  return result;
}

expected<load_results> measure(const context& run, isolation how,
                               uint32_t threads) {
  return run.repeat([&](const load_limit& limit) {
    return run_on_threads(threads, [&] { return run_jobs(how, limit); });
  });
}

} // namespace

const expected<load_results>& fresh_jobs(context& run, uint32_t threads) {
  return run.once("fresh/" + std::to_string(threads),
                  [&] { return measure(run, isolation::fresh, threads); });
}

const expected<load_results>& prepared_jobs(context& run, uint32_t threads) {
  return run.once("prepared/" + std::to_string(threads),
                  [&] { return measure(run, isolation::prepared, threads); });
}

expected<figures> run_engine_fresh(context& run) {
  const auto shared = measure(run, isolation::shared, 1);
  if (!shared)
    return shared.error();
  const auto& alone = fresh_jobs(run, 1);
  if (!alone)
    return alone.error();
  const auto threads = run.engine_threads();
  const auto& together = fresh_jobs(run, threads);
  if (!together)
    return together.error();
  const auto& prepared = prepared_jobs(run, threads);
  if (!prepared)
    return prepared.error();
  auto one = rate_figure("engine-fresh", "one thread", alone.value());
  one.bounds = {rate_bound("the same without reset", shared.value())};
  const auto name = std::to_string(threads) + " threads";
  auto all = rate_figure("engine-fresh", name, together.value());
  all.bounds = {rate_bound("one thread x " + std::to_string(threads),
                           alone.value(), threads)};
  return figures{std::move(one),
                 processor_figure("engine-fresh", "one thread", alone.value()),
                 std::move(all),
                 processor_figure("engine-fresh", name, together.value()),
                 cores_figure("engine-fresh", name, together.value(), threads),
                 rate_figure("engine-fresh", name + ", prepared script",
                             prepared.value())};
}

} // namespace vmsystem::bench
