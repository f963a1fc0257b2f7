#include "support.hpp"
#include "vmsystem/engine/frozen_memory.hpp"
#include "vmsystem/engine/memory_use.hpp"
#include "vmsystem/engine/script_run.hpp"
#include "vmsystem/engine/timer_queue.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>
#include <fstream>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace vmsystem;
using namespace vmsystem::engine;
using namespace vmsystem::engine::test;

namespace {

run_outcome run_in(instance& engine, std::string_view source) {
  run_options options;
  options.source = source;
  return engine.run(options);
}

std::string eval_in(instance& engine, std::string_view source) {
  auto outcome = run_in(engine, source);
  return outcome.reason == end_reason::ok ? outcome.value.preview
                                          : outcome.error.message;
}

std::unique_ptr<instance> new_instance() {
  return must(instance::clone(image_of(default_options())));
}

} // namespace

BOOST_AUTO_TEST_SUITE(isolation)

BOOST_AUTO_TEST_CASE(state_is_kept_from_run_to_run) {
  runtime scripts;
  scripts.run("let a = 1; const b = 2; var c = 3; function d() { return a }"
              "class E { #p = 7; get p() { return this.#p } }");
  BOOST_TEST(scripts.eval("a++; [a, b, c, d(), new E().p].join()")
             == "2,2,3,2,7");
  scripts.run("throw 1");
  BOOST_TEST(scripts.eval("a") == "2");
  scripts.run("function* gen() { let i = 0; for (;;) yield i++ }"
              "const g = gen(); g.next()");
  BOOST_TEST(scripts.eval("g.next().value") == "1");
}

BOOST_AUTO_TEST_CASE(linear_memory_is_counted_while_it_is_taken) {
  constexpr uint64_t mib = 1 << 20;
  const auto image = image_of(default_options());
  const auto none = linear_memory_bytes();
  auto first = must(instance::clone(image));
  const auto one = linear_memory_bytes() - none;
  BOOST_TEST(one > 0u);
  BOOST_TEST(one % (64 << 10) == 0u);
  auto second = must(instance::clone(image));
  BOOST_TEST(linear_memory_bytes() - none == 2 * one);
  BOOST_TEST(eval_in(*first, "globalThis.x = new Uint8Array(32 << 20); 1")
             == "1");
  const auto grown = linear_memory_bytes() - none;
  BOOST_TEST(grown >= 2 * one + 24 * mib);
  BOOST_TEST(grown < 2 * one + 48 * mib);
  BOOST_TEST(first->reset().has_value());
  BOOST_TEST(linear_memory_bytes() - none == 2 * one);
  first.reset();
  BOOST_TEST(linear_memory_bytes() - none == one);
  second.reset();
  BOOST_TEST(linear_memory_bytes() == none);
}

BOOST_AUTO_TEST_CASE(clones_share_nothing) {
  std::vector<std::unique_ptr<instance>> clones;
  for (int i = 0; i < 50; ++i) {
    clones.push_back(new_instance());
    run_in(*clones.back(), "var me = " + std::to_string(i)
                             + "; Array.prototype.mine = me;"
                               "globalThis.list = [me, {me}]");
  }
  for (int i = 0; i < 50; ++i) {
    const auto text = std::to_string(i);
    BOOST_TEST(eval_in(*clones[static_cast<std::size_t>(i)],
                       "[me, [].mine, list[0], list[1].me].join()")
               == text + ',' + text + ',' + text + ',' + text);
  }
  BOOST_TEST(eval_in(*new_instance(), "typeof me + [].mine")
             == "undefinedundefined");
}

BOOST_AUTO_TEST_CASE(clones_draw_different_random_numbers) {
  std::set<std::string> numbers;
  for (int i = 0; i < 50; ++i) {
    auto engine = new_instance();
    numbers.insert(eval_in(*engine, "Math.random()"));
    numbers.insert(eval_in(*engine, "Math.random()"));
    BOOST_TEST(engine->reset().has_value());
    numbers.insert(eval_in(*engine, "Math.random()"));
  }
  BOOST_TEST(numbers.size() == 150u);
}

