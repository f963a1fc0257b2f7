#define BOOST_TEST_MODULE access
#include "daemon.hpp"
#include "tokens.hpp"
#include "vmsystem/actors/http_gateway.hpp"
#include "vmsystem/tests/eventually.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// A daemon with a token for each scope, one for all, and one for none.
struct guarded {
  temp_folder folder;
  std::string file = folder / "tokens";
  std::string read = new_token(file, "reader", "read");
  std::string execute = new_token(file, "runner", "execute");
  std::string admin = new_token(file, "admin", "admin");
  std::string all = new_token(file, "all", "read,execute,admin");
  test_daemon server{{"--token-file", file, "--host-name", "VM.example.org"}};

  [[nodiscard]] http_answer ask(std::string_view verb, std::string_view target,
                                const std::string& token,
                                const std::string& headers = {}) const {
    const auto field
      = token.empty() ? "" : "Authorization: Bearer " + token + "\r\n";
    return server.request(verb, target, verb == "GET" ? "" : "{}",
                          field + headers);
  }
};

std::string target_of(std::string_view pattern) {
  std::string result;
  bool inside = false;
  for (const char c : pattern) {
    if (c == '{')
      result += "00000000-0000-4000-8000-000000000000";
    inside = c == '{' || (inside && c != '}');
    if (!inside && c != '}')
      result += c;
  }
  return result;
}

