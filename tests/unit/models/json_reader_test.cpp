#include "vmsystem/models/end_reason.hpp"
#include "vmsystem/models/json_reader.hpp"
#include "vmsystem/tests/unit/models/support.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

constexpr auto id_text = "0190c0de-cafe-7abc-8def-0123456789ab"sv;

/// Reads the field `x` of a document into `to`.
template <class T>
expected<void> read_x(std::string_view document, T& to,
                      presence need = presence::present) {
  const auto root = parse_json(document);
  if (!root)
    return root.error();
  return read_object(root.value(), json_place{}, field("x", to, need));
}

template <class T>
std::string_view code_of_x(std::string_view value) {
  T to{};
  const auto document = "{\"x\":" + std::string{value} + '}';
  return code_of(read_x(document, to));
}

template <>
std::string_view code_of_x<json_object_field>(std::string_view value) {
  json_text text;
  json_object_field to{&text};
  const auto document = "{\"x\":" + std::string{value} + '}';
  return code_of(read_x(document, to));
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

} // namespace

BOOST_AUTO_TEST_SUITE(json_reader)

BOOST_AUTO_TEST_CASE(whole_documents_are_parsed) {
  const std::string texts[] = {
    "null",
    "true",
    "-0",
    "0.1e-7",
    "\"\"",
    " \t\r\n{} \t\r\n",
    "[]",
    "[1,[2,[3]]]",
    R"({"a":{"b":[{"c":null}]}})",
    R"("\u0000\"\\\/\b\f\n\r\t\ud83d\ude00")",
    "\"\xf0\x9f\x98\x80\"",
    "18446744073709551615",
    "-9223372036854775808",
    nested(1000),
  };
  for (const auto& text : texts)
    BOOST_TEST_CONTEXT(text.substr(0, 60)) {
      BOOST_TEST(code_of(parse_json(text)) == "ok");
    }
}

BOOST_AUTO_TEST_CASE(malformed_documents_are_refused) {
  const std::string texts[] = {
    "",
    " ",
    "\n",
    "{",
    "}",
    "[",
    "[1,]",
    "[,1]",
    "[1 2]",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{a:1}",
    "{'a':1}",
    "{\"a\":1 \"b\":2}",
    "{}x",
    "{} {}",
    "{}\0"s,
    "[]]",
    "nul",
    "True",
    "NaN",
    "[Infinity]",
    "[01]",
    "[1.]",
    "[.5]",
    "[+1]",
    "[-]",
    "[0x1]",
    "[1e]",
    "\"",
    "\"a",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\\ud800\"",
    "\"\\ud800\\u0041\"",
    "\"\\udc00\"",
    "\"line\nfeed\"",
    "\"nul\0\""s,
    "\"\xff\"",
    "\"\xc0\x80\"",
    "\"\xed\xa0\x80\"",
    "\"\xe2\x82\"",
    "\"\xf4\x90\x80\x80\"",
    "{\"\xff\":1}",
    "\xef\xbb\xbf",
    "/* */ {}",
    "// x\n{}",
    nested(5000),
    std::string(100000, '['),
    std::string(100000, '{'),
  };
  for (const auto& text : texts)
    BOOST_TEST_CONTEXT(text.substr(0, 60)) {
      const auto outcome = parse_json(text);
      BOOST_TEST(code_of(outcome) == "INVALID_REQUEST");
      BOOST_TEST(message_of(outcome).rfind("malformed JSON: ", 0) == 0u);
    }
}

BOOST_AUTO_TEST_CASE(numbers_that_no_machine_type_holds_are_refused) {
  const std::string_view numbers[]
    = {"1e400", "-1e400", "01234567890123456789", "-"};
  for (const auto number : numbers)
    BOOST_TEST_CONTEXT(number) {
      BOOST_TEST(code_of(parse_json(number)) == "INVALID_REQUEST");
    }
  BOOST_TEST(code_of(parse_json("1e308")) == "ok");
  BOOST_TEST(code_of(parse_json("1e-400")) == "ok");
  BOOST_TEST(code_of(parse_json("0.1" + std::string(10000, '1'))) == "ok");
}

