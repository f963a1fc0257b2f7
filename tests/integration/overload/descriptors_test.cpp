#define BOOST_TEST_MODULE descriptors
#include "support.hpp"

#include <thread>

#include <sys/resource.h>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

constexpr std::size_t turned_away = 60;

/// Lets a process that runs have at most so many descriptors.
void limit_descriptors(test_daemon& server, std::size_t count) {
  const auto process = server.process().pid();
  rlimit limit{};
  BOOST_TEST_REQUIRE(prlimit(process, RLIMIT_NOFILE, nullptr, &limit) == 0);
  limit.rlim_cur = count;
  BOOST_TEST_REQUIRE(prlimit(process, RLIMIT_NOFILE, &limit, nullptr) == 0);
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t result = 0;
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1))
    ++result;
  return result;
}

/// Opens connections of which each asks once, until the server takes no more:
/// `turned_away` of them wait.
void fill(swarm& clients, std::size_t room) {
  const auto bytes = std::make_shared<const std::string>(
    "GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  for (std::size_t i = 0; i < room + turned_away; ++i)
    clients.add({bytes});
  BOOST_TEST(clients.until([&] { return clients.answered() >= room; }));
  for (int i = 0; i < 20; ++i)
    clients.turn();
}

/// Checks that the server does next to nothing while clients wait.
void check_idle(test_daemon& server, swarm& clients) {
  const auto process = server.process().pid();
  constexpr int turns = 200;
  const auto begin = std::chrono::steady_clock::now();
  const auto before = cpu_time_of(process);
  for (int i = 0; i < turns; ++i)
    clients.turn();
  const auto used = cpu_time_of(process) - before;
  const auto passed = std::chrono::steady_clock::now() - begin;
  // Whoever spins uses all of the time that a processor has for it.
  BOOST_TEST(
    used.count() * 4
    < std::chrono::duration_cast<std::chrono::milliseconds>(passed).count());
}

} // namespace

