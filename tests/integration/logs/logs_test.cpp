#define BOOST_TEST_MODULE logs
#include "daemon.hpp"
#include "vmsystem/models/text.hpp"
#include "vmsystem/models/time.hpp"
#include "vmsystem/tests/eventually.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

BOOST_AUTO_TEST_CASE(slow_executions_have_a_line_with_their_ids) {
  test_daemon server{{"--log-format", "json", "--slow-ms", "100"}};
  auto client = server.connect();
  const auto of = make_template(client, R"({"wall_ms":150})");
  const auto session = make_session(client, of);
  run_snippet(client, session, "'quick'");
  const auto slow = run_snippet(client, session, "for (;;) {}");
  BOOST_TEST((server.stop() == 0));
  const auto log = server.log();
  std::vector<json_value> lines;
  for (std::string_view rest = log; !rest.empty();) {
    const auto value = json_value::parse(cut(rest, '\n'));
    BOOST_REQUIRE(value.has_value());
    if (value->field("message").text() == "an execution was slow")
      lines.push_back(*value);
  }
  // The machine may be slow as well, but not both of them in any order.
  BOOST_REQUIRE_MESSAGE(!lines.empty(), log);
  const auto& line = lines.back();
  BOOST_TEST(line.field("level").text() == "warning");
  BOOST_TEST(line.field("execution_id").text() == slow.field("id").text());
  BOOST_TEST(line.field("session_id").text() == session);
  BOOST_TEST(line.field("template_id").text() == of);
  BOOST_TEST(line.field("kind").text() == "repl");
  BOOST_TEST(line.field("status").text() == "timeout");
  BOOST_TEST(line.field("end_reason").text() == "wall_timeout");
  for (const auto* name : {"wall_ms", "cpu_ms", "queue_ms"})
    BOOST_TEST(!line.field(name).is_string(), name);
  BOOST_TEST(std::stoul(std::string{line.field("wall_ms").raw()}) >= 150u);
}

BOOST_AUTO_TEST_CASE(executions_are_not_logged_without_being_asked_for) {
  test_daemon server{{"--log-format", "text"}};
  auto client = server.connect();
  const auto session
    = make_session(client, make_template(client, R"({"wall_ms":150})"));
  run_snippet(client, session, "for (;;) {}");
  BOOST_TEST((server.stop() == 0));
  BOOST_TEST(server.log().find(session) == std::string::npos, server.log());
}

BOOST_AUTO_TEST_CASE(a_log_that_nobody_reads_holds_up_nobody) {
  const temp_folder folder;
  const auto pipe = folder / "pipe";
  BOOST_REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  // Open for reading as well, so that it can be written to; and as small as it
  // gets, so that it is full after some lines.
  const int reader = open(pipe.c_str(), O_RDWR | O_CLOEXEC);
  BOOST_REQUIRE(reader >= 0);
  BOOST_REQUIRE(fcntl(reader, F_SETPIPE_SZ, 4096) == 4096);
  const std::string rubbish(4096 - 64, 'x');
  BOOST_REQUIRE(write(reader, rubbish.data(), rubbish.size())
                == static_cast<ssize_t>(rubbish.size()));
  child_process server{{program(), "--db", folder / "store", "serve",
                        "--listen", "127.0.0.1:0", "--port-file",
                        folder / "port", "--slow-ms", "1"},
                       folder / "out",
                       pipe};
  BOOST_REQUIRE(eventually([&] { return !bytes_of(folder / "port").empty(); },
                           std::chrono::seconds{30}));
  http_connection client{
    static_cast<uint16_t>(std::stoul(bytes_of(folder / "port")))};
  const auto session = make_session(client, make_template(client));
  for (int i = 0; i < 20; ++i)
    run_snippet(client, session,
                "{ const end = Date.now() + 3; while (Date.now() < end); }");
  server.signal(SIGTERM);
  BOOST_TEST((server.wait(std::chrono::seconds{30}) == 0));
  close(reader);
}

BOOST_AUTO_TEST_CASE(a_bound_that_is_no_number_is_refused) {
  for (const std::string bad : {"x", "-1", "1.5", "4294967296"}) {
    const auto ended = run_program({program(), "serve", "--slow-ms", bad});
    BOOST_TEST(ended.status == 2, bad);
    BOOST_TEST(ended.err.find("--slow-ms") != std::string::npos, ended.err);
  }
}

BOOST_AUTO_TEST_CASE(another_format_is_refused) {
  const auto ended = run_program({program(), "serve", "--log-format", "xml"});
  BOOST_TEST(ended.status == 2);
  BOOST_TEST(ended.err.find("--log-format") != std::string::npos, ended.err);
}
