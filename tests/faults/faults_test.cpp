#define BOOST_TEST_MODULE faults
#include "daemon.hpp"
#include "disk_faults.hpp"
#include "oracle.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

constexpr int clients = 8;

/// What each client runs against one server, unless that takes nothing any
/// more.
constexpr int rounds = 40;

/// A client leaves when so many requests in a row were refused: the store takes
/// nothing before the next start.
constexpr int most_refusals = 40;

/// What clients were told with a 2xx.
struct told_things {
  /// A finished execution.
  struct end {
    std::string id;
    std::string status;
    std::string events;
  };

  std::vector<std::string> templates;
  std::vector<std::string> sessions;
  std::vector<end> executions;
  uint64_t refused = 0;
  /// Answers that no client should get.
  std::vector<std::string> wrong;

  void add(told_things other) {
    const auto move = [](auto& from, auto& to) {
      to.insert(to.end(), from.begin(), from.end());
    };
    move(other.templates, templates);
    move(other.sessions, sessions);
    move(other.executions, executions);
    move(other.wrong, wrong);
    refused += other.refused;
  }
};

/// Sends requests and keeps what was told.
class fault_client {
public:
  fault_client(const test_daemon& server, int number)
    : wire_{server.connect()}, number_{number} {}

  void run() {
    static std::atomic<uint64_t> made{0};
    const auto vm
      = make("/api/v1/templates",
             "{\"name\":\"template " + std::to_string(++made) + "\"}");
    if (vm.empty())
      return;
    told_.templates.push_back(vm);
    const auto session
      = make("/api/v1/sessions", "{\"template_id\":\"" + vm
                                   + "\",\"workspace_id\":\"w\","
                                     "\"base_commit_oid\":\"c\","
                                     "\"worktree_path\":\"/tmp\"}");
    if (session.empty())
      return;
    told_.sessions.push_back(session);
    for (int round = 0; round < rounds && refused_ < most_refusals; ++round)
      execute(session, round);
  }

  told_things told() {
    return std::move(told_);
  }

private:
  /// @returns the id of what was made; empty when it was refused to the end.
  std::string make(const std::string& target, const std::string& body) {
    while (refused_ < most_refusals) {
      const auto answer = wire_.request("POST", target, body);
      if (answer.status == 201)
        return answer.json().field("id").text();
      refuse(answer);
    }
    return {};
  }

  void execute(const std::string& session, int round) {
    const bool later = round % 5 == 4;
    auto answer = wire_.request("POST", "/api/v1/executions/repl",
                                repl_body(session, snippet_of(number_, round)),
                                later ? "Prefer: respond-async\r\n" : "");
    if (answer.status == 202)
      answer = wait_for(answer.json().field("id").text());
    if (answer.status != 200 && answer.status != 201)
      return refuse(answer);
    refused_ = 0;
    const auto record = answer.json();
    told_.executions.push_back({record.field("id").text(),
                                record.field("status").text(),
                                record.field("metrics").field("events").raw()});
  }

  /// Waits for the end of an execution. One whose end cannot be stored stays
  /// `running` to those who ask, and is no end.
  http_answer wait_for(const std::string& id) {
    for (int i = 0;; ++i) {
      auto answer = wire_.request("GET", "/api/v1/executions/" + id);
      if (answer.status != 200
          || answer.json().field("status").text() != "running")
        return answer;
      if (i == 100)
        return {503, {}, R"({"error":{"code":"OVERLOADED"}})"};
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
  }

  void refuse(const http_answer& answer) {
    ++refused_;
    ++told_.refused;
    const auto code = answer.code();
    if (code != "INTERNAL" && code != "OVERLOADED" && code != "SESSION_BUSY"
        && code != "SESSION_NOT_READY")
      told_.wrong.push_back(answer.head + answer.body);
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }

  http_connection wire_;
  int number_;
  int refused_ = 0;
  told_things told_;
};

told_things load_server(const test_daemon& server) {
  told_things all;
  std::mutex guard;
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i)
    threads.emplace_back([&, i] {
      told_things told;
      try {
        fault_client client{server, i};
        client.run();
        told = client.told();
      } catch (const std::exception& e) {
        told.wrong.push_back(e.what());
      }
      const std::lock_guard lock{guard};
      all.add(std::move(told));
    });
  for (auto& thread : threads)
    thread.join();
  return all;
}

