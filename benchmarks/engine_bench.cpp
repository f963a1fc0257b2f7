// One engine, one thread: how long the steps of a session's life take.

#include "vmsystem/engine/instance.hpp"
#include "vmsystem/engine/thread.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace vmsystem;
using namespace vmsystem::engine;

class counting_sink : public event_sink {
public:
  std::optional<end_reason> console(console_level,
                                    std::string_view text) noexcept override {
    bytes += text.size();
    return std::nullopt;
  }

  std::size_t bytes = 0;
};

const std::shared_ptr<const image>& shared_image() {
  static const auto object = image::build({}).value();
  return object;
}

std::unique_ptr<instance> new_instance() {
  return instance::clone(shared_image()).value();
}

/// Runs with every limit active, and ends the program when it fails.
run_outcome run(instance& engine, std::string_view source,
                event_sink* sink = nullptr) {
  run_control control;
  run_options options;
  options.source = source;
  options.control = &control;
  options.sink = sink;
  auto outcome = engine.run(options);
  if (outcome.reason != end_reason::ok) {
    std::cerr << source << ": " << outcome.error.message << '\n';
    std::exit(1);
  }
  return outcome;
}

void run_repeatedly(benchmark::State& state, const char* source) {
  auto engine = new_instance();
  for (auto _ : state)
    benchmark::DoNotOptimize(run(*engine, source));
  state.SetItemsProcessed(state.iterations());
}

void eval_one_plus_one(benchmark::State& state) {
  run_repeatedly(state, "1+1");
}

void eval_string(benchmark::State& state) {
  run_repeatedly(state, "'hello ' + 'world'");
}

void eval_object(benchmark::State& state) {
  run_repeatedly(state, "({ id: 1, name: 'x', tags: ['a', 'b'] })");
}

void eval_promise(benchmark::State& state) {
  run_repeatedly(state, "Promise.resolve(1)");
}

void eval_exception(benchmark::State& state) {
  auto engine = new_instance();
  run_options options;
  options.source = "throw new TypeError('bad')";
  for (auto _ : state)
    benchmark::DoNotOptimize(engine->run(options));
  state.SetItemsProcessed(state.iterations());
}

/// A small real job: a filter and a reduction of 20 rows.
constexpr const char* small_job
  = "{ const rows = []; for (let k = 0; k < 20; k++)"
    " rows.push({ id: k, v: (k * 7) % 13 });"
    "JSON.stringify(rows.filter((r) => r.v > 5)"
    " .reduce((m, r) => { m[r.v] = (m[r.v] || 0) + r.id; return m }, {})) }";

void eval_small_job(benchmark::State& state) {
  run_repeatedly(state, small_job);
}

void small_job_in_pristine_instance(benchmark::State& state) {
  auto engine = new_instance();
  for (auto _ : state) {
    benchmark::DoNotOptimize(run(*engine, small_job));
    if (!engine->reset())
      std::exit(1);
  }
  state.SetItemsProcessed(state.iterations());
}

void clone_instance(benchmark::State& state) {
  std::vector<std::unique_ptr<instance>> clones;
  for (auto _ : state) {
    clones.push_back(new_instance());
    if (clones.size() == 1000) {
      state.PauseTiming();
      clones.clear();
      state.ResumeTiming();
    }
  }
  state.SetItemsProcessed(state.iterations());
}

void first_eval_of_a_clone(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto engine = new_instance();
    state.ResumeTiming();
    benchmark::DoNotOptimize(run(*engine, "1+1"));
    state.PauseTiming();
    engine.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations());
}

void build_image(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(image::build({}).value());
}

void console_lines(benchmark::State& state, const char* source) {
  auto engine = new_instance();
  counting_sink sink;
  for (auto _ : state)
    run(*engine, source, &sink);
  state.SetItemsProcessed(state.iterations() * 1000);
}

void console_string(benchmark::State& state) {
  console_lines(state,
                "for (let i = 0; i < 1000; i++) console.log('line ' + i)");
}

void console_object(benchmark::State& state) {
  console_lines(state, "for (let i = 0; i < 1000; i++)"
                       " console.log('row', { i, name: 'x' })");
}

/// KiB per instance, of this process's proportional share.
void idle_memory(benchmark::State& state) {
  const auto pss_kb = [] {
    std::ifstream lines{"/proc/self/smaps_rollup"};
    for (std::string line; std::getline(lines, line);)
      if (line.compare(0, 4, "Pss:") == 0)
        return std::stod(line.substr(4));
    return 0.0;
  };
  for (auto _ : state) {
    const auto before = pss_kb();
    std::vector<std::unique_ptr<instance>> clones;
    for (int64_t i = 0; i < state.range(0); ++i) {
      clones.push_back(new_instance());
      run(*clones.back(), "1+1");
    }
    state.counters["KiB_each"]
      = (pss_kb() - before) / static_cast<double>(state.range(0));
  }
}

BENCHMARK(eval_one_plus_one);
BENCHMARK(eval_string);
BENCHMARK(eval_object);
BENCHMARK(eval_promise);
BENCHMARK(eval_exception);
BENCHMARK(eval_small_job);
BENCHMARK(small_job_in_pristine_instance);
BENCHMARK(clone_instance);
BENCHMARK(first_eval_of_a_clone);
BENCHMARK(build_image)->Unit(benchmark::kMillisecond);
BENCHMARK(console_string);
BENCHMARK(console_object);
BENCHMARK(idle_memory)->Arg(1000)->Iterations(1)->Unit(benchmark::kMillisecond);

} // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 1;
  auto guard = thread_guard::make();
  if (!guard) {
    std::cerr << guard.error().message << '\n';
    return 1;
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