// As JavaScript reads them; a script's result may be one.
BOOST_AUTO_TEST_CASE(integers_beyond_64_bits_are_doubles) {
  const std::pair<std::string_view, double> numbers[]
    = {{"18446744073709551616", 0x1p64},
       {"-9223372036854775809", -0x1p63},
       {"36893488147419103232", 0x1p65},
       {"590295810358705700000", 0x1p69}};
  for (const auto& [text, wanted] : numbers)
    BOOST_TEST_CONTEXT(text) {
      const auto read = parse_json(text);
      BOOST_REQUIRE(read.has_value());
      BOOST_TEST(read.value().get_double().value() == wanted);
      const auto around = "{\"a\":\"1" + std::string(30, '2') + "\\\"\",\"x\":["
                          + std::string{text} + ",1]}";
      const auto document = parse_json(around);
      BOOST_REQUIRE(document.has_value());
      BOOST_TEST(document.value()["a"].get_string().value()
                 == "1" + std::string(30, '2') + '"');
      BOOST_TEST(document.value()["x"].at(0).get_double().value() == wanted);
      BOOST_TEST(document.value()["x"].at(1).get_int64().value() == 1);
    }
  BOOST_TEST(code_of_x<uint32_t>("18446744073709551616") == "INVALID_REQUEST");
}

BOOST_AUTO_TEST_CASE(a_large_document_does_not_disturb_the_next_ones) {
  const std::string big = "{\"x\":\"" + std::string(8u << 20, 'a') + "\"}";
  std::string text;
  for (int round = 0; round < 3; ++round) {
    BOOST_TEST(code_of(read_x(R"({"x":"small"})", text)) == "ok");
    BOOST_TEST(text == "small");
    BOOST_TEST(code_of(read_x(big, text)) == "ok");
    BOOST_TEST(text.size() == 8u << 20);
    BOOST_TEST(code_of(read_x(R"({"x":7})", text)) == "INVALID_REQUEST");
    BOOST_TEST(code_of(read_x(big.substr(0, 3u << 20), text))
               == "INVALID_REQUEST");
  }
}