void check_execution(http_connection& client, const told_things::end& told) {
  const auto target = "/api/v1/executions/" + told.id;
  const auto answer = client.request("GET", target);
  BOOST_TEST_REQUIRE(answer.status == 200, "lost: " << told.id);
  const auto record = answer.json();
  BOOST_TEST_REQUIRE(record.field("status").text() == told.status, answer.body);
  BOOST_TEST_REQUIRE(
    record.field("metrics").field("events").raw() == told.events, answer.body);
  const auto events = ask(client, "GET", target + "/events").elements();
  BOOST_TEST_REQUIRE(std::to_string(events.size()) == told.events);
  for (std::size_t i = 0; i < events.size(); ++i)
    BOOST_TEST_REQUIRE(events[i].field("seq").raw() == std::to_string(i + 1));
}

/// Looks on a disk without faults for all that clients were told.
void check_all(const temp_folder& folder, const told_things& told) {
  test_daemon server{folder.path().string(), {}};
  auto client = server.connect();
  for (const auto& id : told.templates)
    BOOST_TEST(client.request("GET", "/api/v1/templates/" + id).status == 200);
  for (const auto& id : told.sessions)
    BOOST_TEST(client.request("GET", "/api/v1/sessions/" + id).status == 200);
  for (const auto& one : told.executions)
    check_execution(client, one);
  BOOST_TEST((server.stop() == 0), server.log());
}

void check_store(const temp_folder& folder) {
  const auto check = run_program(
    {program(), "--db", folder / "store", "--log-level", "off", "db", "check"});
  BOOST_TEST(check.status == 0, check.out << check.err);
}

int number_from(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::stoi(text);
}

/// Loads servers whose disk fails, ends them, and looks.
void play(const std::string& mode) {
  const temp_folder folder;
  const auto cycles = number_from("VM_TEST_FAULT_CYCLES", 10);
  const auto first = number_from("VM_TEST_FAULT_SEED", 1);
  const auto report = folder / "report";
  setenv("VM_TEST_FAULTS_REPORT", report.c_str(), 1);
  told_things all;
  for (int cycle = 0; cycle < cycles; ++cycle)
    BOOST_TEST_CONTEXT(mode << ", seed " << first << ", cycle " << cycle) {
      const auto wanted = mode + " 50 " + std::to_string(first * 1000 + cycle);
      setenv("VM_TEST_FAULTS", wanted.c_str(), 1);
      told_things told;
      {
        test_daemon server{folder.path().string(), {}};
        told = load_server(server);
        BOOST_TEST(server.process().running(), server.log());
        if (cycle % 2 == 0)
          server.kill_hard();
      }
      unsetenv("VM_TEST_FAULTS");
      check_store(folder);
      check_all(folder, told);
      all.add(std::move(told));
    }
  // What came through one of them came through those behind it too.
  check_all(folder, all);
  for (const auto& answer : all.wrong)
    BOOST_TEST(false, answer);
  const auto lines = bytes_of(report);
  BOOST_TEST(lines.find("BAD") == std::string::npos, lines);
  const auto faults = faults_had(folder / "store");
  BOOST_TEST_MESSAGE(mode << ": " << cycles << " servers, " << faults
                          << " faults, " << all.executions.size()
                          << " executions told, " << all.refused << " refused");
  BOOST_TEST(faults >= static_cast<std::size_t>(cycles));
  BOOST_TEST(all.executions.size() >= static_cast<std::size_t>(cycles));
  BOOST_TEST(all.refused > 0u);
}

} // namespace

BOOST_AUTO_TEST_CASE(what_was_told_is_stored_though_writes_fail) {
  play("error");
}

BOOST_AUTO_TEST_CASE(what_was_told_is_stored_though_writes_are_torn) {
  play("torn");
}
