#include "lines.hpp"
#include "terminal.hpp"
#include "vmsystem/tests/eventually.hpp"

#include <csignal>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// Leaves the other screen, with a cursor.
const std::string gives_back = "\x1b[?25h\x1b[?1049l";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A server on which something ran.
struct used_server {
  test_daemon server{{"--slots", "1"}};
  std::string execution;

  used_server() {
    auto client = server.connect();
    const auto session
      = make_session(client, make_template(client, R"({"wall_ms":500})"));
    execution = run_snippet(client, session, "for (;;) {}").field("id").text();
    run_snippet(client, session, "1");
  }
};

/// The view on a terminal.
struct watched {
  terminal_program view;

  explicit watched(const std::string& url)
    : view{{program(), "--server-url", url, "top", "--interval", "1"},
           {{"TERM", "xterm"}}} {}

  /// Checks that it ends, and leaves the terminal as it was.
  void check_end(int status) {
    view.wait_for(gives_back);
    BOOST_TEST((view.wait() == status));
    BOOST_TEST(view.is_usual());
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(top)

BOOST_FIXTURE_TEST_CASE(once_prints_what_is_and_ends, used_server) {
  const auto seen = cli(server, {"top", "--once", "--interval", "1"});
  BOOST_TEST(seen.status == 0, seen.err);
  for (const auto* part :
       {"vm-system ", ", up ", "Executions", "Sessions", "  ready", "Engine",
        "Store", "HTTP", "Memory", " MiB", "Slowest of the latest executions"})
    BOOST_TEST(has(seen.out, part), part << " in:\n" << seen.out);
  BOOST_TEST(has(seen.out, execution), seen.out);
  BOOST_TEST(!has(seen.out, "\x1b"));
  for (const auto& line : lines_of(seen.out))
    BOOST_TEST(line.size() <= 80u, line);
}

BOOST_FIXTURE_TEST_CASE(without_a_terminal_it_ends_too, used_server) {
  const auto seen = cli(server, {"top", "--interval", "1", "--slowest", "0"});
  BOOST_TEST(seen.status == 0, seen.err);
  BOOST_TEST(has(seen.out, "Executions"));
  BOOST_TEST(!has(seen.out, "Slowest"));
  BOOST_TEST(!has(seen.out, execution));
}

BOOST_FIXTURE_TEST_CASE(the_report_is_a_document_when_asked_for, used_server) {
  const auto seen = cli(server, {"--output", "json", "top", "--interval", "1"});
  BOOST_TEST(seen.status == 0, seen.err);
  const auto document = json_value::parse(seen.out);
  BOOST_REQUIRE_MESSAGE(document.has_value(), seen.out);
  BOOST_TEST(document->field("sessions").field("ready").raw() == "1.000");
  BOOST_TEST(document->field("engine").field("slots").raw() == "1.000");
  BOOST_TEST(document->field("http").field("requests_per_s").present());
  const auto slowest = document->field("slowest").elements();
  BOOST_REQUIRE(slowest.size() == 2u);
  BOOST_TEST(slowest[0].field("id").text() == execution);
  BOOST_TEST(slowest[0].field("status").text() == "timeout");
}

BOOST_AUTO_TEST_CASE(a_server_that_is_not_there_is_an_error) {
  const auto seen = run_program(
    {program(), "--server-url", "http://127.0.0.1:1", "top", "--once"});
  BOOST_TEST(seen.status == 1);
  BOOST_TEST(has(seen.err, "UNREACHABLE"), seen.err);
  BOOST_TEST(seen.out == "");
}

BOOST_AUTO_TEST_CASE(a_token_that_is_wrong_is_an_error) {
  const temp_folder folder;
  const auto made = run_program({program(), "token", "create", "t", "--scopes",
                                 "read", "--file", folder / "tokens"});
  BOOST_REQUIRE(made.status == 0);
  const test_daemon server{{"--token-file", folder / "tokens"}};
  const auto refused = cli(server, {"top", "--once"});
  BOOST_TEST(refused.status == 1);
  BOOST_TEST(has(refused.err, "UNAUTHORIZED"), refused.err);
  const auto let_in
    = cli(server, {"--token", made.out.substr(0, made.out.size() - 1), "top",
                   "--once", "--interval", "1"});
  BOOST_TEST(let_in.status == 0, let_in.err);
}

BOOST_AUTO_TEST_CASE(bad_values_are_refused) {
  for (const std::string bad : {"0", "x", "-1", "3601"}) {
    const auto seen = run_program({program(), "top", "--interval", bad});
    BOOST_TEST(seen.status == 2, bad);
    BOOST_TEST(has(seen.err, "--interval"), seen.err);
  }
}

BOOST_FIXTURE_TEST_CASE(it_is_drawn_again_and_again_until_one_leaves,
                        used_server) {
  watched w{server.url()};
  w.view.wait_for("\x1b[?1049h");
  w.view.wait_for("Executions");
  w.view.wait_for_editor();
  // Other keys do nothing.
  w.view.type("xyz\x1b[A");
  w.view.wait_for("Executions");
  w.view.wait_for("Executions");
  w.view.type("q");
  w.check_end(0);
}

BOOST_FIXTURE_TEST_CASE(it_follows_the_size_of_its_terminal, used_server) {
  watched w{server.url()};
  // Two columns stand side by side, then one.
  w.view.wait_for("In flight");
  w.view.resize(30, 5);
  w.view.wait_for("\x1b[H");
  for (int i = 0; i < 3; ++i) {
    const auto drawn = w.view.wait_for("\x1b[H");
    for (const auto& line : lines_of(drawn))
      BOOST_TEST(line.size() <= 30 + std::string{"\x1b[K\r\x1b[H"}.size(),
                 line);
    BOOST_TEST(lines_of(drawn).size() <= 5u);
  }
  w.view.resize(1, 1);
  w.view.wait_for("\x1b[H");
  w.view.wait_for("\x1b[H");
  w.view.resize(100, 40);
  w.view.wait_for("In flight");
  w.view.type("\x03");
  w.check_end(0);
}

BOOST_FIXTURE_TEST_CASE(a_signal_gives_the_terminal_back, used_server) {
  watched w{server.url()};
  w.view.wait_for("Executions");
  w.view.process().signal(SIGTERM);
  w.check_end(0);
}

BOOST_AUTO_TEST_CASE(a_server_may_go_and_come_back) {
  auto first = std::make_unique<test_daemon>();
  const auto url = first->url();
  const auto port = std::to_string(first->port());
  watched w{url};
  w.view.wait_for("Executions");
  first.reset();
  w.view.wait_for("no answer, asking again: UNREACHABLE");
  // What was last known stays.
  w.view.wait_for("Executions");
  const temp_folder folder;
  child_process second{{program(), "--db", folder / "store", "serve",
                        "--listen", "127.0.0.1:" + port},
                       folder / "out",
                       folder / "log"};
  w.view.wait_for("began anew since the last look");
  w.view.type("q");
  w.check_end(0);
}

BOOST_AUTO_TEST_SUITE_END()
