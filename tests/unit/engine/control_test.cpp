#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <future>
#include <thread>

#include <pthread.h>

using namespace vmsystem;
using namespace vmsystem::engine;
using namespace vmsystem::engine::test;

namespace {

/// Requests the end of a run as soon as it printed its first line.
class requesting_sink : public event_sink {
public:
  explicit requesting_sink(run_control& control, end_reason reason)
    : control_{control}, reason_{reason} {}

  std::optional<end_reason> console(console_level,
                                    std::string_view) noexcept override {
    requested_at = std::chrono::steady_clock::now();
    control_.request(reason_);
    return std::nullopt;
  }

  std::chrono::steady_clock::time_point requested_at;

private:
  run_control& control_;
  end_reason reason_;
};

run_outcome run_on(instance& engine, std::string_view source,
                   run_options options) {
  options.source = source;
  return engine.run(options);
}

/// Runs `body` on a thread with a stack of this size, to its end.
template <class Body>
void on_thread(std::size_t stack_bytes, Body body) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_bytes);
  pthread_t thread;
  const auto run = [](void* argument) -> void* {
    (*static_cast<Body*>(argument))();
    return nullptr;
  };
  const int error = pthread_create(&thread, &attributes, run, &body);
  pthread_attr_destroy(&attributes);
  BOOST_REQUIRE(error == 0);
  pthread_join(thread, nullptr);
}

} // namespace

BOOST_AUTO_TEST_SUITE(control)

