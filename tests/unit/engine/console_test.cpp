#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;
using namespace vmsystem::engine;
using namespace vmsystem::engine::test;

BOOST_AUTO_TEST_SUITE(console)

BOOST_AUTO_TEST_CASE(lines_look_as_in_node) {
  auto options = default_options();
  options.runtime.strict = false;
  runtime scripts{options};
  const auto cases = read_cases(VMSYSTEM_CONSOLE_CASES);
  BOOST_TEST(cases.size() > 250u);
  for (const auto& one : cases) {
    BOOST_TEST_CONTEXT(one.source) {
      scripts.sink.lines.clear();
      const auto outcome = scripts.run("{ " + one.source + " }");
      BOOST_TEST(outcome.error.message == "");
      BOOST_TEST(scripts.sink.text() == one.expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(methods_have_levels) {
  static const std::pair<const char*, console_level> methods[] = {
    {"log", console_level::log},     {"info", console_level::info},
    {"warn", console_level::warn},   {"error", console_level::error},
    {"debug", console_level::debug}, {"trace", console_level::error},
    {"dir", console_level::log},     {"table", console_level::log},
  };
  runtime scripts;
  for (const auto& [name, level] : methods) {
    BOOST_TEST_CONTEXT(name) {
      scripts.sink.lines.clear();
      scripts.run(std::string{"console."} + name + "('text')");
      BOOST_REQUIRE(scripts.sink.lines.size() == 1u);
      BOOST_TEST(scripts.sink.lines[0].level == level);
    }
  }
}

BOOST_AUTO_TEST_CASE(errors_are_shown_with_their_stack) {
  runtime scripts;
  scripts.limits.file_name = "user.js";
  scripts.run("class MyError extends Error {}\n"
              "console.log(new MyError('m'));\n"
              "console.log({ e: new TypeError('t', { cause: 'c' }) });\n"
              "console.log(Object.assign(new Error('x'), { code: 5 }));");
  BOOST_TEST(scripts.sink.text()
             == "MyError: m\n"
                "    at MyError (user.js:1:1)\n"
                "    at <eval> (user.js:2:17)\n"
                "{\n"
                "  e: TypeError: t\n"
                "      at <eval> (user.js:3:22) {\n"
                "    [cause]: 'c'\n"
                "  }\n"
                "}\n"
                "Error: x\n"
                "    at <eval> (user.js:4:31) {\n"
                "  code: 5\n"
                "}\n");
}

BOOST_AUTO_TEST_CASE(trace_has_the_scripts_frames_only) {
  runtime scripts;
  scripts.limits.file_name = "user.js";
  scripts.run("function f() { console.trace('here %d', 1) }\nf()");
  BOOST_TEST(scripts.sink.text()
             == "Trace: here 1\n"
                "    at f (user.js:1:23)\n"
                "    at <eval> (user.js:2:1)\n");
}

BOOST_AUTO_TEST_CASE(timers_print_durations) {
  runtime scripts;
  scripts.run("console.time('t'); console.timeLog('t', 5); "
              "console.timeEnd('t'); console.timeEnd('t')");
  BOOST_REQUIRE(scripts.sink.lines.size() == 3u);
  BOOST_TEST(scripts.sink.lines[0].text.find("t: ") == 0u);
  BOOST_TEST(scripts.sink.lines[0].text.find("ms 5") != std::string::npos);
  BOOST_TEST(scripts.sink.lines[1].text.find("ms") != std::string::npos);
  BOOST_TEST(scripts.sink.lines[2].text
             == "Warning: No such label 't' for console.time()");
}

BOOST_AUTO_TEST_CASE(a_script_cannot_change_how_lines_are_made) {
  runtime scripts;
  scripts.run(
    "for (const o of [Object, Array, String, Map, Function, RegExp, Symbol])"
    "  for (const k of Reflect.ownKeys(o.prototype))"
    "    try { o.prototype[k] = () => { throw 'hijacked' } } catch {}"
    "Object.prototype.depth = 0; Object.prototype.get = () => 'hijacked';"
    "Error.prepareStackTrace = () => { throw 'hijacked' };"
    "globalThis.Map = globalThis.Object = globalThis.JSON = undefined;");
  scripts.sink.lines.clear();
  const auto outcome
    = scripts.run("console.log({ a: [1, { b: 'x' }] }, /r/g, '%s', 5); [1]");
  BOOST_TEST(scripts.sink.text() == "{ a: [ 1, { b: 'x' } ] } /r/g %s 5\n");
  BOOST_TEST(outcome.value.preview == "[ 1 ]");
}

BOOST_AUTO_TEST_CASE(what_leaks_from_the_prelude_cannot_be_changed) {
  runtime scripts;
  // An error that the formatting of a line ran into.
  const auto outcome = scripts.run(
    "let leaked;"
    "(function f() { try { console.log([1, {}]); f() }"
    "  catch (e) { leaked ||= e } })();"
    "const other = leaked.constructor.constructor('return this')();"
    "let changed = 0;"
    "for (const name of Reflect.ownKeys(other))"
    "  for (const target of [other[name], other[name]?.prototype])"
    "    try { target.push = target.hack = 1; changed += target.hack === 1 }"
    "    catch {}"
    "try { other.hack = 1; changed++ } catch {}"
    "changed");
  BOOST_TEST(outcome.value.preview == "0");
}

BOOST_AUTO_TEST_CASE(a_script_that_prints_too_much_is_stopped_at_once) {
  static const char* const sources[] = {
    "for (;;) console.log('x')",
    "for (;;) try { console.log({}) } catch {} finally { console.log(1) }",
    "const f = () => { console.log('x'); return Promise.resolve().then(f) };"
    "f()",
    "for (const i of [3, 2, 1].sort(() => console.log('x'))) ; for (;;)"
    "  console.log('x')",
  };
  for (const auto* source : sources) {
    BOOST_TEST_CONTEXT(source) {
      runtime scripts;
      scripts.sink.max_lines = 10;
      const auto outcome = scripts.run(source);
      BOOST_TEST(outcome.reason == end_reason::event_limit);
      BOOST_TEST(outcome.error.message == "event limit exceeded");
      BOOST_TEST(scripts.sink.lines.size() == 10u);
      scripts.sink.max_lines = SIZE_MAX;
      BOOST_TEST(scripts.eval("6*7") == "42");
    }
  }
}

BOOST_AUTO_TEST_CASE(what_nobody_catches_is_printed) {
  runtime scripts;
  scripts.limits.file_name = "user.js";
  const auto outcome
    = scripts.run("Promise.reject(new Error('a'));\n"
                  "queueMicrotask(() => { throw 'b' });\n"
                  "const handled = Promise.reject(1);\n"
                  "queueMicrotask(() => handled.catch(() => {}));\n"
                  "'value'");
  BOOST_TEST(outcome.value.preview == "value");
  BOOST_TEST(scripts.sink.text()
             == "Uncaught b\n"
                "Uncaught (in promise) Error: a\n"
                "    at <eval> (user.js:1:20)\n");
  for (const auto& line : scripts.sink.lines)
    BOOST_TEST(line.level == console_level::error);
}

BOOST_AUTO_TEST_SUITE_END()
