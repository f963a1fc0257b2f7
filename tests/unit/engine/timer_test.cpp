#include "support.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace vmsystem;
using namespace vmsystem::engine;
using namespace vmsystem::engine::test;

namespace {

/// The limits of a run that is given back when it waits for a timer.
run_options parking(recording_sink& sink) {
  run_options options;
  options.park = true;
  options.sink = &sink;
  return options;
}

/// A promise that a timer fulfils after so many milliseconds.
std::string sleep_ms(int ms) {
  return "new Promise((done) => setTimeout(done, " + std::to_string(ms)
         + ", 'slept'))";
}

} // namespace

BOOST_AUTO_TEST_SUITE(timer)

BOOST_AUTO_TEST_CASE(a_run_sleeps_until_its_timer_is_due) {
  runtime scripts;
  const stopwatch time;
  const auto outcome = scripts.run(sleep_ms(30));
  BOOST_TEST(outcome.value.preview == "slept");
  BOOST_TEST(outcome.dropped_timers == 0u);
  BOOST_TEST(time.elapsed().count() >= 29);
  BOOST_TEST(outcome.wall_us >= 29000u);
}

BOOST_AUTO_TEST_CASE(a_run_that_parks_goes_on_when_it_is_resumed) {
  runtime scripts;
  const auto options = parking(scripts.sink);
  auto outcome
    = scripts.run("(async () => { console.log(1); await " + sleep_ms(20)
                    + "; console.log(2); return 3 })()",
                  options);
  BOOST_TEST(outcome.waiting);
  BOOST_REQUIRE(outcome.wake_at.has_value());
  BOOST_TEST(scripts.sink.text() == "1\n");
  BOOST_TEST(scripts.run("1").reason == end_reason::engine_failure);
  // Too early: it waits for the same timer.
  const auto due = *outcome.wake_at;
  if (std::chrono::steady_clock::now() < due)
    outcome = scripts.engine().resume(options);
  while (outcome.waiting) {
    std::this_thread::sleep_until(outcome.wake_at.value_or(due));
    outcome = scripts.engine().resume(options);
  }
  BOOST_TEST(outcome.value.preview == "3");
  BOOST_TEST(scripts.sink.text() == "1\n2\n");
  BOOST_TEST(outcome.wall_us >= 20000u);
  BOOST_TEST(scripts.eval("4") == "4");
}

BOOST_AUTO_TEST_CASE(a_parked_run_goes_on_on_another_thread) {
  runtime scripts;
  const auto options = parking(scripts.sink);
  auto outcome = scripts.run(sleep_ms(1), options);
  std::thread{[&] {
    const auto guard = must(thread_guard::make());
    while (outcome.waiting) {
      std::this_thread::sleep_until(*outcome.wake_at);
      outcome = scripts.engine().resume(options);
    }
  }}.join();
  BOOST_TEST(outcome.value.preview == "slept");
}

BOOST_AUTO_TEST_CASE(the_wall_limit_counts_from_the_start) {
  runtime scripts;
  auto options = parking(scripts.sink);
  options.wall_limit = milliseconds{30};
  auto outcome = scripts.run(sleep_ms(20000), options);
  BOOST_REQUIRE(outcome.waiting);
  std::this_thread::sleep_for(milliseconds{31});
  outcome = scripts.engine().resume(options);
  BOOST_TEST(outcome.reason == end_reason::wall_timeout);
  BOOST_TEST(outcome.dropped_timers == 1u);
  BOOST_TEST(!outcome.waiting);
  options.park = false;
  outcome = scripts.run(sleep_ms(20000), options);
  BOOST_TEST(outcome.reason == end_reason::wall_timeout);
  BOOST_TEST(scripts.eval("5") == "5");
}

BOOST_AUTO_TEST_CASE(processor_time_adds_up_while_sleep_costs_none) {
  runtime scripts;
  auto options = parking(scripts.sink);
  options.cpu_limit = milliseconds{100};
  options.wall_limit = std::chrono::seconds{60};
  auto outcome = scripts.run(
    "(async () => { for (;;) { const end = performance.now() + 30;"
    "  while (performance.now() < end) ;"
    "  await new Promise((done) => setTimeout(done, 1)) } })()",
    options);
  int legs = 1;
  for (; outcome.waiting; ++legs) {
    std::this_thread::sleep_until(*outcome.wake_at);
    outcome = scripts.engine().resume(options);
  }
  BOOST_TEST(outcome.reason == end_reason::cpu_timeout);
  BOOST_TEST(outcome.cpu_us >= 100000u);
  BOOST_TEST(legs >= 2);
}

BOOST_AUTO_TEST_CASE(a_cancellation_wakes_a_sleeper) {
  runtime scripts;
  run_control control;
  run_options options;
  options.wall_limit = std::chrono::seconds{60};
  options.control = &control;
  const stopwatch time;
  std::thread canceller{[&] {
    std::this_thread::sleep_for(milliseconds{20});
    control.request(end_reason::cancelled);
  }};
  const auto outcome = scripts.run(sleep_ms(50000), options);
  canceller.join();
  BOOST_TEST(outcome.reason == end_reason::cancelled);
  BOOST_TEST(time.elapsed().count() < 30000);
}