BOOST_AUTO_TEST_CASE(each_type_takes_its_own_json_only) {
  const auto ok = "ok"sv;
  const auto bad = "INVALID_REQUEST"sv;
  const auto wrong = "VALIDATION_ERROR"sv;
  const auto uuid = '"' + std::string{id_text} + '"';
  struct row {
    std::string_view json;
    std::string_view as_bool;
    std::string_view as_uint32;
    std::string_view as_int32;
    std::string_view as_uint64;
    std::string_view as_string;
    std::string_view as_strings;
    std::string_view as_time;
    std::string_view as_id;
    std::string_view as_enum;
    std::string_view as_object;
  };
  const row rows[] = {
    {"null", bad, bad, bad, bad, bad, bad, bad, bad, bad, bad},
    {"true", ok, bad, bad, bad, bad, bad, bad, bad, bad, bad},
    {"false", ok, bad, bad, bad, bad, bad, bad, bad, bad, bad},
    {"0", bad, ok, ok, ok, bad, bad, bad, bad, bad, bad},
    {"7", bad, ok, ok, ok, bad, bad, bad, bad, bad, bad},
    {"-7", bad, wrong, ok, bad, bad, bad, bad, bad, bad, bad},
    {"7.0", bad, bad, bad, bad, bad, bad, bad, bad, bad, bad},
    {"7e0", bad, bad, bad, bad, bad, bad, bad, bad, bad, bad},
    {R"("")", bad, bad, bad, bad, ok, bad, wrong, wrong, wrong, bad},
    {R"("7")", bad, bad, bad, bad, ok, bad, wrong, wrong, wrong, bad},
    {R"("true")", bad, bad, bad, bad, ok, bad, wrong, wrong, wrong, bad},
    {R"("timeout")", bad, bad, bad, bad, ok, bad, wrong, wrong, ok, bad},
    {R"("Timeout")", bad, bad, bad, bad, ok, bad, wrong, wrong, wrong, bad},
    {R"("2024-02-29T12:34:56Z")", bad, bad, bad, bad, ok, bad, ok, wrong, wrong,
     bad},
    {uuid, bad, bad, bad, bad, ok, bad, wrong, ok, wrong, bad},
    {"[]", bad, bad, bad, bad, bad, ok, bad, bad, bad, bad},
    {R"(["a"])", bad, bad, bad, bad, bad, ok, bad, bad, bad, bad},
    {"[1]", bad, bad, bad, bad, bad, bad, bad, bad, bad, bad},
    {"[null]", bad, bad, bad, bad, bad, bad, bad, bad, bad, bad},
    {R"(["a",["b"]])", bad, bad, bad, bad, bad, bad, bad, bad, bad, bad},
    {"{}", bad, bad, bad, bad, bad, bad, bad, bad, bad, ok},
    {R"({"a":1})", bad, bad, bad, bad, bad, bad, bad, bad, bad, ok},
  };
  for (const auto& x : rows)
    BOOST_TEST_CONTEXT(x.json) {
      BOOST_TEST(code_of_x<bool>(x.json) == x.as_bool);
      BOOST_TEST(code_of_x<uint32_t>(x.json) == x.as_uint32);
      BOOST_TEST(code_of_x<int32_t>(x.json) == x.as_int32);
      BOOST_TEST(code_of_x<uint64_t>(x.json) == x.as_uint64);
      BOOST_TEST(code_of_x<std::string>(x.json) == x.as_string);
      BOOST_TEST(code_of_x<std::vector<std::string>>(x.json) == x.as_strings);
      BOOST_TEST(code_of_x<timestamp>(x.json) == x.as_time);
      BOOST_TEST(code_of_x<session_id>(x.json) == x.as_id);
      BOOST_TEST(code_of_x<execution_status>(x.json) == x.as_enum);
      BOOST_TEST(code_of_x<json_object_field>(x.json) == x.as_object);
      BOOST_TEST(code_of_x<json_text>(x.json) == "ok");
    }
}

BOOST_AUTO_TEST_CASE(integers_are_read_up_to_their_bounds) {
  struct row {
    std::string_view json;
    std::string_view as_uint32;
    std::string_view as_int32;
    std::string_view as_uint64;
  };
  const auto bad = "INVALID_REQUEST"sv;
  const auto wrong = "VALIDATION_ERROR"sv;
  const row rows[] = {
    {"2147483647", "ok", "ok", "ok"},
    {"2147483648", "ok", wrong, "ok"},
    {"4294967295", "ok", wrong, "ok"},
    {"4294967296", wrong, wrong, "ok"},
    {"9223372036854775807", wrong, wrong, "ok"},
    {"9223372036854775808", bad, bad, "ok"},
    {"18446744073709551615", bad, bad, "ok"},
    {"-1", wrong, "ok", bad},
    {"-2147483648", wrong, "ok", bad},
    {"-2147483649", wrong, wrong, bad},
    {"-9223372036854775808", wrong, wrong, bad},
    {"-0", "ok", "ok", "ok"},
    {"1e3", bad, bad, bad},
  };
  for (const auto& x : rows)
    BOOST_TEST_CONTEXT(x.json) {
      BOOST_TEST(code_of_x<uint32_t>(x.json) == x.as_uint32);
      BOOST_TEST(code_of_x<int32_t>(x.json) == x.as_int32);
      BOOST_TEST(code_of_x<uint64_t>(x.json) == x.as_uint64);
    }
  uint64_t greatest = 0;
  BOOST_TEST(code_of(read_x(R"({"x":18446744073709551615})", greatest))
             == "ok");
  BOOST_TEST(greatest == UINT64_MAX);
  int32_t least = 0;
  BOOST_TEST(code_of(read_x(R"({"x":-2147483648})", least)) == "ok");
  BOOST_TEST(least == INT32_MIN);
  uint32_t number = 0;
  BOOST_TEST(message_of(read_x(R"({"x":4294967296})", number))
             == R"(field "x" must be between 0 and 4294967295)");
}

