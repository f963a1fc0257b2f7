#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;
using namespace vmsystem::engine;
using namespace vmsystem::engine::test;

namespace {

struct error_case {
  const char* source;
  end_reason reason;
  const char* message;
  /// Null: there is none.
  const char* stack;
};

const error_case error_cases[] = {
  {"throw new TypeError('bad')", end_reason::exception, "TypeError: bad",
   "    at <eval> (user.js:1:11)"},
  {"function a() { b() }\nfunction b() { null.x }\na()", end_reason::exception,
   "TypeError: cannot read property 'x' of null",
   "    at b (user.js:2:16)\n    at a (user.js:1:15)\n    at <eval> "
   "(user.js:3:1)"},
  {"missing", end_reason::exception, "ReferenceError: missing is not defined",
   "    at <eval> (user.js:1:1)"},
  {"class OddError extends Error {}; throw new OddError('m')",
   end_reason::exception, "OddError: m",
   "    at OddError (user.js:1:1)\n    at <eval> (user.js:1:44)"},
  {"const e = new Error('m'); e.name = 'Named'; throw e", end_reason::exception,
   "Named: m", "    at <eval> (user.js:1:15)"},
  {"throw new Error('')", end_reason::exception, "Error",
   "    at <eval> (user.js:1:11)"},
  {"throw 42", end_reason::exception, "42", nullptr},
  {"throw 'text'", end_reason::exception, "text", nullptr},
  {"throw null", end_reason::exception, "null", nullptr},
  {"throw undefined", end_reason::exception, "undefined", nullptr},
  {"throw Symbol('s')", end_reason::exception, "Symbol(s)", nullptr},
  {"throw 5n", end_reason::exception, "5n", nullptr},
  {"throw { a: 1 }", end_reason::exception, "{ a: 1 }", nullptr},
  {"throw () => 1", end_reason::exception, "[Function (anonymous)]", nullptr},
  {"throw '<\\ud800>'", end_reason::exception, "<\xef\xbf\xbd>", nullptr},
  {"throw { get message() { for (;;); }, get stack() { throw 1 },"
   " toString() { throw 2 } }",
   end_reason::exception,
   "{ message: [Getter], stack: [Getter], toString: [Function: toString] }",
   nullptr},
  {"throw new Proxy(new Error('inner'), { get() { throw 7 } })",
   end_reason::exception, "Error: inner", "    at <eval> (user.js:1:21)"},
  {"throw Object.defineProperty(new Error('m'), 'message',"
   " { get() { for (;;); } })",
   end_reason::exception, "Error", "    at <eval> (user.js:1:33)"},
  {"throw Object.defineProperty(new Error('m'), 'stack',"
   " { get() { for (;;); } })",
   end_reason::exception, "Error: m", nullptr},
  {"const s = new Error('m'); s.stack = 'mine'; throw s", end_reason::exception,
   "Error: m", "mine"},
  {"Error.prepareStackTrace = () => { throw 1 }; throw new Error('m')",
   end_reason::exception, "Error: m", nullptr},
  {"Promise.reject(new RangeError('r'))", end_reason::exception,
   "RangeError: r", "    at <eval> (user.js:1:20)"},
  {"(async () => { await null; throw new Error('later') })()",
   end_reason::exception, "Error: later", "    at <anonymous> (user.js:1:38)"},
  {"atob('%')", end_reason::exception, nullptr, nullptr},
  {"let x = ;", end_reason::syntax_error,
   "SyntaxError: unexpected token in expression: ';'", "    at user.js:1:9"},
  {"return 1", end_reason::syntax_error, nullptr, nullptr},
  {"\xff\xfe", end_reason::syntax_error, nullptr, nullptr},
  {"eval('let x = ;')", end_reason::exception,
   "SyntaxError: unexpected token in expression: ';'", nullptr},
  {"new Function('let x = ;')", end_reason::exception, nullptr, nullptr},
  {"JSON.parse('{')", end_reason::exception, nullptr, nullptr},
  {"new RegExp('(')", end_reason::exception, nullptr, nullptr},
  {"throw new SyntaxError('mine')", end_reason::exception, "SyntaxError: mine",
   nullptr},
  {"import 'x'", end_reason::syntax_error, nullptr, nullptr},
  {"import('x')", end_reason::exception,
   "Error: IMPORT_RESOLUTION_FAILED: cannot find \"x\" from \"user.js\": the "
   "session has no worktree",
   nullptr},
};

} // namespace

