#define BOOST_TEST_MODULE logs
#include "daemon.hpp"
#include "vmsystem/models/text.hpp"
#include "vmsystem/models/time.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

BOOST_AUTO_TEST_CASE(each_line_of_the_log_is_an_object) {
  test_daemon server{{"--log-format", "json"}};
  BOOST_TEST((server.stop() == 0));
  const auto log = server.log();
  std::vector<std::string> messages;
  std::string_view rest = log;
  while (!rest.empty()) {
    const auto line = cut(rest, '\n');
    const auto value = json_value::parse(line);
    BOOST_REQUIRE_MESSAGE(value.has_value(), line);
    BOOST_TEST(timestamp::parse(value->field("time").text()).has_value(), line);
    BOOST_TEST(value->field("level").text() == "info", line);
    messages.push_back(value->field("message").text());
    if (messages.size() == 1) {
      BOOST_TEST(value->field("store").is_string(), line);
      BOOST_TEST(value->field("templates").raw() == "0", line);
    }
  }
  const std::vector<std::string> wanted{"opened the store",
                                        "stopping: Terminated", "stopped"};
  BOOST_TEST(messages == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(another_format_is_refused) {
  const auto ended = run_program({program(), "serve", "--log-format", "xml"});
  BOOST_TEST(ended.status == 2);
  BOOST_TEST(ended.err.find("--log-format") != std::string::npos, ended.err);
}
