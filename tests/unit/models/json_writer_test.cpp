#include "vmsystem/models/codec.hpp"
#include "vmsystem/models/json_writer.hpp"
#include "vmsystem/models/text.hpp"
#include "vmsystem/tests/unit/models/support.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;
using namespace std::string_view_literals;

namespace {

template <class T>
std::string written(const T& value) {
  json_writer writer;
  writer.value(value);
  BOOST_TEST(writer.ok());
  return writer.text();
}

constexpr std::string_view not_utf8[] = {
  "\x80",             // continues nothing
  "\xff",             // never part of UTF-8
  "\xc3",             // cut short
  "\xe2\x82",         // cut short
  "\xf0\x9f\x98",     // cut short
  "\xc3(",            // continued by something else
  "\xc0\x80",         // NUL in two bytes
  "\xc1\xbf",         // ASCII in two bytes
  "\xe0\x9f\xbf",     // two bytes are enough
  "\xed\xa0\x80",     // a surrogate
  "\xed\xbf\xbf",     // a surrogate
  "\xf0\x8f\xbf\xbf", // three bytes are enough
  "\xf4\x90\x80\x80", // above U+10FFFF
  "good\xff",
  "\xff good",
};

} // namespace

BOOST_AUTO_TEST_SUITE(json_writers)

BOOST_AUTO_TEST_CASE(each_byte_is_escaped_wherever_it_stands) {
  const auto escaped = [](unsigned byte) -> std::string {
    static const std::map<unsigned, std::string> named{
      {'"', "\\\""}, {'\\', "\\\\"}, {8, "\\b"}, {9, "\\t"},
      {10, "\\n"},   {12, "\\f"},    {13, "\\r"}};
    if (const auto at = named.find(byte); at != named.end())
      return at->second;
    if (byte >= 0x20)
      return std::string(1, static_cast<char>(byte));
    std::string hex;
    append_hex(hex, std::string(1, static_cast<char>(byte)));
    return "\\u00" + hex;
  };
  const auto upper = [](std::string text) {
    for (auto& c : text)
      c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
    return text;
  };
  for (unsigned byte = 0; byte < 0x80; ++byte)
    for (std::size_t before = 0; before < 18; ++before)
      for (const std::size_t behind : {0u, 1u, 7u, 40u}) {
        const std::string head(before, 'x');
        const std::string tail(behind, ' ');
        const auto text = head + static_cast<char>(byte) + tail;
        auto wanted = escaped(byte);
        if (wanted.size() == 6)
          wanted = "\\u" + upper(wanted.substr(2));
        wanted = '"' + head + wanted + tail + '"';
        BOOST_REQUIRE_EQUAL(written(std::string_view{text}), wanted);
        json_writer object;
        object.begin_object();
        object.key(text);
        object.value(true);
        object.key(text);
        object.value(std::string_view{text});
        object.end_object();
        BOOST_REQUIRE_EQUAL(object.text(), '{' + wanted + ":true," + wanted
                                             + ':' + wanted + '}');
      }
}

BOOST_AUTO_TEST_CASE(values_are_written_as_compact_json) {
  BOOST_TEST(written(true) == "true");
  BOOST_TEST(written(false) == "false");
  BOOST_TEST(written(uint32_t{0}) == "0");
  BOOST_TEST(written(UINT32_MAX) == "4294967295");
  BOOST_TEST(written(INT32_MIN) == "-2147483648");
  BOOST_TEST(written(UINT64_MAX) == "18446744073709551615");
  BOOST_TEST(written(std::numeric_limits<int64_t>::min())
             == "-9223372036854775808");
  json_writer writer;
  writer.begin_object();
  writer.key("list");
  writer.begin_array();
  writer.null();
  writer.begin_object();
  writer.end_object();
  writer.value("text"sv);
  writer.end_array();
  writer.key("more");
  writer.raw({R"({"a":1})"});
  writer.key("absent");
  writer.raw({});
  writer.end_object();
  BOOST_TEST(writer.ok());
  BOOST_TEST(writer.view()
             == R"({"list":[null,{},"text"],"more":{"a":1},"absent":null})");
}

BOOST_AUTO_TEST_CASE(texts_are_escaped_where_json_asks_for_it) {
  struct row {
    std::string_view text;
    std::string_view json;
  };
  const row rows[] = {
    {"", R"("")"},
    {std::string_view{}, R"("")"},
    {"plain", R"("plain")"},
    {"\"\\/", R"("\"\\/")"},
    {"\b\f\n\r\t", R"("\b\f\n\r\t")"},
    {"\0"sv, R"("\u0000")"},
    {"\x01\x1f\x7f", "\"\\u0001\\u001F\x7f\""},
    {"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80",
     "\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\""},
    {"\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
     "\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf"
     "\xbf\""},
    {"\xed\x9f\xbf\xee\x80\x80", "\"\xed\x9f\xbf\xee\x80\x80\""},
  };
  for (const auto& [text, json] : rows)
    BOOST_TEST(written(text) == json);
}

