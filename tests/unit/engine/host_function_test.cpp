#include "support.hpp"
#include "vmsystem/engine/host_function_table.hpp"

#include <boost/test/unit_test.hpp>

#include <condition_variable>
#include <ctime>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

using namespace vmsystem;
using namespace vmsystem::engine;
using namespace vmsystem::engine::test;

namespace {

expected<json_text> echo(const json_text& args) {
  return args;
}

/// Replies that asynchronous functions leave for the test to give.
class reply_box {
public:
  /// A function that keeps its reply here.
  async_host_function keeper() {
    return [this](json_text args, host_reply reply) {
      const std::lock_guard<std::mutex> guard{mutex_};
      args_ = std::move(args);
      replies_.push_back(std::move(reply));
      changed_.notify_all();
    };
  }

  /// The oldest reply; waits for it.
  host_reply take() {
    std::unique_lock<std::mutex> lock{mutex_};
    BOOST_REQUIRE(changed_.wait_for(lock, std::chrono::seconds{20},
                                    [&] { return !replies_.empty(); }));
    auto reply = std::move(replies_.front());
    replies_.erase(replies_.begin());
    return reply;
  }

  std::string args() {
    const std::lock_guard<std::mutex> guard{mutex_};
    return args_.text;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<host_reply> replies_;
  json_text args_;
};

/// An instance whose scripts find these functions.
class hosted {
public:
  void add(const char* name, host_function function) {
    BOOST_REQUIRE(table_->add(name, std::move(function)));
  }

  void add_async(const char* name, async_host_function function) {
    BOOST_REQUIRE(table_->add_async(name, std::move(function)));
  }

  instance& engine() {
    if (instance_ == nullptr) {
      auto options = default_options();
      options.host_functions = table_;
      instance_ = must(instance::clone(must(image::build(options))));
    }
    return *instance_;
  }

  run_outcome run(std::string_view source, run_options options = {}) {
    options.source = source;
    options.sink = &sink;
    return engine().run(options);
  }

  /// The preview of the value; the message of an error.
  std::string eval(std::string_view source) {
    auto outcome = run(source);
    return outcome.reason == end_reason::ok ? outcome.value.preview
                                            : outcome.error.message;
  }

  /// Ends the instance and all that only it kept alive.
  void close() {
    instance_.reset();
    table_.reset();
  }

  recording_sink sink;

private:
  std::shared_ptr<host_function_table> table_
    = std::make_shared<host_function_table>();
  std::unique_ptr<instance> instance_;
};

milliseconds processor_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::duration_cast<milliseconds>(
    std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec});
}

/// Uses the processor for as long.
void burn(milliseconds time) {
  const auto end = processor_time() + time;
  while (processor_time() < end) {}
}

} // namespace

BOOST_AUTO_TEST_SUITE(host_functions)

BOOST_AUTO_TEST_CASE(a_function_gets_its_arguments_and_gives_its_result) {
  hosted scripts;
  scripts.add("echo", echo);
  scripts.add("nothing", [](const json_text&) -> expected<json_text> {
    return json_text{};
  });
  BOOST_TEST(scripts.eval("JSON.stringify(host.echo(1, 'two', [3], { f: 4 }))")
             == "[1,\"two\",[3],{\"f\":4}]");
  BOOST_TEST(scripts.eval("JSON.stringify(host.echo())") == "[]");
  BOOST_TEST(scripts.eval("host.echo('\\u00e4\\u{1f600}')[0]")
             == "\xc3\xa4\xf0\x9f\x98\x80");
  BOOST_TEST(scripts.eval("host.nothing()") == "undefined");
  BOOST_TEST(scripts.eval("typeof host.absent") == "undefined");
  BOOST_TEST(scripts.eval("host.absent()") == "TypeError: not a function");
}

