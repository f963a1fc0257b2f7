#define BOOST_TEST_MODULE shutdown
#include "daemon.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds grace{1000};
constexpr milliseconds margin{VMSYSTEM_TIME_MARGIN_MS};

const std::vector<std::string> flags{"--grace-ms",
                                     std::to_string(grace.count())};

/// Clients that run snippets until the server refuses.
class load {
public:
  load(const test_daemon& server, const std::vector<std::string>& sessions) {
    working_ = sessions.size();
    for (const auto& session : sessions)
      threads_.emplace_back([this, &server, session] {
        try {
          auto client = server.connect();
          const auto body = repl_body(session, "console.log(1); 1+1");
          while (client.request("POST", "/api/v1/executions/repl", body).status
                 == 201)
            ++done_;
        } catch (const std::exception&) {
          // The server went away, as it was told to.
        }
        --working_;
      });
  }

  ~load() {
    for (auto& thread : threads_)
      thread.join();
  }

  void wait_for(uint64_t count) const {
    while (done_ < count) {
      if (working_ == 0)
        throw std::runtime_error{"all clients were refused"};
      std::this_thread::sleep_for(milliseconds{1});
    }
  }

private:
  std::atomic<uint64_t> done_{0};
  std::atomic<std::size_t> working_{0};
  std::vector<std::thread> threads_;
};

std::vector<std::string> make_sessions(const test_daemon& server, int count) {
  auto client = server.connect();
  const auto id = make_template(client, R"({"wall_ms":60000,"cpu_ms":60000})");
  std::vector<std::string> sessions;
  for (int i = 0; i < count; ++i)
    sessions.push_back(make_session(client, id));
  return sessions;
}

/// The records of a session, from a new daemon on the same store.
std::vector<json_value> records_of(const test_daemon& server,
                                   const std::string& session) {
  auto client = server.connect();
  return ask(client, "GET",
             "/api/v1/executions?limit=1000&session_id=" + session)
    .elements();
}

} // namespace

BOOST_AUTO_TEST_CASE(sigterm_under_load_ends_in_time_with_everything_recorded) {
  const temp_folder folder;
  std::vector<std::string> sessions;
  std::string loops;
  {
    test_daemon server{folder.path().string(), flags};
    sessions = make_sessions(server, 8);
    loops = sessions.back();
    sessions.pop_back();
    auto endless = server.connect();
    endless.begin("POST", "/api/v1/executions/repl",
                  repl_body(loops, "for(;;);"));
    auto control = server.connect();
    static_cast<void>(wait_for_running(control, loops));
    const load clients{server, sessions};
    clients.wait_for(100);
    const auto begin = clock::now();
    BOOST_TEST((server.stop(grace + margin) == 0), server.log());
    BOOST_TEST((clock::now() - begin <= grace + margin));
    // The client that waits is answered before the end.
    const auto answer = endless.receive();
    BOOST_TEST(answer.status == 201);
    const std::set<std::string> ends{"interrupted", "cancelled",
                                     "session_closed"};
    BOOST_TEST(ends.count(answer.json().field("end_reason").text()) == 1u,
               answer.body);
  }
  test_daemon again{folder.path().string(), flags};
  const auto cut = records_of(again, loops);
  BOOST_TEST_REQUIRE(cut.size() == 1u);
  BOOST_TEST(cut[0].field("status").text() != "running");
  for (const auto& session : sessions)
    for (const auto& record : records_of(again, session))
      BOOST_TEST_REQUIRE(record.field("status").text() == "ok", record.raw());
  auto client = again.connect();
  for (const std::string status : {"ready", "starting"})
    BOOST_TEST(ask(client, "GET", "/api/v1/sessions?status=" + status).raw()
               == "[]");
  BOOST_TEST((again.stop() == 0));
}

BOOST_AUTO_TEST_CASE(scripts_that_end_within_the_grace_period_end_well) {
  test_daemon server{flags};
  const auto session = make_sessions(server, 1).front();
  auto waits = server.connect();
  waits.begin("POST", "/api/v1/executions/repl",
              repl_body(session, "const end = Date.now() + 300; "
                                 "while (Date.now() < end); 'done'"));
  auto control = server.connect();
  static_cast<void>(wait_for_running(control, session));
  server.process().signal(SIGTERM);
  const auto answer = waits.receive();
  BOOST_TEST(answer.status == 201);
  BOOST_TEST(answer.json().field("result").field("preview").text() == "done");
  BOOST_TEST((server.process().wait(grace + margin) == 0));
}

BOOST_AUTO_TEST_CASE(an_idle_daemon_stops_at_once) {
  for (const int number : {SIGTERM, SIGINT}) {
    test_daemon server;
    auto idle = server.connect();
    server.process().signal(number);
    BOOST_TEST((server.process().wait(margin) == 0));
  }
}

BOOST_AUTO_TEST_CASE(a_second_signal_ends_it_at_once) {
  const temp_folder folder;
  {
    test_daemon server{folder.path().string(), {"--grace-ms", "60000"}};
    const auto session = make_sessions(server, 1).front();
    auto endless = server.connect();
    endless.begin("POST", "/api/v1/executions/repl",
                  repl_body(session, "for(;;);"));
    auto control = server.connect();
    static_cast<void>(wait_for_running(control, session));
    server.process().signal(SIGTERM);
    const auto said
      = [&] { return server.log().find("stopping") != std::string::npos; };
    while (!said())
      std::this_thread::sleep_for(milliseconds{1});
    server.process().signal(SIGTERM);
    const auto status = server.process().wait(margin);
    BOOST_TEST((status == 128 + SIGTERM));
  }
  // What it left is put in order by the next one.
  test_daemon again{folder.path().string(), {}};
  auto client = again.connect();
  BOOST_TEST(ask(client, "GET", "/api/v1/sessions?status=ready").raw() == "[]");
}