BOOST_AUTO_TEST_CASE(a_reset_leaves_nothing) {
  static const char* const sources[] = {
    "var secret = 'left behind'; let other = 5; 1",
    "Object.prototype.polluted = 1",
    "globalThis.big = new Uint8Array(3e7).fill(7)",
    "globalThis.small = []; for (let i = 0; i < 2e5; i++) small.push({ i })",
    "globalThis.p = new Promise(() => {}); p",
    "console.group('x'); console.count(); console.time()",
    "throw 1",
    "function f() { f() } f()",
    "Array.prototype.reverse.call({ length: 2 ** 53 - 1 })",
    "const a = []; for (;;) a.push('x'.repeat(1e6))",
  };
  auto engine = new_instance();
  const auto fresh
    = eval_in(*new_instance(), "Reflect.ownKeys(globalThis).join()");
  recording_sink sink;
  for (const auto* source : sources) {
    BOOST_TEST_CONTEXT(source) {
      run_options options;
      options.source = source;
      options.sink = &sink;
      options.wall_limit = milliseconds{100};
      static_cast<void>(engine->run(options));
      BOOST_TEST(engine->reset().has_value());
      BOOST_TEST(!engine->dead());
      BOOST_TEST(!engine->waiting());
      BOOST_TEST(eval_in(*engine, "Reflect.ownKeys(globalThis).join()")
                 == fresh);
      BOOST_TEST(eval_in(*engine, "typeof other + ({}).polluted")
                 == "undefinedundefined");
      sink.lines.clear();
      options.source = "console.log('x'); console.count()";
      static_cast<void>(engine->run(options));
      BOOST_TEST(sink.text() == "x\ndefault: 1\n");
      BOOST_TEST(run_in(*engine, "1").peak_mem_kb < 1024u);
      BOOST_TEST(engine->reset().has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_neighbour_does_not_notice_a_hostile_script) {
  static const char* const sources[] = {
    "for (;;);",
    "const a = []; for (;;) a.push({})",
    "Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 1)",
    "Object.prototype.x = 1; Promise.prototype.then = null; throw Reflect",
    "globalThis.console = null; delete globalThis.Object; undefined()",
  };
  auto neighbour = new_instance();
  run_in(*neighbour, "let n = 0; const log = []");
  int n = 0;
  for (const auto* source : sources) {
    run_options options;
    options.source = source;
    options.wall_limit = milliseconds{50};
    auto hostile = new_instance();
    BOOST_TEST(hostile->run(options).reason != end_reason::ok);
    BOOST_TEST(eval_in(*neighbour, "n++; log.push(n); log.length")
               == std::to_string(++n));
  }
}

BOOST_AUTO_TEST_CASE(a_dead_instance_runs_nothing) {
  runtime scripts;
  scripts.limits.wall_limit = milliseconds{20};
  scripts.run("Array.prototype.reverse.call({ length: 2 ** 53 - 1 })");
  BOOST_REQUIRE(scripts.engine().dead());
  const auto outcome = scripts.run("1");
  BOOST_TEST(outcome.reason == end_reason::engine_failure);
  BOOST_TEST(outcome.error.message == "the runtime is dead");
  BOOST_TEST(scripts.engine().reset().has_value());
  BOOST_TEST(scripts.eval("1") == "1");
}

BOOST_AUTO_TEST_CASE(corrupt_guest_memory_ends_the_guest_only) {
  using namespace vmsystem::engine::detail;
  const auto source = image_of(default_options());
  std::mt19937 random{7};
  int traps = 0;
  for (int round = 0; round < 200; ++round) {
    guest broken;
    BOOST_REQUIRE(source->memory().attach(broken).has_value());
    timer_queue timers;
    broken.timers = &timers;
    auto& layout = broken.layout;
    // Everything, the engine's structures, or single words of the heap.
    if (round % 4 == 0)
      std::memset(broken.memory() + layout.runtime, 0xff, 4096);
    else if (round % 4 == 1)
      std::memset(broken.memory() + layout.context, 0xa5, 600);
    else
      for (int i = 0; i < 2000; ++i) {
        const auto address
          = layout.stack_pointer
            + random() % ((layout.pages << 16) - layout.stack_pointer - 4);
        broken.write32(static_cast<uint32_t>(address),
                       static_cast<uint32_t>(random()));
      }
    run_options options;
    options.source = "const o = { a: [1, 'x', { b: 2n }] }; console.log(o);"
                     "JSON.stringify([3, 1, 2].sort().map((x) => x + 1))";
    options.wall_limit = milliseconds{50};
    recording_sink sink;
    options.sink = &sink;
    run_outcome outcome;
    supervision limits{broken, *thread_state::current(), options};
    compiled_scripts scripts;
    script_run script{broken, scripts, limits, options, outcome};
    const int trap = broken.enter([&] { script.execute(); });
    if (trap != 0) {
      script.trapped(trap);
      ++traps;
      BOOST_TEST(outcome.reason != end_reason::interrupted);
    }
  }
  BOOST_TEST(traps > 50);
  BOOST_TEST(eval_in(*new_instance(), "[1, 2].join()") == "1,2");
}

#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)

BOOST_AUTO_TEST_CASE(a_fault_of_the_host_is_not_taken_for_the_guests) {
  auto engine = new_instance();
  BOOST_TEST(eval_in(*engine, "1+1") == "2");
  const pid_t child = fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    struct rlimit none {};
    setrlimit(RLIMIT_CORE, &none);
    volatile int* nowhere = nullptr;
    *nowhere = 1;
    _exit(0);
  }
  int status = 0;
  BOOST_REQUIRE(waitpid(child, &status, 0) == child);
  BOOST_TEST(WIFSIGNALED(status));
  BOOST_TEST(WTERMSIG(status) == SIGSEGV);
}

#endif

BOOST_AUTO_TEST_CASE(instances_move_between_threads) {
  constexpr int thread_count = 4;
  constexpr std::size_t instance_count = 16;
  constexpr int runs = 500;
  struct place {
    std::mutex mutex;
    std::unique_ptr<instance> engine = new_instance();
    int count = 0;
  };
  std::vector<place> places(instance_count);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < thread_count; ++t)
    threads.emplace_back([&, t] {
      auto guard = must(thread_guard::make());
      std::mt19937 random{static_cast<unsigned>(t)};
      for (int i = 0; i < runs; ++i) {
        auto& chosen = places[random() % instance_count];
        std::lock_guard<std::mutex> lock{chosen.mutex};
        ++chosen.count;
        const auto text
          = eval_in(*chosen.engine,
                    "globalThis.n = (globalThis.n ?? 0) + 1;"
                    "(function f(k) { return k ? f(k - 1) : n })(200)");
        wrong += text != std::to_string(chosen.count);
      }
    });
  for (auto& thread : threads)
    thread.join();
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(a_restored_guest_equals_its_image_whoever_wrote_to_it) {
  const auto source = image_of(default_options());
  detail::guest pristine;
  detail::guest target;
  must(source->memory().attach(pristine));
  must(source->memory().attach(target));
  const auto bytes = std::size_t{target.pages()} << 16;
  std::mt19937 random{1};
  const auto here_or_elsewhere = [&](auto work) {
    if (random() % 2 == 0)
      work();
    else
      std::thread{work}.join();
  };
  for (int round = 0; round < 200; ++round) {
    here_or_elsewhere([&] {
      source->memory().populate(target);
      target.enter([&] {
        for (int i = 0; i < 10; ++i)
          ++target.memory()[random() % bytes];
      });
      source->memory().learn(target);
    });
    here_or_elsewhere([&] { must(source->memory().restore(target)); });
    BOOST_REQUIRE(std::memcmp(target.memory(), pristine.memory(), bytes) == 0);
  }
}

BOOST_AUTO_TEST_CASE(images_are_built_on_several_threads_at_once) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&wrong] {
      auto guard = must(thread_guard::make());
      for (int i = 0; i < 5; ++i) {
        auto built = image::build(default_options());
        auto engine = must(instance::clone(std::move(built).value()));
        wrong += eval_in(*engine, "6*7") != "42";
      }
    });
  for (auto& thread : threads)
    thread.join();
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(clones_outlive_the_last_handle_of_their_image) {
  auto built = must(image::build(default_options()));
  auto engine = must(instance::clone(built));
  built.reset();
  BOOST_TEST(eval_in(*engine, "6*7") == "42");
  BOOST_TEST(engine->reset().has_value());
  BOOST_TEST(eval_in(*engine, "6*7") == "42");
}

#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)

namespace {

/// Kilobytes of a line of a file of /proc/self.
long memory_kb(const char* file, std::string_view name) {
  std::ifstream lines{std::string{"/proc/self/"} + file};
  for (std::string line; std::getline(lines, line);)
    if (line.compare(0, name.size(), name) == 0)
      return std::stol(line.substr(name.size()));
  return 0;
}

} // namespace

BOOST_AUTO_TEST_CASE(an_idle_instance_takes_little_memory) {
  constexpr long count = 300;
  const auto shared = image_of(default_options());
  const auto before = memory_kb("smaps_rollup", "Pss:");
  std::vector<std::unique_ptr<instance>> clones;
  for (long i = 0; i < count; ++i) {
    clones.push_back(new_instance());
    BOOST_REQUIRE(eval_in(*clones.back(), "1+1") == "2");
  }
  const auto each = (memory_kb("smaps_rollup", "Pss:") - before) / count;
  BOOST_TEST_MESSAGE("KiB per idle instance: " << each);
  BOOST_TEST(each <= 120);
}

#endif

BOOST_AUTO_TEST_SUITE_END()