BOOST_AUTO_TEST_CASE(a_failure_is_thrown_with_its_message_and_code) {
  hosted scripts;
  const std::string text(600, 'x');
  scripts.add("refuse", [&](const json_text&) -> expected<json_text> {
    return fail(ec::session_busy, text);
  });
  BOOST_TEST(scripts.eval("let e; try { host.refuse() } catch (x) { e = x }"
                          "e instanceof Error && e.message")
             == text);
  BOOST_TEST(scripts.eval("e.code") == "SESSION_BUSY");
  BOOST_TEST(scripts.eval("Object.keys(e).length") == "0");
  BOOST_TEST(scripts.eval("e.stack.includes('refuse')") == "true");
  const auto outcome = scripts.run("host.refuse()");
  BOOST_TEST(outcome.reason == end_reason::exception);
  BOOST_TEST(scripts.eval("1 + 1") == "2");
}

BOOST_AUTO_TEST_CASE(an_exception_of_the_host_is_a_failure) {
  hosted scripts;
  scripts.add("known", [](const json_text&) -> expected<json_text> {
    throw std::runtime_error{"broken"};
  });
  scripts.add("odd", [](const json_text&) -> expected<json_text> { throw 5; });
  scripts.add_async("later", [](const json_text&, const host_reply&) {
    throw std::runtime_error{"broken"};
  });
  const char* report = "(f) => { try { return f() } catch (e) { "
                       "return `${e.code} ${e.message}` } }";
  BOOST_TEST(scripts.eval(std::string{"("} + report + ")(host.known)")
             == "INTERNAL host.known threw an exception: broken");
  BOOST_TEST(scripts.eval(std::string{"("} + report + ")(host.odd)")
             == "INTERNAL host.odd threw an exception");
  BOOST_TEST(scripts.eval("host.later().catch((e) => e.message)")
             == "host.later threw an exception: broken");
}

BOOST_AUTO_TEST_CASE(a_table_takes_each_identifier_once) {
  host_function_table table;
  BOOST_TEST(table.add("_ok$1", echo).has_value());
  BOOST_TEST(table.add("constructor", echo).has_value());
  BOOST_TEST(table.add("__proto__", echo).has_value());
  for (const std::string& name :
       {std::string{}, std::string{"1a"}, std::string{"a b"},
        std::string{"a.b"}, std::string{"\xc3\xa4"}, std::string{"a\0b", 3},
        std::string(65, 'a'), std::string{"_ok$1"}}) {
    const auto added = table.add(name, echo);
    BOOST_TEST(!added.has_value());
    BOOST_TEST((added.error().code == ec::validation_error));
  }
  BOOST_TEST(!table.add("empty", nullptr).has_value());
  BOOST_TEST(!table.add_async("empty", nullptr).has_value());
  for (auto i = table.entries().size(); i < max_host_functions; ++i)
    BOOST_TEST(table.add("f" + std::to_string(i), echo).has_value());
  BOOST_TEST(!table.add("one_more", echo).has_value());
}

BOOST_AUTO_TEST_CASE(names_of_builtin_properties_are_names_like_others) {
  hosted scripts;
  scripts.add("__proto__", echo);
  scripts.add("toString", echo);
  BOOST_TEST(scripts.eval("host.__proto__(1)[0] + host.toString(2)[0]") == "3");
}

BOOST_AUTO_TEST_CASE(without_functions_there_is_no_host) {
  hosted scripts;
  BOOST_TEST(scripts.eval("typeof host") == "undefined");
}

BOOST_AUTO_TEST_CASE(what_has_no_json_form_is_a_type_error) {
  hosted scripts;
  scripts.add("echo", echo);
  for (const char* argument : {"undefined", "() => 1", "Symbol()", "1n", "[1n]",
                               "globalThis.loop", "{ toJSON() {} }"}) {
    BOOST_TEST_CONTEXT(argument) {
      const auto source = std::string{"globalThis.loop = []; loop.push(loop);"}
                          + "try { host.echo(1, " + argument
                          + ") } catch (e) { e instanceof TypeError }";
      BOOST_TEST(scripts.eval(source) == "true");
    }
  }
  BOOST_TEST(scripts.eval("host.echo(1, undefined)")
             == "TypeError: argument 2 of host.echo has no JSON form");
  // Inside of a value, the rules of JSON.stringify hold.
  BOOST_TEST(scripts.eval("JSON.stringify(host.echo([undefined, NaN, -0],"
                          "{ a: undefined, d: new Date(0) }))")
             == "[[null,null,0],{\"d\":\"1970-01-01T00:00:00.000Z\"}]");
  BOOST_TEST(scripts.eval("host.echo({ toJSON() { throw 'own' } })") == "own");
}