BOOST_AUTO_TEST_CASE(fields_are_there_as_much_as_they_have_to_be) {
  struct row {
    std::string_view document;
    std::string_view optional;
    std::string_view present;
    std::string_view required;
  };
  const auto bad = "INVALID_REQUEST"sv;
  const auto lacks = "VALIDATION_ERROR"sv;
  const row rows[] = {
    {R"({})", "ok", lacks, lacks},
    {R"({"x":null})", "ok", bad, lacks},
    {R"({"x":""})", "ok", "ok", lacks},
    {R"({"x":"a"})", "ok", "ok", "ok"},
    {R"({"x":"a","x":"b"})", "ok", "ok", "ok"},
    {R"({"x":"a","x":""})", "ok", "ok", lacks},
    {R"({"x":"a","x":null})", "ok", bad, lacks},
    {R"({"x":null,"x":"a"})", "ok", bad, "ok"},
    {R"({"x":1,"x":"a"})", bad, bad, bad},
    {R"({"X":"a"})", bad, bad, bad},
    {R"({"x":"a","":"b"})", bad, bad, bad},
    {R"({"x":"a","x ":"b"})", bad, bad, bad},
    {R"([])", bad, bad, bad},
    {R"("x")", bad, bad, bad},
    {R"(null)", bad, bad, bad},
  };
  for (const auto& x : rows)
    BOOST_TEST_CONTEXT(x.document) {
      std::string to;
      BOOST_TEST(code_of(read_x(x.document, to, presence::optional))
                 == x.optional);
      to.clear();
      BOOST_TEST(code_of(read_x(x.document, to, presence::present))
                 == x.present);
      to.clear();
      BOOST_TEST(code_of(read_x(x.document, to, presence::required))
                 == x.required);
    }
}

BOOST_AUTO_TEST_CASE(an_escaped_name_is_the_name_that_it_stands_for) {
  std::string to;
  BOOST_TEST(code_of(read_x(R"({"\u0078":"a"})", to)) == "ok");
  BOOST_TEST(to == "a");
}

BOOST_AUTO_TEST_CASE(the_last_of_two_fields_with_one_name_counts) {
  std::string text;
  BOOST_TEST(code_of(read_x(R"({"x":"a","x":"b"})", text)) == "ok");
  BOOST_TEST(text == "b");
  std::vector<std::string> list;
  BOOST_TEST(code_of(read_x(R"({"x":["a","b"],"x":["c"]})", list)) == "ok");
  BOOST_TEST(list == std::vector<std::string>{"c"});
}

BOOST_AUTO_TEST_CASE(an_optional_field_that_is_null_keeps_its_value) {
  std::string text = "kept";
  BOOST_TEST(code_of(read_x(R"({"x":null})", text, presence::optional))
             == "ok");
  BOOST_TEST(text == "kept");
  BOOST_TEST(code_of(read_x("{}", text, presence::optional)) == "ok");
  BOOST_TEST(text == "kept");
}

BOOST_AUTO_TEST_CASE(messages_name_the_field_and_what_it_must_be) {
  struct place {
    std::string_view document;
    std::string_view message;
  };
  const place places[] = {
    {R"([])", "the body must be an object"},
    {R"({})", R"(field "x" is required and must not be empty)"},
    {R"({"x":1})", R"(field "x" must be a string)"},
    {R"({"x":"a","y":1})", R"(unknown field "y")"},
  };
  for (const auto& [document, message] : places) {
    std::string to;
    BOOST_TEST(message_of(read_x(document, to, presence::required)) == message);
  }
  bool flag = false;
  BOOST_TEST(message_of(read_x(R"({"x":1})", flag))
             == R"(field "x" must be true or false)");
  execution_status status{};
  BOOST_TEST(message_of(read_x(R"({"x":"lost"})", status))
             == R"(field "x" must be one of running, ok, error, timeout, )"
                "cancelled");
  timestamp time;
  BOOST_TEST(message_of(read_x(R"({"x":"today"})", time))
             == R"(field "x" is not an RFC 3339 time in UTC)");
  session_id id;
  BOOST_TEST(message_of(read_x(R"({"x":"7"})", id))
             == R"(field "x" is not a UUID)");
  BOOST_TEST((json_place{"a.b", "c"}.to_string()) == "a.b.c");
  BOOST_TEST((json_place{"", "c"}.to_string()) == "c");
}

