#include "daemon.hpp"
#include "tokens.hpp"
#include "vmsystem/tests/eventually.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <string>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

constexpr std::chrono::seconds patience{30};

const std::string all_scopes = "read,execute,admin";
const std::string forever = "for (;;) {}";

/// One client with one token.
class owner {
public:
  owner(const test_daemon& server, const std::string& token)
    : wire_{server.connect()},
      token_{"Authorization: Bearer " + token + "\r\n"} {}

  http_answer ask(std::string_view verb, std::string_view target,
                  std::string_view body = {}, const std::string& headers = {}) {
    return wire_.request(verb, target, body, token_ + headers);
  }

  http_answer create_session(const std::string& template_id) {
    return ask("POST", "/api/v1/sessions",
               "{\"template_id\":\"" + template_id
                 + "\",\"workspace_id\":\"w\",\"base_commit_oid\":\"c\","
                   "\"worktree_path\":\"/tmp\"}");
  }

  http_answer close_session(const std::string& id) {
    return ask("DELETE", "/api/v1/sessions/" + id);
  }

  http_answer run(const std::string& session, const std::string& code,
                  const std::string& headers = {}) {
    return ask("POST", "/api/v1/executions/repl", repl_body(session, code),
               headers);
  }

  /// Sends a request to run something, and does not wait.
  void begin(const std::string& session, const std::string& code) {
    wire_.begin("POST", "/api/v1/executions/repl", repl_body(session, code),
                token_);
  }

  http_answer receive() {
    return wire_.receive();
  }

  /// The running execution of a session.
  std::string wait_for_running(const std::string& session) {
    std::string id;
    eventually(
      [&] {
        const auto running
          = ask("GET",
                "/api/v1/executions?status=running&session_id=" + session)
              .json()
              .elements();
        if (!running.empty())
          id = running.front().field("id").text();
        return !id.empty();
      },
      patience);
    return id;
  }

private:
  http_connection wire_;
  std::string token_;
};

/// A daemon with a token with limits, and one without, which makes a template.
struct limited {
  temp_folder folder;
  std::string file = folder / "tokens";
  std::string few
    = new_token(file, "few", all_scopes, "executions=2,sessions=2");
  std::string slow
    = new_token(file, "slow", all_scopes, "requests_per_second=1");
  std::string others = new_token(file, "others", all_scopes);
  test_daemon server{{"--token-file", file, "--slots", "4"}};
  owner bound{server, few};
  owner free{server, others};
  std::string vm = make_vm();

  std::string make_vm() {
    const auto id = free.ask("POST", "/api/v1/templates", R"({"name":"t"})")
                      .json()
                      .field("id")
                      .text();
    BOOST_REQUIRE(free
                    .ask("PUT", "/api/v1/templates/" + id + "/settings",
                         R"({"limits":{"wall_ms":600000,"cpu_ms":600000}})")
                    .status
                  == 200);
    return id;
  }

