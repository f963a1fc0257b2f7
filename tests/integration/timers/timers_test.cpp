#define BOOST_TEST_MODULE timers
#include "daemon.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <sys/resource.h>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

constexpr std::size_t session_count = 1000;
constexpr int slot_count = 2;
constexpr double sleep_ms = 6000;

/// Sessions between two snippets that do not sleep.
constexpr std::size_t others_every = 50;

/// Gives how long it slept.
const std::string sleeper
  = "const begun = performance.now(); new Promise((done) => setTimeout(() =>"
    " done(performance.now() - begun), "
    + std::to_string(static_cast<int>(sleep_ms)) + "))";

/// Lets this process and the server have a socket for each session.
void allow_many_sockets() {
  constexpr rlim_t wanted = 4 * session_count;
  rlimit limit{};
  BOOST_TEST_REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  BOOST_TEST_REQUIRE(limit.rlim_max >= wanted);
  limit.rlim_cur = std::max(limit.rlim_cur, wanted);
  BOOST_TEST_REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

/// Whether `one` was under way for all of the time of `other`.
bool spans(const json_value& one, const json_value& other) {
  return one.field("started_at").text() < other.field("started_at").text()
         && one.field("ended_at").text() > other.field("ended_at").text();
}

} // namespace

BOOST_AUTO_TEST_CASE(a_thousand_sessions_sleep_while_others_are_answered) {
  allow_many_sockets();
  const test_daemon server{{"--slots", std::to_string(slot_count)}};
  auto client = server.connect();
  const auto id = make_template(client, R"({"wall_ms":120000})");
  std::vector<std::string> sessions;
  for (std::size_t i = 0; i < session_count; ++i)
    sessions.push_back(make_session(client, id));
  const auto awake = make_session(client, id);

  std::vector<http_connection> sleeping;
  std::vector<json_value> others;
  for (std::size_t i = 0; i < session_count; ++i) {
    sleeping.push_back(server.connect());
    sleeping.back().begin("POST", "/api/v1/executions/repl",
                          repl_body(sessions[i], sleeper));
    if (i % others_every == others_every - 1)
      others.push_back(run_snippet(client, awake, "6 * 7"));
  }

  std::vector<json_value> slept;
  for (auto& one : sleeping) {
    slept.push_back(one.receive().json());
    const auto& record = slept.back();
    BOOST_TEST_REQUIRE(record.field("status").text() == "ok", record.raw());
    // A timer goes by whole milliseconds.
    BOOST_TEST(std::stod(record.field("result").field("preview").text())
               >= sleep_ms - 1);
  }
  // More slept than there are slots, and yet others had their turn.
  std::ptrdiff_t most = 0;
  for (const auto& other : others) {
    BOOST_TEST(other.field("result").field("preview").text() == "42");
    most = std::max(most, std::count_if(slept.begin(), slept.end(),
                                        [&](const auto& one) {
                                          return spans(one, other);
                                        }));
  }
  BOOST_TEST_MESSAGE(most << " slept at the same time");
  BOOST_TEST(most > slot_count);
}