BOOST_AUTO_TEST_CASE(a_server_without_descriptors_serves_whom_it_has) {
  need_descriptors(1024);
  const temp_folder worktree;
  worktree.put("a.js", "'from a file'");
  test_daemon server{std::vector<std::string>{}};
  auto client = server.connect();
  const auto tmpl = make_template(client);
  const auto session = make_session(client, tmpl, worktree.path().string());
  run_snippet(client, session, "1");
  const auto other = make_template(client);
  const auto before = resting(server);
  // Enough for some clients and nothing else.
  constexpr std::size_t room = 40;
  limit_descriptors(server, before.descriptors + room);
  swarm clients{server.port()};
  fill(clients, room);
  const auto held = clients.answered();
  // What the server does by itself may take or free one or the other.
  BOOST_TEST(held <= room + turned_away / 4);

  // Who has a connection is served, in sessions that there are.
  std::vector<std::string> stored;
  for (int i = 0; i < 20; ++i)
    stored.push_back(
      run_snippet(client, session, std::to_string(i)).field("id").text());
  // What takes a descriptor is refused, and says why: an image, a file.
  const auto file
    = "{\"session_id\":" + json_quoted(session) + ",\"path\":\"a.js\"}";
  check_refusal(client.request("POST", "/api/v1/executions/run-file", file),
                503, "OVERLOADED");
  const auto refused
    = client.request("POST", "/api/v1/sessions",
                     "{\"template_id\":" + json_quoted(other)
                       + ",\"workspace_id\":\"w\",\"base_commit_oid\":\"c\","
                         "\"worktree_path\":\"/tmp\"}");
  check_refusal(refused, 503, "OVERLOADED");
  BOOST_TEST(refused.body.find("Too many open files") != std::string::npos,
             refused.body);
  check_idle(server, clients);
  BOOST_TEST(clients.answered() == held);
  // Said once, with the way out.
  BOOST_TEST(count_of(server.log(), "further clients wait") == 1u,
             server.log());
  BOOST_TEST(server.log().find("ulimit -n") != std::string::npos);

  // As clients leave, others come in, and all works again.
  clients.leave();
  swarm later{server.port()};
  fill(later, room - turned_away / 2);
  later.leave();
  BOOST_TEST(eventually(
    [&] { return metric(client, "vm_system_http_connections") == 1u; },
    std::chrono::seconds{60}));
  const auto made = make_session(client, other);
  BOOST_TEST(run_snippet(client, made, "2").field("status").text() == "ok");
  BOOST_TEST(client.request("POST", "/api/v1/executions/run-file", file).status
             == 201);
  for (const auto& id : stored)
    BOOST_TEST(client.request("GET", "/api/v1/executions/" + id).status == 200);
  BOOST_TEST(server.stop().value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(connections_leave_descriptors_for_the_store) {
  // The reserve is half of a limit as small as this.
  constexpr std::size_t limit = 200;
  need_descriptors(1024);
  const temp_folder folder;
  child_process server{{"prlimit", "--nofile=" + std::to_string(limit),
                        program(), "--db", folder / "store", "serve",
                        "--listen", "127.0.0.1:0", "--port-file",
                        folder / "port"},
                       folder / "out",
                       folder / "log"};
  BOOST_TEST_REQUIRE(
    eventually([&] { return !bytes_of(folder / "port").empty(); },
               std::chrono::seconds{60}));
  const auto port
    = static_cast<uint16_t>(std::stoul(bytes_of(folder / "port")));
  http_connection client{port};
  swarm clients{port};
  fill(clients, limit / 2 - 1);
  BOOST_TEST(clients.answered() == limit / 2 - 1);
  const auto session = make_session(client, make_template(client));
  BOOST_TEST(run_snippet(client, session, "1").field("status").text() == "ok");
  BOOST_TEST(count_of(bytes_of(folder / "log"), "further clients wait") == 1u);
  clients.leave();
  http_connection late{port};
  BOOST_TEST(late.request("GET", "/api/v1/health").status == 200);
}

BOOST_AUTO_TEST_CASE(
  a_store_without_descriptors_fails_aloud_and_loses_nothing) {
  need_descriptors(1024);
  const temp_folder folder;
  std::vector<std::string> stored;
  {
    test_daemon server{folder.path().string(), {}};
    auto client = server.connect();
    const auto session = make_session(client, make_template(client));
    run_snippet(client, session, "1");
    limit_descriptors(server, 3);
    // More than its tables in memory hold, so that it must make files.
    const std::string code
      = "for (let i = 0; i < 250; ++i) console.log('x'.repeat(900))";
    bool refused = false;
    for (int i = 0; i < 600 && !refused; ++i) {
      const auto answer = client.request("POST", "/api/v1/executions/repl",
                                         repl_body(session, code));
      if (answer.status == 201) {
        stored.push_back(answer.json().field("id").text());
        continue;
      }
      refused = true;
      BOOST_TEST(answer.status == 500, answer.head);
      BOOST_TEST(answer.code() == "INTERNAL", answer.body);
      BOOST_TEST(answer.body.find("Too many open files") != std::string::npos,
                 answer.body);
    }
    BOOST_TEST(refused);
    limit_descriptors(server, 1024);
    // RocksDB does not go on after that, and the way out is named.
    const auto later = client.request("POST", "/api/v1/executions/repl",
                                      repl_body(session, "2"));
    BOOST_TEST(later.status == 500);
    BOOST_TEST(later.body.find("until vm-system is started again")
                 != std::string::npos,
               later.body);
    check_refusal(client.request("GET", "/api/v1/ready"), 503, "OVERLOADED");
    for (const auto& id : stored)
      BOOST_TEST(client.request("GET", "/api/v1/executions/" + id).status
                 == 200);
    server.kill_hard();
  }
  test_daemon again{folder.path().string(), {}};
  auto client = again.connect();
  for (const auto& id : stored)
    BOOST_TEST(
      client.request("GET", "/api/v1/executions/" + id + "/events").status
      == 200);
  const auto session = make_session(client, make_template(client));
  BOOST_TEST(run_snippet(client, session, "2").field("status").text() == "ok");
}
