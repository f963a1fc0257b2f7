#include "vmsystem/benchmarks/workloads/raw_engine.hpp"
#include "vmsystem/benchmarks/workloads/shared.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"
#include "vmsystem/engine/instance.hpp"
#include "vmsystem/engine/thread.hpp"

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace vmsystem::bench {

namespace {

constexpr double bar_per_second_and_core = 500000;

/// Evaluations between two looks at the clock.
constexpr uint32_t chunk = 64;

expected<std::unique_ptr<engine::instance>> new_instance() {
  auto image = engine::image::build({});
  if (!image)
    return image.error();
  return engine::instance::clone(std::move(image).value());
}

/// Evaluates `1+1` until the limit; a chunk of evaluations counts as one
/// request.
expected<load_result> evaluate(engine::instance& in, const load_limit& limit) {
  engine::run_options options;
  options.source = "1+1";
  load_result result;
  load_budget budget{limit};
  while (budget.take(clock::now()))
    for (uint32_t i = 0; i < chunk; ++i) {
      const auto outcome = in.run(options);
      if (outcome.reason != end_reason::ok || outcome.value.preview != "2")
        return fail(ec::internal, "1+1 gave " + outcome.value.preview
                                    + outcome.error.message);
      ++result.answers;
    }
  result.elapsed = clock::now() - budget.start();
  return result;
}

/// What one of several threads does.
expected<load_result> evaluate_on_this_thread(const load_limit& limit) {
  const auto guard = engine::thread_guard::make();
  if (!guard)
    return guard.error();
  auto instance = new_instance();
  if (!instance)
    return instance.error();
  return evaluate(*instance.value(), limit);
}

/// The sum over all threads, each with an instance of its own.
expected<load_result> evaluate_on_threads(uint32_t threads,
                                          const load_limit& limit) {
  std::vector<expected<load_result>> results(threads, load_result{});
  std::vector<std::thread> workers;
  for (auto& result : results)
    workers.emplace_back(
      [&result, &limit] { result = evaluate_on_this_thread(limit); });
  for (auto& worker : workers)
    worker.join();
  load_result sum;
  for (const auto& result : results) {
    if (!result)
      return result.error();
    sum.answers += result.value().answers;
    sum.elapsed = std::max(sum.elapsed, result.value().elapsed);
  }
  return sum;
}

} // namespace

const expected<load_results>& engine_evaluations(context& run,
                                                 uint32_t threads) {
  return run.once("engine/" + std::to_string(threads), [&] {
    return run.repeat([&](const load_limit& limit) {
      return evaluate_on_threads(threads, limit);
    });
  });
}

expected<figures> run_engine_eval(context& run) {
  const auto& alone = engine_evaluations(run, 1);
  if (!alone)
    return alone.error();
  const auto raw = run.repeat(run_raw_engine);
  if (!raw)
    return raw.error();
  auto one = rate_figure("engine-eval", "1+1, one thread", alone.value());
  one.bar = bar_per_second_and_core;
  one.bounds = {rate_bound("bare JS_Eval", raw.value())};

  const auto threads = run.engine_threads();
  const auto& together = engine_evaluations(run, threads);
  if (!together)
    return together.error();
  auto all
    = rate_figure("engine-eval", "1+1, " + std::to_string(threads) + " threads",
                  together.value());
  all.bar = bar_per_second_and_core * threads;
  all.bounds = {rate_bound("one thread x " + std::to_string(threads),
                           alone.value(), threads)};
  return figures{std::move(one), std::move(all)};
}

} // namespace vmsystem::bench
