#include "../../unit/gateway/wire_cases.hpp"
#include "server.hpp"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <mutex>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

using namespace vmsystem;
using namespace std::chrono_literals;

namespace {

/// The fields of a line, each with a space behind it.
std::string render_fields(const log_fields& fields) {
  std::string result;
  for (const auto& x : fields)
    result += x.name + '=' + x.value + ' ';
  return result;
}

/// The statuses that come back, in the form of `wire_case::outcome`.
std::string outcome_of(http_client& client, const wire_case& x) {
  client.send(x.bytes);
  if (x.outcome == "wait")
    return client.readable(0) ? "answered" : "wait";
  std::string result;
  const auto wanted = std::count(x.outcome.begin(), x.outcome.end(), ' ');
  for (auto i = 0; i < wanted; ++i) {
    auto answer = client.receive();
    if (answer && answer->status == 100)
      answer = client.receive();
    if (!answer)
      break;
    result += std::to_string(answer->status) + " ";
  }
  if (x.outcome.find("close") != std::string::npos)
    return result + (client.at_end() ? "close" : "not closed");
  const auto next = client.ask("GET", health);
  return result + (next && next->status == 200 ? "open" : "not open");
}

} // namespace

BOOST_AUTO_TEST_CASE(every_wire_case_has_its_outcome_on_a_socket) {
  server s;
  for (const auto& x : wire_cases())
    BOOST_TEST_CONTEXT(x.name) {
      http_client client{s.where()};
      BOOST_TEST(outcome_of(client, x) == x.outcome);
    }
}

BOOST_AUTO_TEST_CASE(a_request_may_come_byte_by_byte) {
  server s;
  http_client client{s.where()};
  for (const char c : http_request("POST", repl, snippet("1+1")))
    BOOST_REQUIRE(client.send({&c, 1}));
  BOOST_TEST(client.receive().value().status == 201);
}

BOOST_AUTO_TEST_CASE(continue_is_sent_before_a_body) {
  server s;
  http_client client{s.where()};
  const auto body = snippet("1+1");
  client.send("POST /api/v1/executions/repl HTTP/1.1\r\nHost: localhost\r\n"
              "Expect: 100-continue\r\nContent-Length: "
              + std::to_string(body.size()) + "\r\n\r\n");
  BOOST_TEST(client.receive().value().status == 100);
  client.send(body);
  BOOST_TEST(client.receive().value().status == 201);
}

