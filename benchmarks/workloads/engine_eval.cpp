#include "vmsystem/benchmarks/workloads/raw_engine.hpp"
#include "vmsystem/benchmarks/workloads/shared.hpp"
#include "vmsystem/benchmarks/workloads/threads.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"
#include "vmsystem/engine/instance.hpp"

#include <string>
#include <utility>

namespace vmsystem::bench {

namespace {

constexpr double bar_per_second_and_core = 500000;

/// Evaluations between two looks at the clock.
constexpr uint32_t chunk = 64;

/// Evaluates `1+1` until the limit, in an instance of its own; a chunk of
/// evaluations counts as one request.
expected<load_result> evaluate(const load_limit& limit) {
  const auto instance = plain_instance();
  if (!instance)
    return instance.error();
  engine::run_options options;
  options.source = "1+1";
  load_result result;
  load_budget budget{limit};
  while (budget.take(clock::now()))
    for (uint32_t i = 0; i < chunk; ++i) {
      const auto outcome = instance.value()->run(options);
      if (outcome.reason != end_reason::ok || outcome.value.preview != "2")
        return fail(ec::internal, "1+1 gave " + outcome.value.preview
                                    + outcome.error.message);
      ++result.answers;
    }
  result.elapsed = clock::now() - budget.start();
  return result;
}

} // namespace

const expected<load_results>& engine_evaluations(context& run,
                                                 uint32_t threads) {
  return run.once("engine/" + std::to_string(threads), [&] {
    return run.repeat([&](const load_limit& limit) {
      return run_on_threads(threads, [&] { return evaluate(limit); });
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
  const auto name = "1+1, " + std::to_string(threads) + " threads";
  auto all = rate_figure("engine-eval", name, together.value());
  all.bar = bar_per_second_and_core * threads;
  all.bounds = {rate_bound("one thread x " + std::to_string(threads),
                           alone.value(), threads)};
  return figures{
    std::move(one),
    processor_figure("engine-eval", "1+1, one thread", alone.value()),
    std::move(all), processor_figure("engine-eval", name, together.value()),
    cores_figure("engine-eval", name, together.value(), threads)};
}

} // namespace vmsystem::bench