BOOST_AUTO_TEST_CASE(a_text_that_is_not_utf8_makes_the_writer_not_ok) {
  for (const auto text : not_utf8)
    BOOST_TEST_CONTEXT(text) {
      json_writer value;
      value.value(text);
      BOOST_TEST(!value.ok());
      json_writer key;
      key.begin_object();
      key.key(text);
      BOOST_TEST(!key.ok());
      key.value(true);
      key.end_object();
      BOOST_TEST(!key.ok());
    }
}

BOOST_AUTO_TEST_CASE(one_bad_byte_is_found_in_texts_of_every_length) {
  for (std::size_t size = 1; size <= 80; ++size)
    for (std::size_t at = 0; at < size; ++at) {
      BOOST_TEST_CONTEXT(size << " bytes, a bad one at " << at) {
        std::string text(size, 'x');
        json_writer good;
        good.value(text);
        BOOST_TEST_REQUIRE(good.ok());
        BOOST_TEST_REQUIRE(good.view() == '"' + text + '"');
        text[at] = '\xff';
        json_writer bad;
        bad.value(text);
        BOOST_TEST_REQUIRE(!bad.ok());
        text.replace(at, 1, "\xc3\xa9");
        json_writer accented;
        accented.value(text);
        BOOST_TEST_REQUIRE(accented.ok());
        BOOST_TEST_REQUIRE(accented.view() == '"' + text + '"');
      }
    }
}

BOOST_AUTO_TEST_CASE(microseconds_are_written_as_milliseconds) {
  struct row {
    uint64_t us;
    std::string_view json;
  };
  const row rows[] = {
    {0, "0"},
    {1, "0.001"},
    {10, "0.010"},
    {100, "0.100"},
    {999, "0.999"},
    {1000, "1"},
    {1001, "1.001"},
    {1500, "1.500"},
    {999999, "999.999"},
    {1000000, "1000"},
    {123456789, "123456.789"},
    {UINT64_MAX, "18446744073709551.615"},
  };
  for (const auto& [us, json] : rows) {
    json_writer writer;
    writer.milliseconds(us);
    BOOST_TEST(writer.ok());
    BOOST_TEST(writer.view() == json);
  }
}

BOOST_AUTO_TEST_CASE(to_json_refuses_what_is_not_utf8) {
  for (const auto text : not_utf8)
    BOOST_TEST_CONTEXT(text) {
      const auto outcome = to_json(std::string{text});
      BOOST_TEST(code_of(outcome) == "INTERNAL");
      BOOST_TEST(message_of(outcome) == "a text is not valid UTF-8");
    }
  BOOST_TEST(must(to_json(std::vector<std::string>{"a", "b"})).text
             == R"(["a","b"])");
}

BOOST_AUTO_TEST_CASE(to_json_or_gives_the_document_or_the_fallback) {
  const echo_payload good{"fine"};
  const echo_payload bad{"\xff"};
  BOOST_TEST(to_json_or(good, "{}").text == R"({"text":"fine"})");
  BOOST_TEST(to_json_or(good, "").text == R"({"text":"fine"})");
  BOOST_TEST(to_json_or(bad, "{}").text == "{}");
  BOOST_TEST(to_json_or(bad, R"({"text":"?"})").text == R"({"text":"?"})");
  BOOST_TEST(to_json_or(bad, "").text == "null");
}

BOOST_AUTO_TEST_CASE(details_are_an_object_of_strings) {
  BOOST_TEST(details_of({}).text == "{}");
  BOOST_TEST(details_of({{"a", "1"}, {"b", "\"2\""}}).text
             == R"({"a":"1","b":"\"2\""})");
  BOOST_TEST(details_of({{"a", "\xff"}}).text == "{}");
}

BOOST_AUTO_TEST_CASE(error_envelopes_carry_code_message_and_details) {
  BOOST_TEST(error_envelope(fail(ec::session_busy, "wait"))
             == R"({"error":{"code":"SESSION_BUSY","message":"wait",)"
                R"("details":{}}})");
  BOOST_TEST(error_envelope({ec::not_found, "\"x\"", {R"({"path":"/x"})"}})
             == R"({"error":{"code":"NOT_FOUND","message":"\"x\"",)"
                R"("details":{"path":"/x"}}})");
  BOOST_TEST(error_envelope(fail(ec::none, ""))
             == R"({"error":{"code":"INTERNAL","message":"","details":{}}})");
}

BOOST_AUTO_TEST_CASE(error_envelopes_survive_messages_that_are_not_utf8) {
  for (const auto text : not_utf8)
    for (const auto& row : error_table())
      BOOST_TEST_CONTEXT(row.name) {
        const auto envelope
          = error_envelope(fail(row.code, "at " + std::string{text}));
        BOOST_TEST(envelope
                   == R"({"error":{"code":")" + std::string{row.name}
                        + R"(","message":")" + std::string{row.when}
                        + R"(","details":{}}})");
        BOOST_TEST(code_of(parse_json(envelope)) == "ok");
      }
}

BOOST_AUTO_TEST_SUITE_END()
