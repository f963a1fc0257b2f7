#include "vmsystem/actors/http/rate_limiter.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>

using namespace std::chrono_literals;
using vmsystem::http::rate_limiter;

namespace {

const rate_limiter::time_point begin{1000h};

/// How many of `most` requests at `now` there is room for.
uint32_t taken(rate_limiter& x, rate_limiter::time_point now, uint32_t rate,
               uint32_t most) {
  uint32_t result = 0;
  while (result < most && x.take(now, rate))
    ++result;
  return result;
}

} // namespace

BOOST_AUTO_TEST_CASE(one_second_has_as_many_requests_as_the_rate) {
  for (const uint32_t rate : {1u, 3u, 7u, 1000u, 1000000u}) {
    BOOST_TEST_CONTEXT(rate) {
      rate_limiter x;
      BOOST_TEST(taken(x, begin, rate, 2 * rate) == rate);
      BOOST_TEST(taken(x, begin + 1s, rate, 2 * rate) == rate);
      // A longer pause saves no more up.
      BOOST_TEST(taken(x, begin + 1h, rate, 2 * rate) == rate);
    }
  }
}

BOOST_AUTO_TEST_CASE(room_comes_back_evenly) {
  rate_limiter x;
  BOOST_TEST(taken(x, begin, 4, 9) == 4u);
  BOOST_TEST(!x.take(begin + 249ms, 4));
  BOOST_TEST(taken(x, begin + 250ms, 4, 9) == 1u);
  BOOST_TEST(taken(x, begin + 749ms, 4, 9) == 1u);
  BOOST_TEST(taken(x, begin + 750ms, 4, 9) == 1u);
}

BOOST_AUTO_TEST_CASE(a_refused_request_takes_no_room) {
  rate_limiter x;
  BOOST_TEST(x.take(begin, 1));
  for (int i = 0; i < 100; ++i)
    BOOST_TEST(!x.take(begin + 999ms, 1));
  BOOST_TEST(x.take(begin + 1s, 1));
}

BOOST_AUTO_TEST_CASE(the_rate_may_change) {
  rate_limiter x;
  BOOST_TEST(taken(x, begin, 2, 9) == 2u);
  BOOST_TEST(taken(x, begin, 100, 9) == 0u);
  BOOST_TEST(taken(x, begin + 500ms, 100, 200) == 50u);
  BOOST_TEST(!x.take(begin + 500ms, 1));
}
