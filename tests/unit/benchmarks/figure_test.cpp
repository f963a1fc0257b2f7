#include "vmsystem/benchmarks/harness/format.hpp"
#include "vmsystem/tests/unit/benchmarks/support.hpp"

#include <boost/test/unit_test.hpp>

namespace vmsystem::bench {

BOOST_AUTO_TEST_SUITE(figure_suite)

BOOST_AUTO_TEST_CASE(the_median_is_the_middle_or_the_mean_of_the_two) {
  BOOST_TEST((sample{{3, 1, 2}}.median()) == 2);
  BOOST_TEST((sample{{4, 1, 2, 3}}.median()) == 2.5);
  BOOST_TEST(sample{}.median() == 0);
}

BOOST_AUTO_TEST_CASE(the_spread_is_a_share_of_the_median) {
  BOOST_TEST((sample{{8, 10, 12}}.spread()) == 0.4);
  BOOST_TEST((sample{{8}}.spread()) == 0);
  BOOST_TEST((sample{{-1, 0, 1}}.spread()) == 0);
}

BOOST_AUTO_TEST_CASE(the_tightest_bound_depends_on_the_direction) {
  auto rate = a_figure("rate", better::higher, {5});
  auto time = a_figure("time", better::lower, {5});
  for (auto* x : {&rate, &time})
    x->bounds = {{"small", 4}, {"great", 10}};
  BOOST_TEST(rate.tightest()->what == "small");
  BOOST_TEST(time.tightest()->what == "great");
  BOOST_TEST(*rate.ratio() == 1.25);
}

BOOST_AUTO_TEST_CASE(a_bar_is_reached_when_it_is_met_exactly) {
  for (const auto direction : {better::higher, better::lower}) {
    auto x = a_figure("x", direction, {5});
    BOOST_TEST(!x.reached());
    x.bar = 5;
    BOOST_TEST(*x.reached());
    x.bar = direction == better::higher ? 5.1 : 4.9;
    BOOST_TEST(!*x.reached());
  }
}

BOOST_AUTO_TEST_CASE(numbers_have_three_digits_and_groups) {
  BOOST_TEST(number_text(0.12345) == "0.123");
  BOOST_TEST(number_text(12.345) == "12.3");
  BOOST_TEST(number_text(999.4) == "999");
  BOOST_TEST(number_text(1234567) == "1,234,567");
  BOOST_TEST(number_text(-1234) == "-1,234");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace vmsystem::bench