BOOST_AUTO_TEST_CASE(what_is_left_at_the_end_is_dropped_and_counted) {
  runtime scripts;
  auto outcome = scripts.run("setTimeout(() => console.log('late'), 1);"
                             "setInterval(() => console.log('late'), 1);"
                             "setImmediate(() => console.log('late')); 7");
  BOOST_TEST(outcome.value.preview == "7");
  BOOST_TEST(outcome.dropped_timers == 3u);
  outcome = scripts.run(sleep_ms(10));
  BOOST_TEST(outcome.dropped_timers == 0u);
  outcome = scripts.run("setTimeout(() => {}, 1); throw new Error('x')");
  BOOST_TEST(outcome.dropped_timers == 1u);
  BOOST_TEST(scripts.sink.text() == "");
}

BOOST_AUTO_TEST_CASE(a_wait_that_is_given_up_takes_its_timers_along) {
  runtime scripts;
  const auto options = parking(scripts.sink);
  const auto outcome
    = scripts.run("setTimeout(() => console.log('late'), 5);" + sleep_ms(5),
                  options);
  BOOST_REQUIRE(outcome.waiting);
  const auto stopped = scripts.engine().stop_waiting(end_reason::cancelled);
  BOOST_TEST(stopped.reason == end_reason::cancelled);
  BOOST_TEST(stopped.dropped_timers == 2u);
  BOOST_TEST(!stopped.wake_at.has_value());
  BOOST_TEST(scripts.run(sleep_ms(20)).value.preview == "slept");
  BOOST_TEST(scripts.sink.text() == "");
}

BOOST_AUTO_TEST_CASE(a_reset_instance_has_no_timers) {
  runtime scripts;
  const auto options = parking(scripts.sink);
  BOOST_REQUIRE(scripts.run(sleep_ms(5), options).waiting);
  BOOST_TEST(!scripts.engine().freeze());
  must(scripts.engine().reset());
  BOOST_TEST(scripts.run("+setTimeout(() => {}, 5)").value.preview == "1");
}

BOOST_AUTO_TEST_CASE(timers_that_nobody_waits_for_do_not_wake_a_run) {
  runtime scripts;
  const auto outcome
    = scripts.run("new Promise((done) => setTimeout(done, 1).unref())",
                  scripts.limits);
  BOOST_TEST(outcome.waiting);
  BOOST_TEST(!outcome.wake_at.has_value());
  BOOST_TEST(scripts.engine().stop_waiting(end_reason::cancelled).dropped_timers
             == 1u);
}

BOOST_AUTO_TEST_CASE(a_script_cannot_start_timers_without_bound) {
  runtime scripts;
  const auto outcome = scripts.run("let n = 0; try { for (;; n++)"
                                   " setTimeout(() => {}, 1000) }"
                                   " catch (e) { `${n} ${e.name}` }");
  BOOST_TEST(outcome.value.preview == "10000 RangeError");
  BOOST_TEST(outcome.dropped_timers == 10000u);
}

BOOST_AUTO_TEST_CASE(timers_without_end_stop_at_the_limits) {
  static const char* const sources[] = {
    "new Promise(() => { (function f() { setImmediate(f) })() })",
    "new Promise(() => setInterval(() => {}, 0))",
    "new Promise(() => setTimeout(() => { for (;;) ; }, 1))",
    "new Promise(() => setTimeout(() => { const f = () =>"
    "  Promise.resolve().then(f); f() }, 1))",
  };
  for (const auto* source : sources) {
    BOOST_TEST_CONTEXT(source) {
      runtime scripts;
      scripts.limits.wall_limit = milliseconds{50};
      BOOST_TEST(scripts.run(source).reason == end_reason::wall_timeout);
      scripts.limits.wall_limit = std::chrono::seconds{5};
      BOOST_TEST(scripts.eval("6*7") == "42");
    }
  }
}

BOOST_AUTO_TEST_CASE(what_a_timer_throws_is_printed_and_the_run_goes_on) {
  runtime scripts;
  scripts.limits.file_name = "user.js";
  const auto outcome = scripts.run(
    "setTimeout(() => { throw new Error('a') }, 1);\n" + sleep_ms(5));
  BOOST_TEST(outcome.value.preview == "slept");
  BOOST_TEST(scripts.sink.text().find("Uncaught Error: a\n") == 0u);
  BOOST_TEST(scripts.sink.text().find("<globals>") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(timers_run_while_the_host_is_awaited) {
  auto table = std::make_shared<host_function_table>();
  std::optional<host_reply> reply;
  must(table->add_async("later", [&](json_text, host_reply answer) {
    reply.emplace(std::move(answer));
  }));
  must(table->add("answer", [&](const json_text&) -> expected<json_text> {
    (*reply)(json_text{"42"});
    return json_text{};
  }));
  auto options = default_options();
  options.host_functions = table;
  recording_sink sink;
  auto made = must(instance::clone(must(image::build(options))));
  auto run = parking(sink);
  run.source = "setTimeout(() => host.answer(), 5); host.later()";
  BOOST_TEST(made->run(run).value.preview == "42");
}

BOOST_AUTO_TEST_SUITE_END()
