#include "vmsystem/models/time.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <string>
#include <string_view>

using namespace vmsystem;
using namespace std::string_view_literals;

BOOST_AUTO_TEST_SUITE(timestamps)

BOOST_AUTO_TEST_CASE(known_points_are_formatted_and_read_back) {
  struct point {
    int64_t us;
    std::string_view text;
  };
  const point points[] = {
    {0, "1970-01-01T00:00:00.000000Z"},
    {1, "1970-01-01T00:00:00.000001Z"},
    {-1, "1969-12-31T23:59:59.999999Z"},
    {999999, "1970-01-01T00:00:00.999999Z"},
    {1000000, "1970-01-01T00:00:01.000000Z"},
    {86399999999, "1970-01-01T23:59:59.999999Z"},
    {86400000000, "1970-01-02T00:00:00.000000Z"},
    {-86400000000, "1969-12-31T00:00:00.000000Z"},
    {-86400000001, "1969-12-30T23:59:59.999999Z"},
    {951782400000000, "2000-02-29T00:00:00.000000Z"},
    {951868800000000, "2000-03-01T00:00:00.000000Z"},
    {1709210096789012, "2024-02-29T12:34:56.789012Z"},
    {4107542399000000, "2100-02-28T23:59:59.000000Z"},
    {4107542400000000, "2100-03-01T00:00:00.000000Z"},
    {-2203891200000000, "1900-03-01T00:00:00.000000Z"},
    {253402300799999999, "9999-12-31T23:59:59.999999Z"},
    {-62135596800000000, "0001-01-01T00:00:00.000000Z"},
  };
  for (const auto& [us, text] : points)
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(timestamp{us}.to_string() == text);
      const auto read = timestamp::parse(text);
      BOOST_TEST_REQUIRE(read.has_value());
      BOOST_TEST(read->us == us);
    }
}

BOOST_AUTO_TEST_CASE(every_day_of_eight_centuries_has_its_date) {
  constexpr int64_t us_per_day = 86400ll * 1000000;
  const auto leap = [](int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  };
  const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  auto us = timestamp::parse("1600-01-01T00:00:00Z")->us;
  for (int year = 1600; year < 2400; ++year)
    for (int month = 1; month <= 12; ++month) {
      const int days = lengths[month - 1] + (month == 2 && leap(year) ? 1 : 0);
      for (int day = 1; day <= days; ++day, us += us_per_day) {
        char text[64];
        std::snprintf(text, sizeof(text), "%04d-%02d-%02dT00:00:00.000000Z",
                      year, month, day);
        BOOST_TEST_REQUIRE(timestamp{us}.to_string() == text);
        BOOST_TEST_REQUIRE(timestamp::parse(text)->us == us);
      }
    }
  BOOST_TEST(us == timestamp::parse("2400-01-01T00:00:00Z")->us);
}

BOOST_AUTO_TEST_CASE(up_to_nine_digits_follow_the_second) {
  struct fraction {
    std::string_view text;
    int64_t us;
  };
  const fraction fractions[] = {
    {"", 0},
    {".0", 0},
    {".1", 100000},
    {".12", 120000},
    {".123", 123000},
    {".1234", 123400},
    {".12345", 123450},
    {".123456", 123456},
    {".1234567", 123456},
    {".12345678", 123456},
    {".123456789", 123456},
    {".999999999", 999999},
    {".000001", 1},
    {".000000999", 0},
  };
  for (const auto& [text, us] : fractions)
    BOOST_TEST_CONTEXT(text) {
      const auto whole = "1970-01-01T00:00:00" + std::string{text} + 'Z';
      const auto read = timestamp::parse(whole);
      BOOST_TEST_REQUIRE(read.has_value());
      BOOST_TEST(read->us == us);
    }
}

BOOST_AUTO_TEST_CASE(a_leap_second_is_the_first_of_the_next_minute) {
  BOOST_TEST((timestamp::parse("2016-12-31T23:59:60Z")
              == timestamp::parse("2017-01-01T00:00:00Z")));
}

BOOST_AUTO_TEST_CASE(other_forms_are_refused) {
  const std::string_view texts[] = {
    "",
    "Z",
    "2024",
    "2024-02-29",
    "2024-02-29T12:34:56",
    "2024-02-29T12:34:56z",
    "2024-02-29t12:34:56Z",
    "2024-02-29 12:34:56Z",
    "2024-02-29T12:34Z",
    "2024-02-29T12:34:56.Z",
    "2024-02-29T12:34:56,5Z",
    "2024-02-29T12:34:56.1234567890Z",
    "2024-02-29T12:34:56.12a456Z",
    "2024-02-29T12:34:56.-12345Z",
    "2024-02-29T12:34:56.5 Z",
    "2024-02-29T12:34:56+00:00",
    "2024-02-29T12:34:56.5+02:00",
    "2024-02-29T12:34:56ZZ",
    " 2024-02-29T12:34:56Z",
    "2024-02-29T12:34:56Z ",
    "2024/02/29T12:34:56Z",
    "2024-2-29T12:34:56.00Z",
    "+024-02-29T12:34:56Z",
    "-024-02-29T12:34:56Z",
    "2024-00-01T12:34:56Z",
    "2024-13-01T12:34:56Z",
    "2024-01-00T12:34:56Z",
    "2024-01-32T12:34:56Z",
    "2024-02-29T24:00:00Z",
    "2024-02-29T12:60:00Z",
    "2024-02-29T12:34:61Z",
    "2024-02-29T12-34-56Z",
    "2024-02-29T1a:34:56Z",
    "2024-02-29T12:34:5\0Z"sv,
    "12024-02-29T12:34:56Z",
  };
  for (const auto text : texts)
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(!timestamp::parse(text).has_value());
    }
}

BOOST_AUTO_TEST_CASE(days_that_a_month_does_not_have_are_refused) {
  const std::string_view texts[] = {
    "2023-02-29T00:00:00Z", "2024-02-30T00:00:00Z", "1900-02-29T00:00:00Z",
    "2100-02-29T00:00:00Z", "2024-04-31T00:00:00Z", "2024-06-31T00:00:00Z",
    "2024-09-31T00:00:00Z", "2024-11-31T00:00:00Z",
  };
  for (const auto text : texts)
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(!timestamp::parse(text).has_value());
    }
}

BOOST_AUTO_TEST_CASE(now_is_set_and_goes_on) {
  const auto first = timestamp::now();
  const auto second = timestamp::now();
  BOOST_TEST(first.set());
  BOOST_TEST(!(second < first));
  BOOST_TEST((timestamp::parse(first.to_string()) == first));
  BOOST_TEST(!timestamp{}.set());
}

BOOST_AUTO_TEST_SUITE_END()
