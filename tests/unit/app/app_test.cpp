#define BOOST_TEST_MODULE app
#include "vmsystem/app/client.hpp"
#include "vmsystem/app/commands.hpp"
#include "vmsystem/app/json_value.hpp"
#include "vmsystem/app/output.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace vmsystem;

BOOST_AUTO_TEST_SUITE(json_values)

BOOST_AUTO_TEST_CASE(every_byte_of_a_value_is_kept) {
  const auto value = json_value::parse(
    R"( {"a": 100000000000000000000, "b":[ 1.50, -0 ],"c":"x\u0041\n"} )");
  BOOST_TEST_REQUIRE(value.has_value());
  BOOST_TEST(value->field("a").raw() == "100000000000000000000");
  BOOST_TEST(value->field("b").raw() == "[ 1.50, -0 ]");
  BOOST_TEST(value->field("b").elements().at(0).raw() == "1.50");
  BOOST_TEST(value->field("b").elements().at(1).raw() == "-0");
  BOOST_TEST(value->field("c").raw() == R"("x\u0041\n")");
  BOOST_TEST(value->field("c").text() == "xA\n");
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_absent) {
  const auto value = json_value::parse(R"({"a":null,"b":{}})");
  BOOST_TEST_REQUIRE(value.has_value());
  BOOST_TEST(!value->field("a").present());
  BOOST_TEST(value->field("a").raw() == "null");
  BOOST_TEST(!value->field("z").present());
  BOOST_TEST(value->field("z").raw().empty());
  BOOST_TEST(!value->field("b").field("c").field("d").present());
  BOOST_TEST(value->field("b").present());
  BOOST_TEST(value->elements().empty());
}

BOOST_AUTO_TEST_CASE(fields_come_in_order) {
  const auto value = json_value::parse(R"({"z":1,"a\"b":[2]})");
  BOOST_TEST_REQUIRE(value.has_value());
  const auto fields = value->fields();
  BOOST_TEST_REQUIRE(fields.size() == 2u);
  BOOST_TEST(fields[0].first == "z");
  BOOST_TEST(fields[1].first == "a\"b");
  BOOST_TEST(fields[1].second.raw() == "[2]");
}

BOOST_AUTO_TEST_CASE(deep_values_can_be_taken_apart) {
  const std::string deep = std::string(5000, '[') + std::string(5000, ']');
  const auto value = json_value::parse("{\"a\":" + deep + '}');
  BOOST_TEST_REQUIRE(value.has_value());
  BOOST_TEST((value->field("a").raw() == deep));
}

BOOST_AUTO_TEST_CASE(what_is_no_document_is_refused) {
  for (const std::string text :
       {"", " ", "1", "\"a\"", "null", "<html>", "{", "[1", "{\"a\"}"})
    BOOST_TEST(!json_value::parse(text).has_value(), text);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(paths_are_encoded) {
  BOOST_TEST(encoded("aZ09-._~") == "aZ09-._~");
  BOOST_TEST(encoded("a/b?c d%{}\xC3\xA9") == "a%2Fb%3Fc%20d%25%7B%7D%C3%A9");
}

BOOST_AUTO_TEST_CASE(terminals_get_nothing_to_obey) {
  BOOST_TEST(printable("plain \xC3\xA9 \xF0\x9F\x98\x80")
             == "plain \xC3\xA9 \xF0\x9F\x98\x80");
  BOOST_TEST(printable("a\nb\tc") == "a\\nb\\tc");
  BOOST_TEST(printable("\x1B[31m\x7F\r") == "\\u001b[31m\\u007f\\u000d");
  BOOST_TEST(printable("\xC2\x9B\xC2\xA0") == "\\u009b\xC2\xA0");
}

BOOST_AUTO_TEST_CASE(pairs_become_an_object) {
  BOOST_TEST(json_of_pairs("--limit", {}).value().text == "{}");
  BOOST_TEST(
    json_of_pairs("--limit", {"a=1", "b=true", "c=x=y", "d="}).value().text
    == R"({"a":1,"b":true,"c":"x=y","d":""})");
  for (const std::string wrong : {"", "a", "=1"}) {
    const auto refused = json_of_pairs("--limit", {wrong});
    BOOST_TEST_REQUIRE(refused.has_error());
    BOOST_TEST(refused.error().message.rfind("--limit: ", 0) == 0u);
  }
}

BOOST_AUTO_TEST_CASE(flags_that_hold_json_must_be_json) {
  BOOST_TEST(json_of_flag("--args", R"({"a":[1]})").value().text
             == R"({"a":[1]})");
  for (const std::string wrong : {"", "{", "{},{}", "{'a':1}"})
    BOOST_TEST(json_of_flag("--args", wrong).has_error(), wrong);
}
