#include "daemon.hpp"
#include "tokens.hpp"
#include "vmsystem/models/text.hpp"
#include "vmsystem/tests/eventually.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

constexpr std::chrono::seconds patience{30};

/// The lines of an audit log, of which there must be `count` in the end.
std::vector<json_value> lines_of(const std::string& path, std::size_t count) {
  std::vector<json_value> result;
  eventually(
    [&] {
      result.clear();
      const auto text = bytes_of(path);
      for (std::string_view rest = text; !rest.empty();) {
        const auto line = json_value::parse(std::string{cut(rest, '\n')});
        if (line && line->field("route").present())
          result.push_back(*line);
      }
      return result.size() >= count;
    },
    patience);
  BOOST_REQUIRE(result.size() == count);
  return result;
}

void check(const json_value& line, const std::string& token,
           const std::string& method, const std::string& route, int status) {
  BOOST_TEST_CONTEXT(line.raw()) {
    BOOST_TEST(line.field("token").text() == token);
    BOOST_TEST(line.field("method").text() == method);
    BOOST_TEST(line.field("route").text() == "/api/v1/" + route);
    BOOST_TEST(line.field("status").raw() == std::to_string(status));
    BOOST_TEST(line.field("remote").text().rfind("127.0.0.1:", 0) == 0u);
    BOOST_TEST(line.field("time").text().size() == 27u);
    BOOST_TEST(!line.field("request_id").text().empty());
  }
}

std::string id_in(const json_value& line, const std::string& name) {
  return line.field("ids").field(name).text();
}

/// A daemon with a token for all, one that may only read, and an audit log.
struct audited {
  temp_folder folder;
  std::string tokens = folder / "tokens";
  std::string log = folder / "audit";
  std::string all = new_token(tokens, "all", "read,execute,admin");
  std::string reader = new_token(tokens, "reader", "read");
  test_daemon server{{"--token-file", tokens, "--audit-log", log}};

