#include "vmsystem/persistence/event_chunk.hpp"

#include <boost/test/unit_test.hpp>

#include <string_view>

using namespace vmsystem;

namespace {

constexpr std::string_view three = "{1},\n{2},\n{3}";

} // namespace

BOOST_AUTO_TEST_SUITE(event_chunk)

BOOST_AUTO_TEST_CASE(events_are_counted_by_their_newlines) {
  BOOST_TEST(count_events("") == 0u);
  BOOST_TEST(count_events("{1}") == 1u);
  BOOST_TEST(count_events(three) == 3u);
}

BOOST_AUTO_TEST_CASE(without_a_limit_a_slice_goes_to_the_end) {
  const auto all = slice_events(three, 0, 0);
  BOOST_TEST(all.text == three);
  BOOST_TEST(all.count == 3u);
  const auto rest = slice_events(three, 2, 0);
  BOOST_TEST(rest.text == "{3}");
  BOOST_TEST(rest.count == 1u);
}

BOOST_AUTO_TEST_CASE(a_slice_has_no_separator_at_its_ends) {
  const auto middle = slice_events(three, 1, 1);
  BOOST_TEST(middle.text == "{2}");
  BOOST_TEST(middle.count == 1u);
}

BOOST_AUTO_TEST_CASE(a_limit_beyond_the_end_takes_what_is_there) {
  const auto rest = slice_events(three, 1, 9);
  BOOST_TEST(rest.text == "{2},\n{3}");
  BOOST_TEST(rest.count == 2u);
}

BOOST_AUTO_TEST_CASE(skipping_all_leaves_nothing) {
  BOOST_TEST(slice_events(three, 3, 0).count == 0u);
  BOOST_TEST(slice_events(three, UINT32_MAX, 5).count == 0u);
  BOOST_TEST(slice_events("", 0, 0).count == 0u);
  BOOST_TEST(slice_events("", 0, 1).text.empty());
}

BOOST_AUTO_TEST_SUITE_END()