bool is_refused(const http_answer& x) {
  return x.status == 401 || x.status == 403;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(with_tokens, guarded)

BOOST_AUTO_TEST_CASE(each_route_wants_a_token_with_its_scope) {
  const std::map<access_scope, std::string> owners{
    {access_scope::read, read},
    {access_scope::execute, execute},
    {access_scope::admin, admin}};
  std::size_t guarded_routes = 0;
  for (std::size_t i = 0; i < http_routes().size(); ++i) {
    const auto& route = http_routes()[i];
    const auto verb = http::name_of(route.verb);
    const auto target = target_of(route.pattern);
    const auto wanted = http_route_scope(i);
    BOOST_TEST_CONTEXT(verb << ' ' << target) {
      if (!wanted) {
        BOOST_TEST(target == "/api/v1/health");
        BOOST_TEST(ask(verb, target, {}).status == 200);
        continue;
      }
      ++guarded_routes;
      const auto without = ask(verb, target, {});
      BOOST_TEST(without.status == 401);
      BOOST_TEST(without.code() == "UNAUTHORIZED");
      BOOST_TEST(without.header("WWW-Authenticate") == "Bearer");
      BOOST_TEST(ask(verb, target, "vmsys_" + std::string(64, '0')).status
                 == 401);
      BOOST_TEST(ask(verb, target, read + 'x').status == 401);
      for (const auto& [scope, token] : owners) {
        const auto answer = ask(verb, target, token);
        if (scope == *wanted)
          BOOST_TEST(!is_refused(answer), answer.body);
        else
          BOOST_TEST(answer.code() == "FORBIDDEN");
      }
      BOOST_TEST(!is_refused(ask(verb, target, all)));
    }
  }
  BOOST_TEST(guarded_routes == http_routes().size() - 1);
}

BOOST_AUTO_TEST_CASE(a_refused_body_in_pieces_does_nothing) {
  const auto answer = server.request(
    "POST", "/api/v1/batches?template_id=00000000-0000-4000-8000-000000000000",
    "{\"input\":\"1\"}\n", "Content-Type: application/x-ndjson\r\n");
  BOOST_TEST(answer.code() == "UNAUTHORIZED");
}

BOOST_AUTO_TEST_CASE(clients_send_their_token) {
  const auto line = [&](const variables& extra) {
    return cli(server, {"template", "list"}, extra);
  };
  const auto without = line({});
  BOOST_TEST(without.status == 1);
  BOOST_TEST(without.err.rfind("vm-system: UNAUTHORIZED: ", 0) == 0u,
             without.err);
  BOOST_TEST(line({{"VM_SYSTEM_TOKEN", read}}).status == 0);
  BOOST_TEST(line({{"VM_SYSTEM_TOKEN", admin}}).err.find("lacks the scope read")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_hangup_has_the_file_read_again) {
  const auto status = [&](const std::string& token) {
    return ask("GET", "/api/v1/templates", token).status;
  };
  const auto later = new_token(file, "later", "read");
  BOOST_TEST(status(later) == 401);
  const auto is_taken = [&](const std::string& token) {
    return eventually([&] { return status(token) == 200; },
                      std::chrono::seconds{30});
  };
  server.process().signal(SIGHUP);
  BOOST_TEST(is_taken(later));
  // A damaged file changes nothing.
  std::ofstream{file, std::ios::app} << "{\n";
  server.process().signal(SIGHUP);
  BOOST_TEST(eventually(
    [&] {
      return server.log().find("the tokens stay as they were")
             != std::string::npos;
    },
    std::chrono::seconds{30}));
  BOOST_TEST(server.log().find("line 6") != std::string::npos, server.log());
  BOOST_TEST(status(later) == 200);
  // A line that is gone is a token that is gone.
  std::filesystem::remove(file);
  const auto only = new_token(file, "only", "read");
  server.process().signal(SIGHUP);
  BOOST_TEST(is_taken(only));
  BOOST_TEST(status(later) == 401);
  BOOST_TEST((server.stop() == 0));
}

BOOST_AUTO_TEST_CASE(other_hosts_and_pages_are_refused) {
  const auto with = [&](const std::string& host, const std::string& origin) {
    auto wire = server.connect();
    wire.send("GET /api/v1/templates HTTP/1.1\r\nHost: " + host
              + "\r\nAuthorization: Bearer " + read + "\r\n"
              + (origin.empty() ? "" : "Origin: " + origin + "\r\n") + "\r\n");
    return wire.receive();
  };
  BOOST_TEST(with("localhost", "").status == 200);
  BOOST_TEST(with("vm.example.org:80", "").status == 200);
  BOOST_TEST(with("127.0.0.1:1", "http://127.0.0.1:1").status == 200);
  BOOST_TEST(with("evil.example", "").code() == "FORBIDDEN");
  BOOST_TEST(with("localhost", "http://evil.example").code() == "FORBIDDEN");
  BOOST_TEST(with("localhost", "null").code() == "FORBIDDEN");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(a_server_for_others_wants_a_token_file) {
  const temp_folder folder;
  const auto serve = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {program(), "--db", folder / "db", "serve"});
    return run_program(flags);
  };
  const auto open = serve({"--listen", "0.0.0.0:0"});
  BOOST_TEST(open.status == 2);
  BOOST_TEST(open.err.find("--token-file") != std::string::npos, open.err);
  const auto missing
    = serve({"--listen", "0.0.0.0:0", "--token-file", folder / "none"});
  BOOST_TEST(missing.status == 1);
  BOOST_TEST(missing.err.find(folder / "none") != std::string::npos,
             missing.err);
  std::ofstream{folder / "empty"} << '\n';
  BOOST_TEST(serve({"--token-file", folder / "empty"}).err.find("no token")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_name_stands_for_one_token) {
  const temp_folder folder;
  const auto file = folder / "tokens";
  const auto create = [&](const std::string& name, const std::string& scopes) {
    return run_program(
      {program(), "token", "create", name, "--scopes", scopes, "--file", file});
  };
  BOOST_TEST(create("ci", "read,execute").status == 0);
  const auto again = create("ci", "read");
  BOOST_TEST(again.status == 1);
  BOOST_TEST(again.err.find("came before") != std::string::npos, again.err);
  BOOST_TEST(create("a b", "read").status == 1);
  BOOST_TEST(create("other", "write").status == 2);
  std::ifstream lines{file};
  std::string text;
  std::getline(lines, text);
  BOOST_TEST(text.find("vmsys_") == std::string::npos);
  BOOST_TEST(!std::getline(lines, text));
}
