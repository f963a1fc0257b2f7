#include "vmsystem/app/repl_colour.hpp"
#include "vmsystem/app/repl_completion.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace vmsystem;

namespace {

/// `a.b|c` for the path a, b and the start c; `-` for no place.
std::string place_in(const std::string& text) {
  const auto place = completion_place_in(text);
  if (!place)
    return "-";
  std::string result;
  for (const auto& name : place->path)
    result += (result.empty() ? "" : ".") + name;
  return result + '|' + place->start;
}

/// With the escape sequences of colours as `<` and the number and `>`.
std::string coloured(const std::string& text) {
  std::string result;
  for (const char c : coloured_value(text))
    if (c == '\x1b')
      result += '<';
    else if (result.rfind('<') != std::string::npos && c == 'm'
             && result.find('>', result.rfind('<')) == std::string::npos)
      result += '>';
    else
      result += c;
  return result;
}

} // namespace

BOOST_AUTO_TEST_CASE(what_is_completed_stands_in_front_of_the_cursor) {
  const std::vector<std::pair<std::string, std::string>> cases{
    {"", "-"},         {"a", "|a"},
    {"a.", "a|"},      {"a.b?.c", "a.b|c"},
    {"f(a.b", "a|b"},  {"x = [1, a.", "a|"},
    {"`${a.b", "a|b"}, {"let a = 1\na.b", "a|b"},
    {"a ", "-"},       {"f().b", "-"},
    {"a[0].b", "-"},   {"'a.b", "-"},
    {"'a'.b", "-"},    {"`a.b", "-"},
    {"/* a.b", "-"},   {"// a.b", "-"},
    {"1.", "-"},       {"a + ", "-"},
  };
  for (const auto& [text, wanted] : cases)
    BOOST_TEST(place_in(text) == wanted, text);
}

BOOST_AUTO_TEST_CASE(only_our_own_getter_is_run_for_a_completion) {
  const auto place = *completion_place_in("_.a");
  BOOST_TEST(completion_script(place, true).find(", true, [\"_\"], \"a\")")
             != std::string::npos);
  BOOST_TEST(completion_script(place, false).find(", false, [\"_\"], \"a\")")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_begin_alike) {
  BOOST_TEST(common_start({}).empty());
  BOOST_TEST(common_start({"abc"}) == "abc");
  BOOST_TEST(common_start({"abd", "abc", "ab"}) == "ab");
  BOOST_TEST(common_start({"a\u00e4", "a\u00f6"}) == "a");
}

BOOST_AUTO_TEST_CASE(strings_are_shown_in_quotes) {
  BOOST_TEST(shown_value("string", "a") == "'a'");
  BOOST_TEST(shown_value("string", "it's") == "\"it's\"");
  BOOST_TEST(shown_value("string", "'\"") == "`'\"`");
  BOOST_TEST(shown_value("string", "'\"`") == "'\\'\"`'");
  BOOST_TEST(shown_value("string", "a\n\\\x1b[31m") == "'a\\n\\\\\\u001b[31m'");
  BOOST_TEST(shown_value("number", "1") == "1");
}

BOOST_AUTO_TEST_CASE(values_have_colours_by_type) {
  const std::vector<std::pair<std::string, std::string>> cases{
    {"42", "<[33>42<[0>"},
    {"-1.5e-7", "<[33>-1.5e-7<[0>"},
    {"10n", "<[33>10n<[0>"},
    {"undefined", "<[90>undefined<[0>"},
    {"null", "<[1>null<[0>"},
    {"true", "<[33>true<[0>"},
    {"'it\\'s'", "<[32>'it\\'s'<[0>"},
    {"{ a: 1, true: x }", "{ a: <[33>1<[0>, true: x }"},
    {"[ 'a' ]", "[ <[32>'a'<[0> ]"},
    {"[Function: f]", "<[36>[Function: f]<[0>"},
    {"[class A]", "<[36>[class A]<[0>"},
    {"Symbol(a)", "<[32>Symbol(a)<[0>"},
    {"1970-01-01T00:00:00.000Z", "<[35>1970-01-01T00:00:00.000Z<[0>"},
    {"A { b: [Object] }", "A { b: <[36>[Object]<[0> }"},
    {"", ""},
    {"'", "<[32>'<[0>"},
  };
  for (const auto& [text, wanted] : cases)
    BOOST_TEST(coloured(text) == wanted, text << ": " << coloured(text));
}
