#define BOOST_TEST_MODULE kill
#include "oracle.hpp"
#include "vmsystem/tests/environment.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

constexpr int clients = 16;
constexpr std::chrono::milliseconds shortest_load{150};
constexpr std::chrono::milliseconds longest_load{400};

/// Each cycle has a folder of oracle files, one for each client.
std::string oracle_of(const temp_folder& folder, int cycle, int number) {
  return folder
         / ("acknowledged-" + std::to_string(cycle) + '-'
            + std::to_string(number));
}

/// Puts 16 clients to work and kills the server in the middle of it.
/// @returns the sessions.
std::vector<std::string> load_and_kill(const temp_folder& folder, int cycle,
                                       std::chrono::milliseconds time) {
  test_daemon server{folder.path().string(), {}};
  std::vector<std::string> sessions;
  auto control = server.connect();
  const auto id = ask(control, "POST", "/api/v1/templates",
                      "{\"name\":\"cycle " + std::to_string(cycle) + "\"}")
                    .field("id")
                    .text();
  for (int i = 0; i < clients; ++i)
    sessions.push_back(make_session(control, id));
  std::atomic<uint64_t> count{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i)
    threads.emplace_back([&, i] {
      run_client(server, sessions[static_cast<std::size_t>(i)], i,
                 oracle_of(folder, cycle, i), count);
    });
  // The moment of the kill must not depend on what the server does.
  std::this_thread::sleep_for(time);
  while (count == 0)
    std::this_thread::yield();
  server.kill_hard();
  for (auto& thread : threads)
    thread.join();
  return sessions;
}

/// Checks one execution: complete, with all of its events in order.
void check_execution(http_connection& server, const acknowledged& one) {
  const auto target = "/api/v1/executions/" + one.id;
  const auto record = server.request("GET", target);
  BOOST_TEST_REQUIRE(record.status == 200, "lost: " << one.id);
  const auto document = record.json();
  const auto status = document.field("status").text();
  BOOST_TEST_REQUIRE((status == "ok" || status == "error"), record.body);
  BOOST_TEST_REQUIRE(document.field("metrics").field("events").raw()
                     == std::to_string(one.events));
  const auto events = ask(server, "GET", target + "/events").elements();
  BOOST_TEST_REQUIRE(events.size() == one.events);
  for (std::size_t i = 0; i < events.size(); ++i)
    BOOST_TEST_REQUIRE(events[i].field("seq").raw() == std::to_string(i + 1));
  BOOST_TEST_REQUIRE(events.back().field("type").text()
                     == (status == "ok" ? "value" : "exception"));
}

/// Checks all that a session has, also what nobody was told of.
/// @returns how many of its executions the kill interrupted.
std::size_t check_session(http_connection& server, const std::string& id) {
  const auto session = ask(server, "GET", "/api/v1/sessions/" + id);
  BOOST_TEST(session.field("status").text() == "closed", session.raw());
  BOOST_TEST(session.field("closed_at").present());
  BOOST_TEST(!session.field("last_error").text().empty(), session.raw());
  const auto list = "/api/v1/executions?limit=1000&session_id=" + id;
  BOOST_TEST(ask(server, "GET", list + "&status=running").raw() == "[]");
  std::size_t interrupted = 0;
  for (const auto& record : ask(server, "GET", list).elements()) {
    const auto reason = record.field("end_reason").text();
    BOOST_TEST_REQUIRE((reason == "ok" || reason == "exception"
                        || reason == "interrupted"),
                       record.raw());
    if (reason != "interrupted")
      continue;
    ++interrupted;
    BOOST_TEST(record.field("status").text() == "error");
    const auto events
      = ask(server, "GET",
            "/api/v1/executions/" + record.field("id").text() + "/events")
          .elements();
    BOOST_TEST(record.field("metrics").field("events").raw()
               == std::to_string(events.size()));
    for (std::size_t i = 0; i < events.size(); ++i)
      BOOST_TEST_REQUIRE(events[i].field("seq").raw() == std::to_string(i + 1));
  }
  return interrupted;
}

/// @returns how many acknowledged executions there were.
std::size_t check_cycle(http_connection& server, const temp_folder& folder,
                        int cycle) {
  std::size_t count = 0;
  std::set<std::string> ids;
  for (int i = 0; i < clients; ++i)
    for (const auto& one : oracle_file::read(oracle_of(folder, cycle, i))) {
      check_execution(server, one);
      ids.insert(one.id);
      ++count;
    }
  BOOST_TEST(ids.size() == count, "an id was given twice");
  return count;
}

} // namespace

// VM_SYSTEM_KILLS=N kills so many times.
BOOST_AUTO_TEST_CASE(nothing_that_was_acknowledged_is_lost_by_kill_9) {
  const auto cycles
    = static_cast<int>(number_of("VM_SYSTEM_KILLS", VMSYSTEM_KILLS));
  const temp_folder folder;
  // A fixed seed: a failure can be looked at again.
  std::mt19937 random{20};
  std::uniform_int_distribution<std::chrono::milliseconds::rep> times{
    shortest_load.count(), longest_load.count()};
  std::size_t count = 0;
  std::size_t interrupted = 0;
  BOOST_TEST_REQUIRE(cycles > 0);
  for (int cycle = 0; cycle < cycles; ++cycle) {
    const std::chrono::milliseconds time{times(random)};
    BOOST_TEST_CONTEXT("cycle " << cycle << ", killed after " << time.count()
                                << " ms") {
      const auto sessions = load_and_kill(folder, cycle, time);
      test_daemon server{folder.path().string(), {}};
      auto client = server.connect();
      count += check_cycle(client, folder, cycle);
      for (const auto& session : sessions)
        interrupted += check_session(client, session);
      for (const std::string status : {"ready", "starting"})
        BOOST_TEST(ask(client, "GET", "/api/v1/sessions?status=" + status).raw()
                   == "[]");
      // Every other cycle recovers from the kill of a store that was idle.
      if (cycle % 2 == 0)
        server.kill_hard();
      else
        BOOST_TEST((server.stop() == 0), server.log());
    }
    if ((cycle + 1) % 100 == 0)
      std::cout << cycle + 1 << " kills: " << count
                << " acknowledged executions are there, " << interrupted
                << " were interrupted\n"
                << std::flush;
  }
  BOOST_TEST(interrupted > 0u, "no kill hit a running execution");
  BOOST_TEST(count >= static_cast<std::size_t>(cycles));

  // What survived one crash survives the later ones too.
  test_daemon server{folder.path().string(), {}};
  auto client = server.connect();
  std::size_t kept = 0;
  for (int cycle = 0; cycle < cycles; ++cycle)
    kept += check_cycle(client, folder, cycle);
  BOOST_TEST(kept == count);
  std::cout << cycles << " kills: " << kept
            << " acknowledged executions are there at the end\n";
}