BOOST_AUTO_TEST_CASE(arguments_are_json_that_every_reader_takes) {
  hosted scripts;
  std::string got;
  scripts.add("keep", [&](const json_text& args) -> expected<json_text> {
    got = args.text;
    return json_text{};
  });
  scripts.eval("host.keep('\\ud800')");
  BOOST_TEST(got == "[\"\xef\xbf\xbd\"]");
  BOOST_TEST(scripts.eval("let deep = []; for (let i = 0; i < 600; i++) "
                          "deep = [deep]; host.keep(deep)")
             == "RangeError: the arguments of host.keep are nested too deeply");
}

BOOST_AUTO_TEST_CASE(scripts_cannot_tamper_with_the_way) {
  hosted scripts;
  scripts.add("echo", echo);
  scripts.add_async("later", [](json_text args, const host_reply& reply) {
    reply(std::move(args));
  });
  BOOST_TEST(
    scripts.eval("JSON.stringify = JSON.parse = () => 'no';"
                 "Object.defineProperty(Array.prototype, 0, { set() {} });"
                 "globalThis.Promise = class {};"
                 "Error.prototype.code = 'no'; host.echo(7)[0]")
    == "7");
  BOOST_TEST(scripts.eval("host.later(8).then(([x]) => x)") == "8");
}

BOOST_AUTO_TEST_CASE(a_call_inside_of_a_call_keeps_both_apart) {
  hosted scripts;
  scripts.add("echo", echo);
  BOOST_TEST(scripts.eval("JSON.stringify(host.echo('a', "
                          "{ toJSON: () => host.echo('b') }, 'c'))")
             == "[\"a\",[\"b\"],\"c\"]");
}

BOOST_AUTO_TEST_CASE(the_host_is_not_called_while_a_result_is_rendered) {
  hosted scripts;
  int calls = 0;
  scripts.add("count", [&](const json_text&) -> expected<json_text> {
    ++calls;
    return json_text{};
  });
  const auto outcome = scripts.run("({ toJSON() { host.count(); return 1 } })");
  BOOST_TEST(outcome.reason == end_reason::ok);
  BOOST_TEST(outcome.value.json.text == "");
  BOOST_TEST(calls == 0);
}

BOOST_AUTO_TEST_CASE(large_texts_pass_up_to_the_bound) {
  hosted scripts;
  scripts.add("echo", echo);
  scripts.add("flood", [](const json_text&) -> expected<json_text> {
    return json_text{'"' + std::string(max_host_text_bytes - 1, 'x') + '"'};
  });
  BOOST_TEST(scripts.eval("host.echo('x'.repeat(8 << 20))[0].length")
             == std::to_string(8 << 20));
  BOOST_TEST(scripts.eval("host.echo('x'.repeat(16 << 20))")
             == "RangeError: the arguments of host.echo have more than "
                "16777216 bytes as JSON");
  BOOST_TEST(scripts.eval("try { host.flood() } catch (e) { e.code }")
             == "PAYLOAD_TOO_LARGE");
}

BOOST_AUTO_TEST_CASE(an_answer_that_the_heap_cannot_hold_harms_nobody) {
  hosted scripts;
  scripts.add("many", [](const json_text&) -> expected<json_text> {
    std::string text = "[[]";
    for (int i = 0; i < 2000000; ++i)
      text += ",[]";
    return json_text{text + ']'};
  });
  const auto outcome = scripts.run("host.many(); 1");
  BOOST_TEST(outcome.reason == end_reason::memory_limit);
  BOOST_TEST(scripts.eval("1 + 1") == "2");
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_not_json_is_a_syntax_error) {
  hosted scripts;
  scripts.add("bad", [](const json_text&) -> expected<json_text> {
    return json_text{"{oops"};
  });
  scripts.add_async("later", [](const json_text&, const host_reply& reply) {
    reply(json_text{"[1,]"});
  });
  const char* sync = "try { host.bad() } catch (e) { e.name }";
  BOOST_TEST(scripts.eval(sync) == "SyntaxError");
  BOOST_TEST(scripts.eval("host.later().catch((e) => e.name)")
             == "SyntaxError");
}