  http_answer ask(std::string_view verb, std::string_view target,
                  std::string_view body, const std::string& token,
                  const std::string& headers = {}) {
    return server.request(
      verb, target, body,
      (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n")
        + headers);
  }

  std::string made(std::string_view target, std::string_view body) {
    const auto answer = ask("POST", target, body, all);
    BOOST_REQUIRE_MESSAGE(answer.status == 201, answer.body);
    return answer.json().field("id").text();
  }

  std::string make_vm() {
    return made("/api/v1/templates", R"({"name":"t"})");
  }

  std::string make_session_of(const std::string& vm) {
    return made("/api/v1/sessions",
                "{\"template_id\":\"" + vm
                  + "\",\"workspace_id\":\"w\",\"base_commit_oid\":\"c\","
                    "\"worktree_path\":\"/tmp\"}");
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(with_an_audit_log, audited)

BOOST_AUTO_TEST_CASE(each_change_has_a_line) {
  const auto vm = make_vm();
  const auto settings = "/api/v1/templates/" + vm + "/settings";
  BOOST_TEST(
    ask("PUT", settings, R"({"limits":{"max_output_kb":1}})", all).status
    == 200);
  BOOST_TEST(ask("GET", settings, {}, all).status == 200);
  const auto session = make_session_of(vm);
  const auto repl = "/api/v1/executions/repl";
  const auto execution = made(repl, repl_body(session, "1"));
  const auto stopped
    = ask("POST", repl, repl_body(session, "'x'.repeat(4000)"), all);
  BOOST_TEST(stopped.status == 422);
  // What is refused for what it is changes nothing.
  BOOST_TEST(ask("POST", repl, "{}", all).status == 400);
  BOOST_TEST(ask("POST", "/api/v1/templates", R"({"name":"t"})", all).status
             == 409);
  BOOST_TEST(ask("DELETE", "/api/v1/templates", {}, all).status == 405);
  const auto batch = ask(
    "POST", "/api/v1/batches?isolation=session&session_id=" + session,
    "{\"input\":\"1\"}\n", all,
    "Content-Type: application/x-ndjson\r\nAccept: application/x-ndjson\r\n");
  BOOST_TEST(batch.status == 200);
  BOOST_TEST(ask("DELETE", "/api/v1/sessions/" + session, {}, all).status
             == 200);
  const auto lines = lines_of(log, 7);
  check(lines[0], "all", "POST", "templates", 201);
  BOOST_TEST(id_in(lines[0], "template_id") == vm);
  check(lines[1], "all", "PUT", "templates/{template_id}/settings", 200);
  BOOST_TEST(id_in(lines[1], "template_id") == vm);
  check(lines[2], "all", "POST", "sessions", 201);
  BOOST_TEST(id_in(lines[2], "session_id") == session);
  BOOST_TEST(id_in(lines[2], "template_id") == vm);
  check(lines[3], "all", "POST", "executions/repl", 201);
  BOOST_TEST(id_in(lines[3], "execution_id") == execution);
  BOOST_TEST(id_in(lines[3], "session_id") == session);
  check(lines[4], "all", "POST", "executions/repl", 422);
  BOOST_TEST(!id_in(lines[4], "execution_id").empty());
  check(lines[5], "all", "POST", "batches", 200);
  BOOST_TEST("/api/v1/batches/" + id_in(lines[5], "batch_id")
             == batch.header("Location"));
  check(lines[6], "all", "DELETE", "sessions/{session_id}", 200);
  BOOST_TEST(id_in(lines[6], "session_id") == session);
}

BOOST_AUTO_TEST_CASE(who_lacks_rights_has_a_line) {
  const auto vm = make_vm();
  const auto target = "/api/v1/templates/" + vm;
  BOOST_TEST(ask("DELETE", target, {}, reader).status == 403);
  BOOST_TEST(ask("DELETE", target, {}, {}).status == 401);
  BOOST_TEST(ask("DELETE", target, {}, "wrong").status == 401);
  BOOST_TEST(
    ask("DELETE", target, {}, all, "Origin: http://evil.example\r\n").status
    == 403);
  // Who only reads changes nothing.
  BOOST_TEST(ask("GET", target, {}, {}).status == 401);
  const auto lines = lines_of(log, 5);
  const auto route = "templates/{template_id}";
  check(lines[1], "reader", "DELETE", route, 403);
  check(lines[2], "-", "DELETE", route, 401);
  check(lines[3], "-", "DELETE", route, 401);
  check(lines[4], "all", "DELETE", route, 403);
  for (std::size_t i = 1; i < lines.size(); ++i)
    BOOST_TEST(id_in(lines[i], "template_id") == vm);
  BOOST_TEST(bytes_of(log).find(all) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_client_that_left_has_a_line) {
  const auto vm = make_vm();
  {
    auto wire = server.connect();
    wire.send("POST /api/v1/batches?template_id=" + vm
              + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                "application/x-ndjson\r\nContent-Length: 100\r\n"
                "Authorization: Bearer "
              + all + "\r\n\r\n{\"input\":\"1\"}\n");
    BOOST_REQUIRE(eventually(
      [&] { return ask("GET", "/api/v1/batches", {}, all).body != "[]"; },
      patience));
    wire.reset();
  }
  check(lines_of(log, 2)[1], "all", "POST", "batches", 0);
}

BOOST_AUTO_TEST_CASE(a_hangup_has_the_file_opened_again) {
  const auto vm = make_vm();
  lines_of(log, 1);
  std::filesystem::rename(log, folder / "old");
  server.process().signal(SIGHUP);
  BOOST_TEST(
    eventually([&] { return std::filesystem::exists(log); }, patience));
  BOOST_TEST(ask("DELETE", "/api/v1/templates/" + vm, {}, all).status == 200);
  check(lines_of(log, 1)[0], "all", "DELETE", "templates/{template_id}", 200);
  lines_of(folder / "old", 1);
  BOOST_TEST((server.stop() == 0));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(a_full_disk_is_logged_once_and_stops_nothing) {
  test_daemon server{{"--audit-log", "/dev/full"}};
  auto wire = server.connect();
  for (int i = 0; i < 5; ++i)
    BOOST_TEST(!make_template(wire).empty());
  const std::string words = "lines of the audit log /dev/full are lost";
  BOOST_TEST(eventually(
    [&] { return server.log().find(words) != std::string::npos; }, patience));
  BOOST_TEST(!make_template(wire).empty());
  BOOST_TEST((server.stop() == 0));
  const auto log = server.log();
  BOOST_TEST(log.find(words) == log.rfind(words), log);
}

BOOST_AUTO_TEST_CASE(without_tokens_the_log_goes_to_stdout_too) {
  const temp_folder folder;
  test_daemon server{folder.path().string(), {"--audit-log", "-"}};
  auto wire = server.connect();
  const auto vm = make_template(wire);
  const auto lines = lines_of(folder / "out", 1);
  check(lines[0], "-", "POST", "templates", 201);
  BOOST_TEST(id_in(lines[0], "template_id") == vm);
  server.process().signal(SIGHUP);
  BOOST_TEST(!make_template(wire).empty());
  lines_of(folder / "out", 2);
  BOOST_TEST((server.stop() == 0));
}

BOOST_AUTO_TEST_CASE(a_log_that_cannot_be_is_one_clear_line) {
  const temp_folder folder;
  const auto ran = run_program({program(), "--db", folder / "db", "--log-level",
                                "off", "serve", "--listen", "127.0.0.1:0",
                                "--audit-log", folder / "none/audit"});
  BOOST_TEST(ran.status == 1);
  BOOST_TEST(ran.err.find(folder / "none/audit") != std::string::npos, ran.err);
}
