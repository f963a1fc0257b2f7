#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;
using namespace vmsystem::engine;
using namespace vmsystem::engine::test;

namespace {

struct value_case {
  const char* source;
  value_type type;
  const char* preview;
  /// Empty: there is none.
  const char* json;
};

const value_case value_cases[] = {
  {"undefined", value_type::undefined, "undefined", ""},
  {"", value_type::undefined, "undefined", ""},
  {"let hidden = 1", value_type::undefined, "undefined", ""},
  {"null", value_type::null, "null", "null"},
  {"true", value_type::boolean, "true", "true"},
  {"1 > 2", value_type::boolean, "false", "false"},
  {"1+1", value_type::number, "2", "2"},
  {"-2147483648", value_type::number, "-2147483648", "-2147483648"},
  {"0.1+0.2", value_type::number, "0.30000000000000004", "0.30000000000000004"},
  {"1e21", value_type::number, "1e+21", "1e+21"},
  {"-0", value_type::number, "-0", "0"},
  {"NaN", value_type::number, "NaN", ""},
  {"1/0", value_type::number, "Infinity", ""},
  {"-1/0", value_type::number, "-Infinity", ""},
  {"2**53+1", value_type::number, "9007199254740992", "9007199254740992"},
  {"7n", value_type::bigint, "7n", ""},
  {"2n**70n", value_type::bigint, "1180591620717411303424n", ""},
  {"'a\"b\\n\\u0000c'", value_type::string, nullptr, "\"a\\\"b\\n\\u0000c\""},
  {"'a' + 'b'.repeat(3)", value_type::string, "abbb", "\"abbb\""},
  {"'\\u{1F600}'", value_type::string, "\xf0\x9f\x98\x80",
   "\"\xf0\x9f\x98\x80\""},
  {"'<\\ud800>'", value_type::string, "<\xef\xbf\xbd>", "\"<\xef\xbf\xbd>\""},
  {"Symbol('s')", value_type::symbol, "Symbol(s)", ""},
  {"(function f() {})", value_type::function, "[Function: f]", ""},
  {"(class A {})", value_type::function, "[class A]", ""},
  {"[1, [2], 'x']", value_type::array, "[ 1, [ 2 ], 'x' ]", "[1,[2],\"x\"]"},
  {"[undefined, () => 1, NaN]", value_type::array,
   "[ undefined, [Function (anonymous)], NaN ]", "[null,null,null]"},
  {"[1n]", value_type::array, "[ 1n ]", ""},
  {"({ a: 1, u: undefined })", value_type::object, "{ a: 1, u: undefined }",
   "{\"a\":1}"},
  {"new Map([[1, 2]])", value_type::object, "Map(1) { 1 => 2 }", "{}"},
  {"new Date(0)", value_type::object, "1970-01-01T00:00:00.000Z",
   "\"1970-01-01T00:00:00.000Z\""},
  {"({ toJSON: () => [1, 2] })", value_type::object,
   "{ toJSON: [Function: toJSON] }", "[1,2]"},
  {"({ toJSON: () => undefined })", value_type::object,
   "{ toJSON: [Function: toJSON] }", ""},
  {"(() => { const a = {}; a.a = a; return a })()", value_type::object,
   "<ref *1> { a: [Circular *1] }", ""},
  {"({ 'a\\ud800': ['\\udfff\\\\ud800'] })", value_type::object,
   "{ 'a\\ud800': [ '\\udfff\\\\ud800' ] }",
   "{\"a\xef\xbf\xbd\":[\"\xef\xbf\xbd\\\\ud800\"]}"},
  {"({ get a() { throw 1 } })", value_type::object, "{ a: [Getter] }", ""},
  {"({ toJSON() { throw 1 } })", value_type::object,
   "{ toJSON: [Function: toJSON] }", ""},
  {"new Proxy({ a: 1 }, { get() { throw 1 } })", value_type::object, "{ a: 1 }",
   ""},
  {"new Proxy([1], {})", value_type::object, "[ 1 ]", "[1]"},
  {"Promise.resolve(5)", value_type::number, "5", "5"},
  {"(async () => { await null; return 'x' })()", value_type::string, "x",
   "\"x\""},
  {"[Promise.resolve(1)]", value_type::array, "[ Promise { 1 } ]", "[{}]"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(values)

BOOST_AUTO_TEST_CASE(a_completion_value_has_type_preview_and_json) {
  runtime scripts;
  for (const auto& expected : value_cases) {
    BOOST_TEST_CONTEXT(expected.source) {
      const auto outcome = scripts.run(expected.source);
      BOOST_TEST(outcome.reason == end_reason::ok);
      BOOST_TEST(outcome.value.type == expected.type);
      if (expected.preview != nullptr)
        BOOST_TEST(outcome.value.preview == expected.preview);
      BOOST_TEST(outcome.value.json.text == expected.json);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_string_keeps_its_nul_bytes) {
  runtime scripts;
  const auto outcome = scripts.run("'a\\u0000b'");
  BOOST_TEST((outcome.value.preview == std::string{"a\0b", 3}));
}

BOOST_AUTO_TEST_CASE(a_long_preview_is_cut_and_says_so) {
  runtime scripts;
  const auto outcome = scripts.run("'\\u00e9'.repeat(5000)");
  BOOST_TEST(outcome.reason == end_reason::ok);
  BOOST_TEST(outcome.value.preview.size() <= 4096u);
  BOOST_TEST(outcome.value.preview.find(" more bytes") != std::string::npos);
  BOOST_TEST(outcome.value.json.text.size() == 10002u);
}

BOOST_AUTO_TEST_CASE(a_long_array_keeps_its_json) {
  runtime scripts;
  const auto outcome = scripts.run("Array.from({length: 50000}, (_, i) => 0)");
  BOOST_TEST(outcome.reason == end_reason::ok);
  BOOST_TEST(outcome.value.json.text.size() == 100001u);
  BOOST_TEST(outcome.value.preview.find("49900 more items")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(json_that_is_too_long_is_an_output_limit) {
  static const char* const sources[] = {
    "'x'.repeat(999)",
    "['x'.repeat(997)]",
    "Array.from({length: 1e6}, () => 0)",
    "({ a: Array.from({length: 1e6}, () => 0) })",
    "Object.fromEntries(Array.from({length: 1e5}, (_, i) => ['k' + i, i]))",
  };
  runtime scripts;
  scripts.limits.max_value_bytes = 1000;
  for (const auto* source : sources) {
    BOOST_TEST_CONTEXT(source) {
      const auto outcome = scripts.run(source);
      BOOST_TEST(outcome.reason == end_reason::output_limit);
      BOOST_TEST(outcome.error.message
                 == "output limit exceeded: the value has more than 1000 "
                    "bytes as JSON");
      BOOST_TEST(!scripts.engine().dead());
    }
  }
  BOOST_TEST(scripts.run("'x'.repeat(998)").reason == end_reason::ok);
}

BOOST_AUTO_TEST_CASE(json_that_is_nested_too_deep_is_left_out) {
  runtime scripts;
  const auto outcome
    = scripts.run("let a = []; for (let i = 0; i < 600; i++) a = [a]; a");
  BOOST_TEST(outcome.reason == end_reason::ok);
  BOOST_TEST(outcome.value.preview == "[ [ [ [Array] ] ] ]");
  BOOST_TEST(outcome.value.json.empty());
}

BOOST_AUTO_TEST_CASE(rendering_that_never_ends_has_a_budget_of_its_own) {
  static const char* const sources[] = {
    "({ get a() { for (;;); } })",
    "({ toJSON() { for (;;); } })",
    "new Proxy({}, { ownKeys() { for (;;); } })",
    "({ [Symbol.for('nodejs.util.inspect.custom')]() { for (;;); } })",
  };
  runtime scripts;
  scripts.limits.wall_limit = milliseconds{100};
  for (const auto* source : sources) {
    BOOST_TEST_CONTEXT(source) {
      const stopwatch time;
      const auto outcome = scripts.run(source);
      BOOST_TEST(outcome.reason == end_reason::ok);
      BOOST_TEST(outcome.value.json.empty());
      BOOST_TEST(!outcome.value.preview.empty());
      BOOST_TEST(time.elapsed().count() < 600);
      BOOST_TEST(!scripts.engine().dead());
    }
  }
  BOOST_TEST(scripts.eval("6*7") == "42");
}

BOOST_AUTO_TEST_CASE(what_rendering_prints_is_dropped) {
  runtime scripts;
  const auto outcome
    = scripts.run("({ toJSON() { console.log('hidden'); return 1 } })");
  BOOST_TEST(outcome.value.json.text == "1");
  BOOST_TEST(scripts.sink.lines.empty());
}

// The reader of JSON makes small integers what they are in a program's text.
BOOST_AUTO_TEST_CASE(numbers_in_json_are_those_of_a_program) {
  static const char* const numbers[]
    = {"0",           "-0",
       "7",           "-7",
       "10",          "999999999",
       "-999999999",  "1000000000",
       "-1000000000", "2147483647",
       "2147483648",  "-2147483648",
       "4294967296",  "-2147483649",
       "0.0",         "-0.5",
       "12.5",        "1e3",
       "1E-3",        "-0e1",
       "1e400",       "123456789012345678901234567890"};
  runtime scripts;
  for (const std::string number : numbers)
    for (const auto* around : {"X", " X ", "[X]", "[X,1]", "{\"a\":X}"}) {
      std::string json{around};
      json.replace(json.find('X'), 1, number);
      const auto source = "{ const found = JSON.parse('" + json
                          + "'); const wanted = (" + json
                          + "); typeof found === 'object'"
                            " ? Object.entries(found).every(([k, v]) =>"
                            " Object.is(v, wanted[k]))"
                            " : Object.is(found, wanted) }";
      BOOST_TEST(scripts.eval(source) == "true", json);
    }
  for (const auto* wrong : {"01", "-", "--1", "1-", "+1", "1.", ".1", "1e"})
    BOOST_TEST(scripts.eval("try { JSON.parse('" + std::string{wrong}
                            + "'); 0 } catch (e) { e.name }")
                 == "SyntaxError",
               wrong);
}

BOOST_AUTO_TEST_SUITE_END()
