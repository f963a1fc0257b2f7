#include "vmsystem/models/limited_log.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace vmsystem;
using namespace std::chrono_literals;

namespace {

struct fixture {
  std::vector<log_entry> lines;
  limited_log log{[this](const log_entry& line) { lines.push_back(line); },
                  log_level::warning, "it rained"};
  limited_log::time_point now{1h};

  void happens(int times) {
    for (int i = 0; i < times; ++i)
      if (log.takes(now))
        log.add({{"number", static_cast<uint64_t>(i)}});
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(limited_logs, fixture)

BOOST_AUTO_TEST_CASE(each_thing_has_its_line) {
  happens(10);
  BOOST_REQUIRE(lines.size() == 10u);
  BOOST_TEST((lines.front().level == log_level::warning));
  BOOST_TEST(lines.front().message == "it rained");
  BOOST_TEST(lines.back().fields.at(0).name == "number");
  BOOST_TEST(lines.back().fields.at(0).value == "9");
  BOOST_TEST(!log.owes());
}

BOOST_AUTO_TEST_CASE(a_flood_has_a_line_for_what_was_left_out) {
  happens(1000);
  BOOST_TEST(lines.size() == 10u);
  BOOST_TEST(log.owes());
  now += 999ms;
  happens(1);
  log.settle(now);
  BOOST_TEST(lines.size() == 10u);
  now += 1ms;
  log.settle(now);
  BOOST_REQUIRE(lines.size() == 11u);
  BOOST_TEST(lines.back().message
             == "it rained, more often than the log has lines for");
  BOOST_TEST(lines.back().fields.at(0).name == "left_out");
  BOOST_TEST(lines.back().fields.at(0).value == "991");
  BOOST_TEST(lines.back().fields.at(0).is_number);
  BOOST_TEST(!log.owes());
  log.settle(now + 1h);
  BOOST_TEST(lines.size() == 11u);
}

BOOST_AUTO_TEST_CASE(what_was_left_out_is_said_before_the_next_line) {
  happens(12);
  now += 5s;
  happens(11);
  BOOST_REQUIRE(lines.size() == 21u);
  BOOST_TEST(lines.at(10).fields.at(0).value == "2");
  BOOST_TEST(log.owes());
}

BOOST_AUTO_TEST_CASE(nobody_has_to_listen) {
  limited_log silent;
  BOOST_TEST(!silent.takes(now));
  silent.settle(now);
  BOOST_TEST(!silent.owes());
}

BOOST_AUTO_TEST_SUITE_END()
