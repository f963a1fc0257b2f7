#define BOOST_TEST_MODULE retention
#include "daemon.hpp"
#include "vmsystem/tests/eventually.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// Longer than a server waits between two looks at what is too much.
constexpr std::chrono::seconds most_wait{150};

/// Waits until `condition` holds, and leaves the server time to see to it.
template <class Condition>
bool comes_true(Condition condition) {
  return eventually(
    [&] {
      if (condition())
        return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
      return false;
    },
    most_wait);
}

/// Runs a snippet for an idempotency key.
/// @returns the id of the execution.
std::string run_once(http_connection& client, const std::string& session,
                     const std::string& key) {
  const auto answer = client.request("POST", "/api/v1/executions/repl",
                                     repl_body(session, "'once'"),
                                     "Idempotency-Key: " + key + "\r\n");
  BOOST_TEST_REQUIRE(answer.status == 201, answer.body);
  return answer.json().field("id").text();
}

int status_of(http_connection& client, const std::string& target) {
  return client.request("GET", "/api/v1/" + target).status;
}

void expect_sound(const temp_folder& folder) {
  const auto check
    = run_program({program(), "--db", folder / "store", "db", "check"});
  BOOST_TEST(check.status == 0, check.out << check.err);
}

/// Waits until so many executions are stored of a session.
bool comes_down_to(http_connection& client, const std::string& session,
                   std::size_t count) {
  const auto list = "/api/v1/executions?limit=1000&session_id=" + session;
  return comes_true(
    [&] { return ask(client, "GET", list).elements().size() == count; });
}

} // namespace

BOOST_AUTO_TEST_CASE(a_server_keeps_the_newest_and_what_runs) {
  const temp_folder folder;
  test_daemon server{folder.path().string(), {"--keep-executions", "10"}};
  auto client = server.connect();
  const auto made = make_template(client, R"({"wall_ms":600000})");
  const auto session = make_session(client, made);
  const auto busy = make_session(client, made);
  const auto idle = make_session(client, made);
  const auto running = client
                         .request("POST", "/api/v1/executions/repl",
                                  repl_body(busy, "new Promise(() => {})"),
                                  "Prefer: respond-async\r\n")
                         .json()
                         .field("id")
                         .text();
  run_snippet(client, idle, "1");
  ask(client, "POST", "/api/v1/sessions/" + idle + "/close");
  const auto first = run_once(client, session, "key");
  BOOST_TEST(run_once(client, session, "key") == first);
  std::vector<std::string> ids;
  for (int i = 0; i < 300; ++i)
    ids.push_back(
      run_snippet(client, session, std::to_string(i)).field("id").text());
  BOOST_TEST_REQUIRE(comes_down_to(client, session, 10));
  for (std::size_t i = 0; i < ids.size(); ++i)
    BOOST_TEST_REQUIRE(status_of(client, "executions/" + ids[i])
                       == (i < 290 ? 404 : 200));
  // What was removed is unknown, its events with it.
  BOOST_TEST(status_of(client, "executions/" + ids[0] + "/events") == 404);
  const auto stream
    = client.request("GET", "/api/v1/executions/" + ids[0] + "/events", {},
                     "Accept: text/event-stream\r\n");
  BOOST_TEST(stream.status == 404);
  BOOST_TEST(stream.code() == "EXECUTION_NOT_FOUND");
  BOOST_TEST(status_of(client, "executions/" + ids[299] + "/events") == 200);
  // What runs, and live sessions, stay.
  BOOST_TEST(
    ask(client, "GET", "/api/v1/executions/" + running).field("status").text()
    == "running");
  BOOST_TEST(status_of(client, "sessions/" + busy) == 200);
  BOOST_TEST(
    comes_true([&] { return status_of(client, "sessions/" + idle) == 404; }));
  // The key of an execution that is not there is free.
  const auto again = run_once(client, session, "key");
  BOOST_TEST(again != first);
  BOOST_TEST(run_once(client, session, "key") == again);
  const auto metrics = client.request("GET", "/metrics").body;
  BOOST_TEST(
    metrics.find("vm_system_retention_removed_total{kind=\"session\"} 1\n")
    != std::string::npos);
  BOOST_TEST((server.stop() == 0), server.log());
  expect_sound(folder);
}

BOOST_AUTO_TEST_CASE(a_start_removes_what_an_earlier_server_kept) {
  const temp_folder folder;
  std::vector<std::string> ids;
  std::string batch;
  {
    test_daemon server{folder.path().string(), {}};
    auto client = server.connect();
    const auto made = make_template(client);
    const auto session = make_session(client, made);
    batch = ask(client, "POST", "/api/v1/batches",
                "{\"template_id\":\"" + made
                  + "\",\"jobs\":[{\"input\":\"1\"},{\"input\":\"2\"}]}")
              .field("id")
              .text();
    wait_for_batch(client, batch);
    for (int i = 0; i < 20; ++i)
      ids.push_back(run_snippet(client, session, "1").field("id").text());
    BOOST_TEST_REQUIRE((server.stop() == 0), server.log());
  }
  {
    test_daemon server{folder.path().string(),
                       {"--keep-executions", "5", "--keep-days", "7"}};
    auto client = server.connect();
    BOOST_TEST_REQUIRE(comes_true(
      [&] { return status_of(client, "executions/" + ids[14]) == 404; }));
    BOOST_TEST(status_of(client, "executions/" + ids[15]) == 200);
    BOOST_TEST(status_of(client, "batches/" + batch) == 404);
    BOOST_TEST(status_of(client, "batches/" + batch + "/results") == 404);
    BOOST_TEST_REQUIRE((server.stop() == 0), server.log());
  }
  expect_sound(folder);
}