BOOST_AUTO_TEST_SUITE(errors)

BOOST_AUTO_TEST_CASE(a_failure_has_reason_message_and_stack) {
  for (const auto& expected : error_cases) {
    runtime scripts;
    scripts.limits.file_name = "user.js";
    BOOST_TEST_CONTEXT(expected.source) {
      const auto outcome = scripts.run(expected.source);
      BOOST_TEST(outcome.reason == expected.reason);
      if (expected.message != nullptr)
        BOOST_TEST(outcome.error.message == expected.message);
      BOOST_TEST(!outcome.error.message.empty());
      if (expected.stack != nullptr)
        BOOST_TEST(outcome.error.stack == expected.stack);
      BOOST_TEST(outcome.value.preview.empty());
      BOOST_TEST(!scripts.engine().dead());
      BOOST_TEST(scripts.eval("6*7") == "42");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_second_declaration_is_a_syntax_error) {
  runtime scripts;
  BOOST_TEST(scripts.eval("let a = 1; a") == "1");
  const auto outcome = scripts.run("globalThis.ran = 1; let a = 2");
  BOOST_TEST(outcome.reason == end_reason::syntax_error);
  BOOST_TEST(outcome.error.message == "SyntaxError: redeclaration of 'a'");
  BOOST_TEST(scripts.eval("typeof ran + a") == "undefined1");
}

BOOST_AUTO_TEST_CASE(message_and_stack_have_bounds) {
  runtime scripts;
  const auto outcome = scripts.run("const e = new Error('\\u00e9'.repeat(1e6));"
                                   "e.stack = 's'.repeat(1e6); throw e");
  BOOST_TEST(outcome.reason == end_reason::exception);
  BOOST_TEST(outcome.error.message.size() <= 8192u);
  BOOST_TEST(outcome.error.message.size() > 8000u);
  BOOST_TEST(outcome.error.stack.size() <= 16384u);
  BOOST_TEST(outcome.error.stack.size() > 16000u);
}

BOOST_AUTO_TEST_CASE(strict_is_a_setting) {
  auto options = default_options();
  const char* source = "undeclared = 1; undeclared";
  BOOST_TEST(runtime{options}.eval(source)
             == "ReferenceError: undeclared is not defined");
  options.runtime.strict = false;
  BOOST_TEST(runtime{options}.eval(source) == "1");
}

BOOST_AUTO_TEST_CASE(console_is_a_setting) {
  auto options = default_options();
  options.runtime.console = false;
  runtime scripts{options};
  BOOST_TEST(scripts.eval("typeof console") == "undefined");
  BOOST_TEST(scripts.eval("({ a: [1] })") == "{ a: [ 1 ] }");
}

BOOST_AUTO_TEST_CASE(globals_come_from_json) {
  runtime scripts;
  run_options options;
  options.args_json = R"({"n": [1, "x"]})";
  options.env_json = R"({"HOME": "/"})";
  BOOST_TEST(scripts.run("__ARGS__.n[1] + __ENV__.HOME", options).value.preview
             == "x/");
  options.args_json = "5";
  options.env_json = {};
  BOOST_TEST(scripts.run("__ARGS__ + __ENV__.HOME", options).value.preview
             == "5/");
  options.args_json = "{";
  const auto outcome = scripts.run("1", options);
  BOOST_TEST(outcome.reason == end_reason::engine_failure);
  BOOST_TEST(scripts.eval("1") == "1");
}

BOOST_AUTO_TEST_CASE(an_image_with_impossible_options_is_refused) {
  image_options options;
  options.mem_mb = 0;
  BOOST_TEST((image::build(options).error().code == ec::validation_error));
  options.mem_mb = 4096;
  BOOST_TEST((image::build(options).error().code == ec::validation_error));
  options.mem_mb = 64;
  options.stack_kb = max_stack_kb + 1;
  BOOST_TEST((image::build(options).error().code == ec::validation_error));
}

BOOST_AUTO_TEST_CASE(the_smallest_and_the_largest_image_work) {
  for (const uint32_t mem_mb : {1u, 2048u}) {
    image_options options;
    options.mem_mb = mem_mb;
    BOOST_TEST(runtime{options}.eval("[1, 2].map((x) => x * 2).join()")
               == "2,4");
  }
}

BOOST_AUTO_TEST_SUITE_END()