BOOST_AUTO_TEST_CASE(an_instance_refuses_to_run_inside_of_a_call) {
  hosted scripts;
  runtime inner;
  run_outcome nested;
  bool built = true;
  scripts.add("nest", [&](const json_text&) -> expected<json_text> {
    nested = inner.run("1");
    built = image::build(default_options()).has_value();
    return json_text{"5"};
  });
  BOOST_TEST(scripts.eval("host.nest() + 1") == "6");
  BOOST_TEST(nested.reason == end_reason::engine_failure);
  BOOST_TEST(nested.error.message == "the thread runs a script already");
  BOOST_TEST(!built);
  BOOST_TEST(inner.eval("1 + 1") == "2");
}

BOOST_AUTO_TEST_CASE(processor_time_of_the_host_is_not_the_scripts) {
  hosted scripts;
  scripts.add("work", [](const json_text&) -> expected<json_text> {
    burn(milliseconds{150});
    return json_text{"1"};
  });
  run_options options;
  options.cpu_limit = milliseconds{60};
  options.wall_limit = std::chrono::seconds{30};
  const auto outcome = scripts.run("host.work() + host.work()", options);
  BOOST_TEST(outcome.reason == end_reason::ok);
  BOOST_TEST(outcome.cpu_us < 60000u);
  // The clocks of processor and wall differ a little.
  BOOST_TEST(outcome.wall_us >= 200000u);
  // The script's own goes on to count.
  BOOST_TEST(scripts.run("host.work(); for (;;);", options).reason
             == end_reason::cpu_timeout);
  BOOST_TEST(!scripts.engine().dead());
}

BOOST_AUTO_TEST_CASE(a_function_that_outlasts_a_limit_costs_no_instance) {
  hosted scripts;
  const auto linger = [](const json_text&) -> expected<json_text> {
    // Far beyond the watchdog's patience.
    const auto until = std::chrono::steady_clock::now() + milliseconds{300};
    std::mutex mutex;
    std::unique_lock<std::mutex> lock{mutex};
    std::condition_variable{}.wait_until(lock, until, [] { return false; });
    return json_text{"1"};
  };
  scripts.add("linger", linger);
  scripts.add_async("later", [&](const json_text&, const host_reply& reply) {
    reply(linger({}));
  });
  run_options options;
  options.wall_limit = milliseconds{20};
  for (const char* source :
       {"try { host.linger() } finally { console.log('went on') }",
        "try { host.later() } finally { console.log('went on') }"}) {
    BOOST_TEST(scripts.run(source, options).reason == end_reason::wall_timeout);
    BOOST_TEST(!scripts.engine().dead());
    BOOST_TEST(scripts.eval("1 + 1") == "2");
  }
  run_control control;
  options.control = &control;
  options.wall_limit = std::chrono::seconds{30};
  control.request(end_reason::cancelled);
  BOOST_TEST(scripts.run("host.linger()", options).reason
             == end_reason::cancelled);
  BOOST_TEST(!scripts.engine().dead());
  BOOST_TEST(scripts.sink.lines.empty());
}

BOOST_AUTO_TEST_CASE(an_answer_given_at_once_settles_the_promise) {
  hosted scripts;
  scripts.add_async("twice", [](json_text args, const host_reply& reply) {
    reply(json_text{args.text.substr(1, args.text.size() - 2)});
  });
  BOOST_TEST(scripts.eval("(async () => await host.twice(4) + "
                          "await host.twice(5))()")
             == "9");
  BOOST_TEST(scripts.eval("host.twice({ then: 1 }).then((x) => x.then)")
             == "1");
}

BOOST_AUTO_TEST_CASE(a_run_waits_for_answers_of_other_threads) {
  hosted scripts;
  reply_box box;
  scripts.add_async("ask", box.keeper());
  std::thread host{[&] {
    const auto first = box.take();
    const auto second = box.take();
    second(json_text{"\"b\""});
    first(json_text{"\"a\""});
  }};
  BOOST_TEST(scripts.eval("Promise.all([host.ask(1), host.ask(2)])"
                          ".then((x) => x.join())")
             == "a,b");
  host.join();
  BOOST_TEST(box.args() == "[2]");
}