BOOST_AUTO_TEST_CASE(raw_values_are_kept_as_compact_text) {
  struct row {
    std::string_view json;
    std::string_view text;
  };
  const row rows[] = {
    {"null", "null"},
    {" [ 1 , 2 ] ", "[1,2]"},
    {"{ \"a\" : { } }", R"({"a":{}})"},
    {R"("a\u0062")", R"("ab")"},
    {R"("\u0000\u001f\"\\\n")", R"("\u0000\u001f\"\\\n")"},
    {"\"\xc3\xa4\"", "\"\xc3\xa4\""},
    {"9007199254740993", "9007199254740993"},
    {"18446744073709551615", "18446744073709551615"},
    {"0.1", "0.1"},
    {"5e-324", "5e-324"},
    {"1.7976931348623157E308", "1.7976931348623157e+308"},
  };
  for (const auto& [json, text] : rows)
    BOOST_TEST_CONTEXT(json) {
      json_text to;
      const auto document = "{\"x\":" + std::string{json} + '}';
      BOOST_TEST(code_of(read_x(document, to)) == "ok");
      BOOST_TEST(to.text == text);
    }
}

BOOST_AUTO_TEST_CASE(deep_values_are_kept_whole) {
  for (const std::size_t depth : {15u, 16u, 17u, 33u, 500u, 1000u})
    BOOST_TEST_CONTEXT(depth) {
      json_text to;
      BOOST_TEST(code_of(read_x("{\"x\":" + nested(depth) + '}', to)) == "ok");
      BOOST_TEST(to.text == nested(depth));
    }
  json_text to;
  const std::string objects
    = R"({"a":[{"b":[[[[[[[[[[[[[[[[[{"c":[1,2]}]]]]]]])"
      R"(]]]]]]]]]],"d":3},4],"e":5})";
  BOOST_TEST(code_of(read_x("{\"x\":" + objects + '}', to)) == "ok");
  BOOST_TEST(to.text == objects);
}

BOOST_AUTO_TEST_CASE(arrays_of_values_are_read_in_order) {
  const auto read = [](std::string_view text) {
    std::vector<uint32_t> to{7, 8};
    auto root = must(parse_json(text));
    auto outcome = read_array(root, json_place{}, to);
    return outcome ? std::to_string(to.size()) : outcome.error().message;
  };
  BOOST_TEST(read("[]") == "0");
  BOOST_TEST(read("[1,2,3]") == "3");
  BOOST_TEST(read("[1,\"a\"]") == "the body must be an integer");
  BOOST_TEST(read("{}") == "the body must be an array");
}

BOOST_AUTO_TEST_CASE(a_stored_string_is_found_beside_numbers_of_any_size) {
  const std::string_view document
    = R"({"input":"\"status\":\"no\"","args":{"status":"no"},)"
      R"("result":{"json":36893488147419103232},"status":"ok"})";
  BOOST_TEST(must(stored_string(document, "status")) == "ok");
  BOOST_TEST(code_of(stored_string(document, "missing")) == "INTERNAL");
  BOOST_TEST(code_of(stored_string("", "status")) == "INTERNAL");
  BOOST_TEST(code_of(stored_string("[1", "status")) == "INTERNAL");
}

BOOST_AUTO_TEST_SUITE_END()