  std::string session_of(owner& who) {
    const auto made = who.create_session(vm);
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.body);
    return made.json().field("id").text();
  }

  static void check_refused(const http_answer& x, const std::string& limit) {
    BOOST_TEST(x.status == 429, x.body);
    BOOST_TEST(x.code() == "TOO_MANY_REQUESTS");
    BOOST_TEST(x.header("Retry-After") == "1");
    BOOST_TEST(x.json().field("error").field("details").field("limit").text()
               == limit);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(limits_of_tokens, limited)

BOOST_AUTO_TEST_CASE(requests_above_the_rate_are_refused) {
  owner hasty{server, slow};
  BOOST_TEST(hasty.ask("GET", "/api/v1/templates").status == 200);
  http_answer last;
  const bool refused = eventually(
    [&] {
      last = hasty.ask("GET", "/api/v1/templates");
      return last.status != 200;
    },
    patience);
  BOOST_REQUIRE(refused);
  check_refused(last, "requests_per_second");
  // Neither who has no limit nor what needs no token is held up.
  for (int i = 0; i < 20; ++i) {
    BOOST_TEST(free.ask("GET", "/api/v1/templates").status == 200);
    BOOST_TEST(bound.ask("GET", "/api/v1/templates").status == 200);
    BOOST_TEST(hasty.ask("GET", "/api/v1/health").status == 200);
  }
  BOOST_TEST(eventually(
    [&] { return hasty.ask("GET", "/api/v1/templates").status == 200; },
    patience));
}

BOOST_AUTO_TEST_CASE(sessions_above_the_limit_are_refused_until_some_are_gone) {
  const auto first = session_of(bound);
  const auto second = session_of(bound);
  check_refused(bound.create_session(vm), "sessions");
  for (int i = 0; i < 3; ++i)
    session_of(free);
  // Whoever closes it.
  BOOST_TEST(free.close_session(first).status == 200);
  const auto third = session_of(bound);
  check_refused(bound.create_session(vm), "sessions");
  BOOST_TEST(bound.close_session(second).status == 200);
  BOOST_TEST(bound.close_session(third).status == 200);
  session_of(bound);
  session_of(bound);
  check_refused(bound.create_session(vm), "sessions");
}

BOOST_AUTO_TEST_CASE(a_session_that_dies_counts_no_more) {
  BOOST_REQUIRE(free
                  .ask("PUT", "/api/v1/templates/" + vm + "/settings",
                       R"({"limits":{"cpu_ms":50}})")
                  .status
                == 200);
  session_of(bound);
  const auto doomed = session_of(bound);
  check_refused(bound.create_session(vm), "sessions");
  // Native code that asks for no interrupt is ended by the watchdog.
  const auto ran = bound.run(doomed, "String(7n ** 350000n).length");
  BOOST_REQUIRE_MESSAGE(ran.json().field("status").text() == "timeout",
                        ran.body);
  BOOST_REQUIRE(
    bound.ask("GET", "/api/v1/sessions/" + doomed).json().field("status").text()
    == "crashed");
  session_of(bound);
  check_refused(bound.create_session(vm), "sessions");
}

BOOST_AUTO_TEST_CASE(a_session_that_never_began_does_not_count) {
  BOOST_REQUIRE(free
                  .ask("POST", "/api/v1/templates/" + vm + "/startup-files",
                       R"({"path":"none.js"})")
                  .status
                == 201);
  for (int i = 0; i < 4; ++i)
    BOOST_TEST(bound.create_session(vm).code() == "FILE_NOT_FOUND");
  BOOST_TEST(bound.create_session("00000000-0000-4000-8000-000000000000").code()
             == "TEMPLATE_NOT_FOUND");
}

BOOST_AUTO_TEST_CASE(
  executions_above_the_limit_are_refused_until_some_are_over) {
  const auto one = session_of(bound);
  const auto two = session_of(bound);
  const auto third = session_of(free);
  const auto begun = bound.run(one, forever, "Prefer: respond-async\r\n");
  BOOST_REQUIRE(begun.status == 202);
  owner waiting{server, few};
  waiting.begin(two, forever);
  const auto held = free.wait_for_running(two);
  BOOST_REQUIRE(!held.empty());
  check_refused(bound.run(third, "1"), "executions");
  check_refused(bound.run(third, "1", "Prefer: respond-async\r\n"),
                "executions");
  check_refused(bound.run(third, "1", "Idempotency-Key: k\r\n"), "executions");
  BOOST_TEST(free.run(third, "1").status == 201);
  // One that its client waits for.
  BOOST_TEST(bound.ask("POST", "/api/v1/executions/" + held + "/cancel").status
             == 202);
  BOOST_TEST(waiting.receive().status == 201);
  BOOST_TEST(bound.run(third, "1").status == 201);
  // What failed is over too.
  BOOST_TEST(bound.run(vm, "1").code() == "SESSION_NOT_FOUND");
  BOOST_TEST(bound.run(vm, "1", "Prefer: respond-async\r\n").code()
             == "SESSION_NOT_FOUND");
  BOOST_TEST(bound.run(third, "1", "Idempotency-Key: k\r\n").status == 201);
  // One that nobody waits for.
  waiting.begin(two, forever);
  BOOST_REQUIRE(!free.wait_for_running(two).empty());
  check_refused(bound.run(third, "1"), "executions");
  const auto id = begun.json().field("id").text();
  BOOST_TEST(bound.ask("POST", "/api/v1/executions/" + id + "/cancel").status
             == 202);
  BOOST_TEST(
    eventually([&] { return bound.run(third, "1").status == 201; }, patience));
}

BOOST_AUTO_TEST_CASE(a_batch_has_of_the_executions_what_is_left) {
  const std::string ndjson = "Content-Type: application/x-ndjson\r\n";
  const auto target = "/api/v1/batches?template_id=" + vm;
  const std::string jobs = "{\"input\":\"for (;;) {}\"}\n";
  const auto session = session_of(bound);
  const auto small = bound.ask("POST", target + "&concurrency=1", jobs, ndjson);
  BOOST_REQUIRE_MESSAGE(small.status == 202, small.body);
  BOOST_TEST(bound.run(session, "1").status == 201);
  const auto rest = bound.ask("POST", target, jobs, ndjson);
  BOOST_REQUIRE_MESSAGE(rest.status == 202, rest.body);
  BOOST_TEST(rest.json().field("concurrency").raw() == "1");
  check_refused(bound.ask("POST", target, jobs, ndjson), "executions");
  check_refused(bound.run(session, "1"), "executions");
  const auto cancel = [&](const http_answer& batch) {
    const auto id = batch.json().field("id").text();
    BOOST_TEST(bound.ask("POST", "/api/v1/batches/" + id + "/cancel").status
               == 202);
  };
  cancel(small);
  cancel(rest);
  BOOST_TEST(eventually([&] { return bound.run(session, "1").status == 201; },
                        patience));
  // Who has no limit chooses.
  const auto other = free.ask("POST", target + "&concurrency=7", jobs, ndjson);
  BOOST_TEST(other.json().field("concurrency").raw() == "7");
  cancel(other);
}

BOOST_AUTO_TEST_CASE(limits_change_with_the_file) {
  session_of(bound);
  session_of(bound);
  check_refused(bound.create_session(vm), "sessions");
  auto text = bytes_of(file);
  const auto at = text.find("\"sessions\":2");
  BOOST_REQUIRE(at != std::string::npos);
  write_file(file, text.replace(at, 12, "\"sessions\":3"));
  server.process().signal(SIGHUP);
  BOOST_TEST(eventually([&] { return bound.create_session(vm).status == 201; },
                        patience));
  check_refused(bound.create_session(vm), "sessions");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(only_limits_that_there_are_can_be_given) {
  const temp_folder folder;
  for (const auto* limit :
       {"sessions", "sessions=0", "sessions=-1", "sessions=many",
        "sessions=1.5", "threads=1", "sessions=4294967296"}) {
    const auto made
      = run_program({program(), "token", "create", "ci", "--scopes", "read",
                     "--file", folder / "tokens", "--limit", limit});
    BOOST_TEST(made.status == 2, limit);
    BOOST_TEST(made.err.find("--limit: ") != std::string::npos, made.err);
  }
}