BOOST_AUTO_TEST_CASE(an_asynchronous_failure_rejects_the_promise) {
  hosted scripts;
  reply_box box;
  scripts.add_async("ask", box.keeper());
  std::thread host{[&] {
    box.take()(fail(ec::too_many_requests, "later"));
    box.take()(fail(ec::too_many_requests, "later still"));
  }};
  BOOST_TEST(scripts.eval("host.ask().catch((e) => "
                          "`${e instanceof Error} ${e.code} ${e.message}`)")
             == "true TOO_MANY_REQUESTS later");
  const auto outcome = scripts.run("host.ask()");
  host.join();
  BOOST_TEST(outcome.reason == end_reason::exception);
  BOOST_TEST(outcome.error.message == "Error: later still");
  BOOST_TEST(scripts.sink.lines.empty());
}

BOOST_AUTO_TEST_CASE(the_first_answer_counts) {
  hosted scripts;
  scripts.add_async("ask", [](const json_text&, const host_reply& reply) {
    const auto copy = reply;
    reply(json_text{"1"});
    copy(json_text{"2"});
    reply(fail(ec::internal, "no"));
  });
  BOOST_TEST(scripts.eval("host.ask()") == "1");
}

BOOST_AUTO_TEST_CASE(a_reply_that_is_thrown_away_is_a_failure) {
  hosted scripts;
  scripts.add_async("forget", [](const json_text&, const host_reply&) {});
  BOOST_TEST(scripts.eval("host.forget().catch((e) => "
                          "`${e.code} ${e.message}`)")
             == "INTERNAL host.forget did not answer");
}

BOOST_AUTO_TEST_CASE(an_answer_that_nobody_waits_for_reaches_a_later_run) {
  hosted scripts;
  reply_box box;
  scripts.add_async("ask", box.keeper());
  const auto outcome = scripts.run("const p = host.ask(); 'on'");
  BOOST_TEST(outcome.reason == end_reason::ok);
  BOOST_TEST(outcome.value.preview == "on");
  BOOST_TEST(scripts.eval("1 + 1") == "2");
  box.take()(json_text{"42"});
  BOOST_TEST(scripts.eval("p") == "42");
}

BOOST_AUTO_TEST_CASE(other_promises_wait_as_without_a_host) {
  hosted scripts;
  reply_box box;
  scripts.add_async("ask", box.keeper());
  std::thread host{[&] { box.take()(json_text{}); }};
  const auto outcome = scripts.run("host.ask(); new Promise(() => {})");
  host.join();
  BOOST_TEST(outcome.waiting);
  BOOST_TEST(scripts.engine().stop_waiting(end_reason::cancelled).reason
             == end_reason::cancelled);
  BOOST_TEST(scripts.eval("1 + 1") == "2");
}

BOOST_AUTO_TEST_CASE(an_answer_may_come_when_the_instance_is_gone) {
  reply_box box;
  {
    hosted scripts;
    scripts.add_async("ask", box.keeper());
    scripts.eval("host.ask(); host.ask(); host.ask(); 1");
    box.take()(json_text{"1"});
    scripts.close();
    box.take()(json_text{"2"});
  }
  const auto reply = box.take();
  reply(json_text{"3"});
  reply(fail(ec::internal, "no"));
}

BOOST_AUTO_TEST_CASE(a_reset_forgets_the_calls) {
  hosted scripts;
  reply_box box;
  scripts.add_async("ask", box.keeper());
  scripts.eval("globalThis.p = host.ask(); 1");
  scripts.eval("globalThis.q = host.ask(); 1");
  box.take()(json_text{"1"});
  BOOST_REQUIRE(scripts.engine().reset());
  box.take()(json_text{"2"});
  BOOST_TEST(scripts.eval("typeof p + typeof q") == "undefinedundefined");
  std::thread host{[&] { box.take()(json_text{"3"}); }};
  BOOST_TEST(scripts.eval("host.ask()") == "3");
  host.join();
}

