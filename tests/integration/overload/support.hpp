#pragma once

#include "daemon.hpp"
#include "process_figures.hpp"
#include "swarm.hpp"
#include "vmsystem/tests/eventually.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

namespace vmsystem::test {

inline constexpr std::size_t mib = std::size_t{1} << 20;

/// The first answer in what a client received; status 0 for none.
inline http_answer answer_in(const std::string& text) {
  http_answer answer;
  const auto end = text.find("\r\n\r\n");
  if (end == std::string::npos)
    return answer;
  answer.head = text.substr(0, end + 2);
  answer.status = std::stoi(answer.head.substr(9, 3));
  answer.body = text.substr(end + 4);
  return answer;
}

/// The value of a series without labels.
inline std::size_t metric(http_connection& client, const std::string& name) {
  const auto text = client.request("GET", "/metrics").body;
  const auto at = text.find('\n' + name + ' ');
  BOOST_TEST_REQUIRE(at != std::string::npos, name);
  return static_cast<std::size_t>(
    std::strtod(text.c_str() + at + name.size() + 2, nullptr));
}

/// What a server is when nobody uses it.
struct resting_state {
  std::size_t descriptors;
  std::size_t threads;
  std::size_t peak_kb;
};

/// What the server is now; to be asked before it has clients.
inline resting_state resting(test_daemon& server) {
  const auto process = server.process().pid();
  return {descriptors_of(process), threads_of(process),
          peak_resident_kb(process)};
}

/// Checks that the server uses no more than it did before it had clients, and
/// serves a new one.
inline void check_rested(test_daemon& server, const resting_state& before,
                         const std::string& session) {
  auto client = server.connect();
  BOOST_TEST(eventually(
    [&] { return metric(client, "vm_system_http_connections") == 1u; },
    std::chrono::seconds{60}));
  BOOST_TEST(eventually([&] {
    return metric(client, "vm_system_http_requests_in_flight") == 1u
           && metric(client, "vm_system_requests_in_flight") == 0u
           && metric(client, "vm_system_http_buffered_bytes") == 0u;
  }));
  // One more for this client, and a few tables that the store has open.
  constexpr std::size_t tables = 64;
  BOOST_TEST(descriptors_of(server.process().pid())
             <= before.descriptors + 1 + tables);
  BOOST_TEST(threads_of(server.process().pid()) <= before.threads + 2);
  const auto record = run_snippet(client, session, "6 * 7");
  BOOST_TEST(record.field("result").field("json").raw() == "42");
  BOOST_TEST(client.request("GET", "/api/v1/ready").status == 200);
}

/// A client that does honest work, and is served with right answers.
class healthy_client {
public:
  healthy_client(const test_daemon& server, std::string session)
    : connection_{server.connect()}, session_{std::move(session)} {}

  /// Runs one snippet and reads its record.
  void work() {
    const auto number = std::to_string(++rounds_);
    const auto record = run_snippet(connection_, session_, number + " * 2");
    BOOST_TEST_REQUIRE(record.field("result").field("json").raw()
                       == std::to_string(rounds_ * 2));
    const auto stored = ask(connection_, "GET",
                            "/api/v1/executions/" + record.field("id").text());
    BOOST_TEST_REQUIRE(stored.field("input").text() == number + " * 2");
  }

  void leave() {
    connection_.reset();
  }

private:
  http_connection connection_;
  std::string session_;
  int rounds_ = 0;
};

/// Checks an answer that refuses for lack of room.
inline void check_refusal(const http_answer& answer, int status,
                          const std::string& code) {
  BOOST_TEST_REQUIRE(answer.status == status, answer.head);
  BOOST_TEST(answer.code() == code, answer.body);
  BOOST_TEST(!answer.json().field("error").field("message").text().empty());
  BOOST_TEST(!answer.header("Retry-After").empty(), answer.head);
}

} // namespace vmsystem::test
