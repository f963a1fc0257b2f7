#include "vmsystem/engine/utf8.hpp"

#include <boost/test/unit_test.hpp>

using vmsystem::engine::detail::append_valid_utf8;
using vmsystem::engine::detail::truncate_utf8;

namespace {

std::string valid(std::string_view text, std::size_t max_bytes = SIZE_MAX) {
  std::string result;
  append_valid_utf8(result, text, max_bytes);
  return result;
}

const std::pair<std::string_view, std::string_view> utf8_cases[] = {
  {"", ""},
  {"plain", "plain"},
  {"\xc3\xa9", "\xc3\xa9"},
  {"\xe2\x82\xac.", "\xe2\x82\xac."},
  {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
  {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
  // Lone surrogates, of either kind.
  {"a\xed\xa0\x80"
   "b",
   "a\xef\xbf\xbd"
   "b"},
  {"\xed\xbf\xbf", "\xef\xbf\xbd"},
  // Overlong, beyond the last character, cut off, out of place.
  {"\xc0\x80", "\xef\xbf\xbd"},
  {"\xe0\x9f\xbf", "\xef\xbf\xbd"},
  {"\xf0\x8f\xbf\xbf", "\xef\xbf\xbd"},
  {"\xf4\x90\x80\x80", "\xef\xbf\xbd"},
  {"\xe2\x82", "\xef\xbf\xbd"},
  {"\xe2\x82x", "\xef\xbf\xbdx"},
  {"\x80", "\xef\xbf\xbd"},
  {"\xff\xff", "\xef\xbf\xbd\xef\xbf\xbd"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(what_is_no_character_becomes_a_replacement) {
  for (const auto& [text, expected] : utf8_cases)
    BOOST_TEST(valid(text) == expected);
}

BOOST_AUTO_TEST_CASE(no_character_is_cut) {
  const std::string_view text = "a\xc3\xa9\xe2\x82\xac";
  BOOST_TEST(valid(text, 0) == "");
  BOOST_TEST(valid(text, 1) == "a");
  BOOST_TEST(valid(text, 2) == "a");
  BOOST_TEST(valid(text, 3) == "a\xc3\xa9");
  BOOST_TEST(valid(text, 5) == "a\xc3\xa9");
  BOOST_TEST(valid(text, 6) == text);
  std::string cut{text};
  truncate_utf8(cut, 5);
  BOOST_TEST(cut == "a\xc3\xa9");
}

BOOST_AUTO_TEST_SUITE_END()
