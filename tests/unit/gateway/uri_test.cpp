#include "vmsystem/actors/http/uri.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;
using http::percent_decode;
using http::plus_sign;
using http::query_string;
using http::split_target;

BOOST_AUTO_TEST_CASE(targets_are_split_at_the_question_mark) {
  struct target_case {
    std::string_view target;
    std::string_view path;
    std::string_view query;
  };
  const std::vector<target_case> cases{
    {"/", "/", ""},
    {"/a/b", "/a/b", ""},
    {"/a?", "/a", ""},
    {"/a?b=c?d", "/a", "b=c?d"},
    {"*", "*", ""},
    {"http://h", "/", ""},
    {"http://h?x", "/", "x"},
    {"http://h/a?x", "/a", "x"},
    {"HTTPS://h:1/a", "/a", ""},
  };
  for (const auto& x : cases)
    BOOST_TEST_CONTEXT(x.target) {
      const auto parts = split_target(x.target);
      BOOST_REQUIRE(parts.has_value());
      BOOST_TEST(parts.value().path == x.path);
      BOOST_TEST(parts.value().query == x.query);
    }
}

BOOST_AUTO_TEST_CASE(targets_that_are_no_paths_are_refused) {
  for (const auto* target : {"", "a", "?", "h:80", "http://", "http:///a",
                             "ftp://h/a", "/a#b", "http://h/a#b", "**"})
    BOOST_TEST_CONTEXT(target)
  BOOST_TEST(!split_target(target).has_value());
}

BOOST_AUTO_TEST_CASE(escapes_are_decoded_or_refused) {
  BOOST_TEST(percent_decode("a%20b%2F", plus_sign::itself).value() == "a b/");
  BOOST_TEST(percent_decode("a+b", plus_sign::itself).value() == "a+b");
  BOOST_TEST(percent_decode("a+b", plus_sign::space).value() == "a b");
  BOOST_TEST(percent_decode("%c3%A4", plus_sign::itself).value() == "\xc3\xa4");
  for (const auto* text : {"%", "%1", "a%", "%g0", "%0g", "%00", "%ff", "%c3",
                           "%ed%a0%80", "%-1", "% 1"})
    BOOST_TEST_CONTEXT(text)
  BOOST_TEST(!percent_decode(text, plus_sign::itself).has_value());
}

BOOST_AUTO_TEST_CASE(query_parameters_are_found_by_name) {
  const auto query = query_string::parse("a=1&b=&c&d=x%26y&a=2&%65=5&&f=g=h");
  BOOST_REQUIRE(query.has_value());
  const auto& x = query.value();
  BOOST_TEST(x.find("a").value() == "1");
  BOOST_TEST(!x.find("b").has_value());
  BOOST_TEST(!x.find("c").has_value());
  BOOST_TEST(x.find("d").value() == "x&y");
  BOOST_TEST(x.find("e").value() == "5");
  BOOST_TEST(x.find("f").value() == "g=h");
  BOOST_TEST(!x.find("g").has_value());
}

BOOST_AUTO_TEST_CASE(a_query_with_a_malformed_escape_is_refused) {
  for (const auto* text : {"a=%", "%zz=1", "a=1&b=%0"})
    BOOST_TEST(!query_string::parse(text).has_value());
  BOOST_TEST(query_string::parse("").has_value());
}