BOOST_AUTO_TEST_CASE(an_image_of_an_instance_has_its_functions) {
  hosted scripts;
  reply_box box;
  scripts.add("echo", echo);
  scripts.add_async("ask", box.keeper());
  scripts.eval("globalThis.n = 4; globalThis.p = host.ask(); 1");
  // Its promise would never settle in a copy.
  BOOST_TEST(!scripts.engine().freeze().has_value());
  box.take()(json_text{"1"});
  BOOST_TEST(scripts.eval("p") == "1");
  const auto frozen = scripts.engine().freeze();
  BOOST_REQUIRE(frozen);
  auto copy = must(instance::clone(frozen.value()));
  run_options options;
  options.source = "host.echo(n)[0]";
  BOOST_TEST(copy->run(options).value.preview == "4");
}

BOOST_AUTO_TEST_CASE(a_cancellation_ends_the_wait_at_once) {
  hosted scripts;
  reply_box box;
  scripts.add_async("ask", box.keeper());
  run_control control;
  run_options options;
  options.control = &control;
  options.wall_limit = std::chrono::seconds{60};
  std::thread host;
  std::chrono::steady_clock::time_point requested;
  host = std::thread{[&] {
    const auto reply = box.take();
    requested = std::chrono::steady_clock::now();
    control.request(end_reason::cancelled);
  }};
  const auto outcome
    = scripts.run("host.ask().finally(() => console.log('no'))", options);
  const auto ended = std::chrono::steady_clock::now();
  host.join();
  BOOST_TEST(outcome.reason == end_reason::cancelled);
  BOOST_TEST(!outcome.waiting);
  BOOST_TEST((ended - requested < milliseconds{250}));
  BOOST_TEST(!scripts.engine().dead());
  BOOST_TEST(scripts.eval("1 + 1") == "2");
  BOOST_TEST(scripts.sink.lines.empty());
}

BOOST_AUTO_TEST_CASE(the_wall_limit_ends_the_wait) {
  hosted scripts;
  reply_box box;
  scripts.add_async("ask", box.keeper());
  run_options options;
  options.wall_limit = milliseconds{100};
  const stopwatch watch;
  const auto outcome
    = scripts.run("globalThis.p = host.ask(); p.then(() => console.log('no'))",
                  options);
  BOOST_TEST(outcome.reason == end_reason::wall_timeout);
  BOOST_TEST(outcome.error.message == "wall time limit of 100 ms exceeded");
  BOOST_TEST(outcome.cpu_us < 90000u);
  BOOST_TEST((watch.elapsed() >= milliseconds{100}));
  BOOST_TEST((watch.elapsed() < milliseconds{350}));
  BOOST_TEST(!scripts.engine().dead());
  // The answer comes too late: the stopped run took its calls along.
  box.take()(json_text{"1"});
  BOOST_TEST(scripts.eval("1 + 1") == "2");
  BOOST_TEST(scripts.sink.lines.empty());
}

BOOST_AUTO_TEST_CASE(limits_hold_in_what_follows_an_answer) {
  hosted scripts;
  scripts.add_async("ask", [](const json_text&, const host_reply& reply) {
    reply(json_text{"1"});
  });
  run_options options;
  options.cpu_limit = milliseconds{50};
  BOOST_TEST(scripts.run("host.ask().then(() => { for (;;); })", options).reason
             == end_reason::cpu_timeout);
  BOOST_TEST(scripts
               .run("Object.defineProperty(Object.prototype, 'then', "
                    "{ get() { for (;;); } }); host.ask(); "
                    "host.ask().then(() => [])",
                    options)
               .reason
             == end_reason::cpu_timeout);
  BOOST_TEST(!scripts.engine().dead());
}

BOOST_AUTO_TEST_CASE(open_calls_have_a_bound) {
  hosted scripts;
  reply_box box;
  scripts.add_async("ask", box.keeper());
  BOOST_TEST(scripts.eval("let n = 0; try { for (;;) { host.ask(); n++ } } "
                          "catch (e) { `${n} ${e.code}` }")
             == std::to_string(max_open_host_calls) + " OVERLOADED");
}

BOOST_AUTO_TEST_SUITE_END()