BOOST_AUTO_TEST_CASE(pipelined_answers_keep_their_order) {
  server s;
  http_client client{s.where()};
  client.send(http_request("POST", repl, snippet("hold"))
              + http_request("GET", health) + http_request("GET", "/nowhere")
              + http_request("POST", repl, snippet("1+1")));
  BOOST_TEST(eventually([&] { return s.seen->commands == 2; }));
  BOOST_TEST(!client.readable(20));
  http_client other{s.where()};
  BOOST_TEST(other.ask("POST", repl, snippet("go")).value().status == 201);
  BOOST_TEST(client.receive().value().body.find("long") == std::string::npos);
  BOOST_TEST(client.receive().value().body == R"({"status":"ok"})");
  BOOST_TEST(client.receive().value().status == 404);
  BOOST_TEST(client.receive().value().body.find("1+1") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(many_pipelined_requests_are_all_answered) {
  server s;
  http_client client{s.where()};
  std::string all;
  for (int i = 0; i < 500; ++i)
    all += http_request("POST", repl, snippet("n" + std::to_string(i)));
  BOOST_TEST(client.send(all));
  for (int i = 0; i < 500; ++i) {
    const auto answer = client.receive();
    BOOST_REQUIRE(answer.has_value());
    BOOST_TEST(answer->body.find("\"n" + std::to_string(i) + "\"")
               != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_half_closed_client_gets_its_answer) {
  server s;
  http_client client{s.where()};
  client.send(http_request("POST", repl, snippet("hold"))
              + http_request("GET", health));
  client.end();
  BOOST_TEST(eventually([&] { return s.seen->held == 1; }));
  BOOST_TEST(!client.readable(50));
  http_client other{s.where()};
  other.ask("POST", repl, snippet("go"));
  BOOST_TEST(client.receive().value().status == 201);
  BOOST_TEST(client.receive().value().status == 200);
  BOOST_TEST(client.at_end());
}

BOOST_AUTO_TEST_CASE(a_waiting_half_closed_client_costs_no_time) {
  server s;
  http_client client{s.where()};
  client.send(http_request("POST", repl, snippet("hold")));
  client.end();
  BOOST_TEST(eventually([&] { return s.seen->held == 1; }));
  const auto before = std::clock();
  client.readable(500);
  const auto used = std::clock() - before;
  BOOST_TEST(used < CLOCKS_PER_SEC / 5);
}

BOOST_AUTO_TEST_CASE(an_execution_survives_its_client) {
  server s;
  {
    http_client client{s.where()};
    client.send(http_request("POST", repl, snippet("hold")));
    BOOST_TEST(eventually([&] { return s.seen->held == 1; }));
    client.reset();
  }
  http_client other{s.where()};
  BOOST_TEST(other.ask("POST", repl, snippet("go")).value().status == 201);
  BOOST_TEST(s.seen->released == 1);
  BOOST_TEST(other.ask("GET", health).value().status == 200);
}

BOOST_AUTO_TEST_CASE(a_reset_in_mid_body_harms_nobody) {
  server s;
  http_client other{s.where()};
  for (int i = 0; i < 20; ++i) {
    http_client client{s.where()};
    client.send("POST /api/v1/executions/repl HTTP/1.1\r\nHost: localhost\r\n"
                "Content-Length: 1000\r\n\r\n{");
    client.reset();
    BOOST_TEST(other.ask("GET", health).value().status == 200);
  }
  BOOST_TEST(s.seen->commands == 0);
}

BOOST_AUTO_TEST_CASE(a_refused_body_does_not_hide_the_answer) {
  server s;
  http_client client{s.where()};
  client.send("POST /api/v1/executions/repl HTTP/1.1\r\nHost: localhost\r\n"
              "Content-Length: 12000000\r\n\r\n");
  const std::string piece(1000000, 'x');
  for (int i = 0; i < 12; ++i)
    BOOST_TEST(client.send(piece));
  const auto answer = client.receive();
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->status == 413);
  BOOST_TEST(answer->body.find("PAYLOAD_TOO_LARGE") != std::string::npos);
  BOOST_TEST(answer->field("Connection").value() == "close");
  BOOST_TEST(client.at_end());
}

BOOST_AUTO_TEST_CASE(a_body_of_the_largest_size_is_taken) {
  server s;
  http_client client{s.where()};
  const auto frame = snippet("").size();
  const auto body = snippet(std::string((8u << 20) - frame, 'x'));
  BOOST_TEST(body.size() == 8u << 20);
  BOOST_TEST(client.ask("POST", repl, body).value().status == 201);
  BOOST_TEST(client.ask("POST", repl, body + " ").value().status == 413);
}

BOOST_AUTO_TEST_CASE(large_answers_arrive_whole) {
  server s;
  http_client client{s.where()};
  client.send(http_request("POST", repl, snippet("big 20000000"))
              + http_request("POST", repl, snippet("big 3000000"))
              + http_request("GET", health));
  BOOST_TEST(client.receive().value().body.size() == 20000000u);
  BOOST_TEST(client.receive().value().body.size() == 3000000u);
  BOOST_TEST(client.receive().value().status == 200);
}

BOOST_AUTO_TEST_CASE(a_client_that_does_not_read_is_left) {
  auto options = quick_options();
  options.connection.write_timeout = 100ms;
  options.max_connections = 1;
  server s{options};
  http_client client{s.where()};
  client.send(http_request("POST", repl, snippet("big 100000000")));
  // Only when the first is gone, a second is served.
  http_client next{s.where()};
  BOOST_TEST(next.ask("GET", health).value().status == 200);
  BOOST_TEST(!client.receive().has_value());
}

BOOST_AUTO_TEST_CASE(slow_requests_are_answered_with_408) {
  auto options = quick_options();
  options.connection.header_timeout = 50ms;
  options.connection.body_timeout = 50ms;
  server s{options};
  for (
    const auto* start :
    {"GET /api", "GET / HTTP/1.1\r\n",
     "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n1",
     "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    http_client client{s.where()};
    client.send(start);
    const auto answer = client.receive();
    BOOST_REQUIRE(answer.has_value());
    BOOST_TEST(answer->status == 408);
    BOOST_TEST(client.at_end());
  }
}

BOOST_AUTO_TEST_CASE(idle_connections_are_closed) {
  auto options = quick_options();
  options.connection.idle_timeout = 50ms;
  server s{options};
  http_client fresh{s.where()};
  http_client used{s.where()};
  BOOST_TEST(used.ask("GET", health).value().status == 200);
  BOOST_TEST(used.at_end());
  BOOST_TEST(fresh.at_end());
}

BOOST_AUTO_TEST_CASE(an_overdue_answer_is_an_internal_error) {
  auto options = quick_options();
  options.execution_timeout = 50ms;
  server s{options};
  http_client client{s.where()};
  const auto answer = client.ask("POST", repl, snippet("never"));
  BOOST_TEST(answer->status == 500);
  BOOST_TEST(answer->body.find("in time") != std::string::npos);
  // What comes too late is dropped, and does not answer the next request.
  client.send(http_request("POST", repl, snippet("go")));
  BOOST_TEST(client.receive().value().body.find("\"go\"") != std::string::npos);
  BOOST_TEST(client.ask("GET", health).value().status == 200);
}

BOOST_AUTO_TEST_CASE(a_dead_runtime_is_an_internal_error) {
  server s;
  http_client client{s.where()};
  client.send(http_request("POST", repl, snippet("never")));
  BOOST_TEST(eventually([&] { return s.seen->commands == 1; }));
  caf::anon_send_exit(s.supervisor, caf::exit_reason::kill);
  BOOST_TEST(client.receive().value().status == 500);
  BOOST_TEST(client.ask("POST", repl, snippet("1")).value().status == 500);
  BOOST_TEST(client.ask("GET", "/api/v1/ready").value().status == 503);
  BOOST_TEST(client.ask("GET", health).value().status == 200);
}

BOOST_AUTO_TEST_CASE(a_request_that_fails_has_a_line_in_the_log) {
  std::mutex mutex;
  std::vector<log_entry> lines;
  auto options = quick_options();
  options.execution_timeout = 50ms;
  options.log = [&](const log_entry& line) {
    const std::lock_guard guard{mutex};
    lines.push_back(line);
  };
  server s{options};
  http_client client{s.where()};
  client.ask("POST", repl, snippet("SESSION_BUSY"));
  client.ask("GET", "/nowhere");
  BOOST_TEST(
    client.ask("POST", repl, snippet("never"), "X-Request-Id: mine\r\n")
      .value()
      .status
    == 500);
  const auto other = client.ask("POST", repl, snippet("never"));
  s.drain(0);
  BOOST_REQUIRE(lines.size() == 2u);
  BOOST_TEST((lines[0].level == log_level::error));
  BOOST_TEST(lines[0].message == "a request failed");
  BOOST_TEST(render_fields(lines[0].fields)
             == "request_id=mine method=POST route=/api/v1/executions/repl "
                "reason=the runtime did not answer in time ");
  // Who sends no id gets one, and the log has the same.
  BOOST_TEST(
    render_fields(lines[1].fields)
      .rfind("request_id=" + other.value().field("X-Request-Id").value(), 0)
    == 0u);
}

BOOST_AUTO_TEST_CASE(clients_beyond_the_limit_wait) {
  auto options = quick_options();
  options.max_connections = 2;
  server s{options};
  auto first = std::make_unique<http_client>(s.where());
  http_client second{s.where()};
  BOOST_TEST(first->ask("GET", health).value().status == 200);
  BOOST_TEST(second.ask("GET", health).value().status == 200);
  http_client third{s.where()};
  third.send(http_request("GET", health));
  BOOST_TEST(!third.readable(100));
  first.reset();
  BOOST_TEST(third.receive().value().status == 200);
}

BOOST_AUTO_TEST_CASE(the_largest_body_is_refused_when_all_have_too_much) {
  auto options = quick_options();
  options.max_buffered_bytes = 1000000;
  server s{options};
  const auto begin = [](http_client& client, std::size_t sent) {
    client.send("POST " + std::string{repl}
                + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000"
                  "\r\n\r\n"
                + std::string(sent, ' '));
  };
  http_client small{s.where()};
  begin(small, 300000);
  http_client large{s.where()};
  begin(large, 600000);
  BOOST_TEST(!large.readable(50));
  http_client further{s.where()};
  begin(further, 200000);
  const auto answer = large.receive();
  BOOST_REQUIRE(answer.has_value());
  BOOST_TEST(answer->status == 503);
  BOOST_TEST(answer->field("Retry-After").has_value());
  BOOST_TEST(large.at_end());
  BOOST_TEST(!small.readable(50));
  BOOST_TEST(!further.readable(0));
  http_client other{s.where()};
  BOOST_TEST(other.ask("POST", repl, snippet("1+1")).value().status == 201);
  BOOST_TEST(s.seen->commands == 1);
}

BOOST_AUTO_TEST_CASE(no_descriptors_left_is_waited_for_without_spinning) {
  auto options = quick_options();
  // On the thread of the gateway.
  auto warnings = std::make_shared<std::atomic<int>>(0);
  options.log = [warnings](const log_entry& line) {
    if (line.message.find("ulimit -n") != std::string::npos)
      ++*warnings;
  };
  server s{options};
  http_client client{s.where()};
  BOOST_TEST(client.ask("GET", health).value().status == 200);
  http_client waiting{s.where()};
  BOOST_TEST(waiting.ask("GET", health).value().status == 200);
  // The next descriptor is the highest that is allowed, for the client.
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const int next = ::dup(0);
  ::close(next);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(next) + 1;
  setrlimit(RLIMIT_NOFILE, &none);
  http_client late{s.where()};
  late.send(http_request("GET", health));
  const auto start = std::clock();
  const bool answered = late.readable(500);
  const auto used = std::clock() - start;
  const bool alive = client.ask("GET", health).has_value();
  setrlimit(RLIMIT_NOFILE, &before);
  BOOST_TEST(!answered);
  BOOST_TEST(used < CLOCKS_PER_SEC / 5);
  BOOST_TEST(alive);
  BOOST_TEST(late.receive().value().status == 200);
  BOOST_TEST(*warnings == 1);
}

BOOST_AUTO_TEST_CASE(many_clients_come_and_go) {
  server s;
  for (int round = 0; round < 5; ++round) {
    std::vector<std::unique_ptr<http_client>> clients;
    for (int i = 0; i < 100; ++i)
      clients.push_back(std::make_unique<http_client>(s.where()));
    for (auto& client : clients)
      client->send(http_request("POST", repl, snippet("1+1")));
    for (auto& client : clients)
      BOOST_TEST(client->receive().value().status == 201);
  }
}

BOOST_AUTO_TEST_CASE(ipv6_is_served_too) {
  auto options = quick_options();
  options.listen = {"::1", 0};
  if (const auto probe = http::listen_on(options.listen); !probe)
    return;
  server s{options};
  http_client client{s.where()};
  BOOST_TEST(client.ask("GET", health).value().status == 200);
}