BOOST_AUTO_TEST_CASE(a_request_ends_a_run_soon) {
  static const std::pair<const char*, bool> sources[] = {
    {"console.log(1); for (;;);", true},
    {"console.log(1); (async () => { for (;;) await null })()", true},
    {"console.log(1); Array.prototype.reverse.call({ length: 2 ** 53 - 1 })",
     false},
  };
  for (const auto& [source, polls] : sources) {
    for (const auto reason :
         {end_reason::cancelled, end_reason::session_closed}) {
      BOOST_TEST_CONTEXT(source) {
        auto engine = must(instance::clone(image_of(default_options())));
        run_control control;
        requesting_sink sink{control, reason};
        run_options options;
        options.control = &control;
        options.sink = &sink;
        const auto outcome = run_on(*engine, source, options);
        const auto late = std::chrono::steady_clock::now() - sink.requested_at;
        BOOST_TEST(outcome.reason == reason);
        BOOST_TEST((late < milliseconds{250}));
        BOOST_TEST(engine->dead() == !polls);
        if (polls)
          BOOST_TEST(run_on(*engine, "6*7", {}).value.preview == "42");
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_first_request_wins) {
  run_control control;
  BOOST_TEST(control.requested() == end_reason::ok);
  control.request(end_reason::session_closed);
  control.request(end_reason::cancelled);
  BOOST_TEST(control.requested() == end_reason::session_closed);
}

BOOST_AUTO_TEST_CASE(a_request_before_the_run_ends_what_computes) {
  runtime scripts;
  run_control control;
  control.request(end_reason::cancelled);
  run_options options;
  options.control = &control;
  const auto outcome = scripts.run("for (;;);", options);
  BOOST_TEST(outcome.reason == end_reason::cancelled);
  BOOST_TEST(outcome.error.message == "the execution was cancelled");
  BOOST_TEST(scripts.eval("1") == "1");
}

BOOST_AUTO_TEST_CASE(a_request_from_another_thread_arrives) {
  runtime scripts;
  run_control control;
  run_options options;
  options.control = &control;
  std::thread canceller{[&] { control.request(end_reason::cancelled); }};
  const auto outcome = scripts.run("for (;;);", options);
  canceller.join();
  BOOST_TEST(outcome.reason == end_reason::cancelled);
}

BOOST_AUTO_TEST_CASE(a_promise_that_nothing_settles_waits) {
  runtime scripts;
  const auto outcome = scripts.run(
    "let settle; const p = new Promise((r) => { settle = r }); p");
  BOOST_TEST(outcome.reason == end_reason::ok);
  BOOST_TEST(outcome.waiting);
  BOOST_TEST(scripts.engine().waiting());
  BOOST_TEST(scripts.run("1").reason == end_reason::engine_failure);

  const auto stopped = scripts.engine().stop_waiting(end_reason::wall_timeout);
  BOOST_TEST(stopped.reason == end_reason::wall_timeout);
  BOOST_TEST(stopped.error.message == "wall time limit of 5000 ms exceeded");
  BOOST_TEST(!stopped.waiting);
  BOOST_TEST(stopped.wall_us >= stopped.cpu_us);
  BOOST_TEST(stopped.peak_mem_kb > 0u);
  BOOST_TEST(!scripts.engine().waiting());
  // The session goes on, with the promise where it was.
  BOOST_TEST(scripts.eval("settle(5); p") == "5");
}

BOOST_AUTO_TEST_CASE(waiting_can_be_stopped_on_any_thread) {
  runtime scripts;
  BOOST_TEST(scripts.run("new Promise(() => {})").waiting);
  auto stopped = std::async(std::launch::async, [&] {
    return scripts.engine().stop_waiting(end_reason::cancelled);
  });
  BOOST_TEST(stopped.get().reason == end_reason::cancelled);
  BOOST_TEST(scripts.eval("1+1") == "2");
}

BOOST_AUTO_TEST_CASE(a_kill_never_hits_a_later_run) {
  // Runs that end about when the watchdog would kill them.
  auto source = image_of(default_options());
  auto engine = must(instance::clone(source));
  for (int i = 0; i < 30; ++i) {
    run_options options;
    options.wall_limit = milliseconds{1};
    const auto outcome
      = run_on(*engine,
               "Array.prototype.fill.call({ length: "
                 + std::to_string(200000 + i * 30000) + " }, 0)",
               options);
    BOOST_TEST((outcome.reason == end_reason::ok
                || outcome.reason == end_reason::wall_timeout));
    if (engine->dead())
      BOOST_TEST(engine->reset().has_value());
    BOOST_TEST(run_on(*engine, "1+1", {}).value.preview == "2");
    BOOST_TEST(!engine->dead());
  }
}

BOOST_AUTO_TEST_CASE(a_thread_without_a_guard_runs_nothing) {
  auto engine = must(instance::clone(image_of(default_options())));
  run_outcome outcome;
  bool built = true;
  std::thread{[&] {
    outcome = run_on(*engine, "1", {});
    built = image::build(default_options()).has_value();
  }}.join();
  BOOST_TEST(outcome.reason == end_reason::engine_failure);
  BOOST_TEST(outcome.error.message == "the thread has no engine guard");
  BOOST_TEST(!built);
  BOOST_TEST(run_on(*engine, "1", {}).value.preview == "1");
}

BOOST_AUTO_TEST_CASE(a_thread_has_one_guard) {
  BOOST_TEST(thread_guard::present());
  BOOST_TEST(!thread_guard::make().has_value());
  BOOST_TEST(thread_guard::present());
}

BOOST_AUTO_TEST_CASE(a_thread_with_a_small_stack_gets_no_guard) {
  bool made = true;
  bool present = true;
  on_thread(1u << 20, [&] {
    made = thread_guard::make().has_value();
    present = thread_guard::present();
  });
  BOOST_TEST(!made);
  BOOST_TEST(!present);
}

BOOST_AUTO_TEST_CASE(an_image_with_a_large_stack_needs_a_large_thread) {
  auto options = default_options();
  options.stack_kb = 960;
  auto engine = must(instance::clone(image_of(options)));
  BOOST_TEST(run_on(*engine, "1", {}).reason == end_reason::engine_failure);
  run_outcome outcome;
  on_thread(16u << 20, [&] {
    auto guard = must(thread_guard::make());
    outcome
      = run_on(*engine,
               "let n = 0; function f() { n++; f() } try { f() } catch {} n",
               {});
  });
  BOOST_TEST(std::stoi(outcome.value.preview) > 3900);
}

BOOST_AUTO_TEST_CASE(a_stack_in_the_heap_goes_deep_and_holds) {
  // What each of them does on the way down takes another way through the
  // engine; the last one has 100 arguments.
  static constexpr const char* recursions[] = {
    "function f() { n++; f() }",
    "function f() { n++; [1].forEach(f) }",
    "function f() { n++; 'x'.replace(/x/, f) }",
    "function f() { n++; JSON.stringify({ toJSON: f }) }",
    "function f() { n++; [2, 1].sort(f) }",
    "function f() { n++; new Proxy({}, { get: f }).x }",
    "function f() { n++; Reflect.apply(f, null, [1, 2, 3]) }",
    "class A { constructor() { n++; new A() } } const f = () => new A();",
    "const big = new Array(100).fill(0); "
    "function f() { n++; f.apply(null, big) }",
  };
  auto options = default_options();
  options.stack_kb = max_stack_kb;
  on_thread(max_thread_stack_bytes, [&] {
    auto guard = must(thread_guard::make());
    BOOST_TEST(thread_guard::most_stack_kb() == max_stack_kb);
    auto engine = must(instance::clone(must(image::build(options))));
    for (const auto* recursion : recursions) {
      const auto outcome
        = run_on(*engine,
                 std::string{"{ let n = 0; "} + recursion
                   + " try { f() } catch (e) { if (!(e instanceof RangeError)) "
                     "throw e } n }",
                 {});
      BOOST_TEST_CONTEXT(recursion) {
        BOOST_TEST(outcome.error.message == "");
        BOOST_TEST(std::atoi(outcome.value.preview.c_str()) > 5);
      }
    }
    const auto deep = run_on(*engine,
                             "{ const f = (n) => n === 0 ? 'down' : f(n - 1); "
                             "f(12000) }",
                             {});
    BOOST_TEST(deep.value.preview == "down", deep.error.message);
    const auto nested
      = run_on(*engine, "JSON.parse('['.repeat(1e6))", {}).error.message;
    BOOST_TEST(nested != "");
    BOOST_TEST(run_on(*engine, "1 + 1", {}).value.preview == "2");
    BOOST_TEST((engine->reset().has_value()));
    BOOST_TEST(run_on(*engine, "1 + 1", {}).value.preview == "2");
  });
}

BOOST_AUTO_TEST_SUITE_END()
