#include "server.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace vmsystem;

namespace {

std::string metrics_of(const server& s) {
  return http_client{s.where()}.ask("GET", "/metrics").value().body;
}

std::string answered(const std::string& route, const std::string& method,
                     const std::string& code) {
  return "\nvm_system_http_requests_total{route=\"" + route + "\",method=\""
         + method + "\",code=\"" + code + "\"} ";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_CASE(each_answer_is_counted_with_its_route_and_status) {
  server s;
  http_client client{s.where()};
  client.ask("GET", health);
  client.ask("GET", "/nowhere");
  client.ask("POST", repl, snippet("1"));
  client.ask("POST", repl, snippet("SESSION_BUSY"));
  client.ask("POST", repl, "{");
  const auto text = metrics_of(s);
  BOOST_TEST(has(text, answered(health, "GET", "200") + "1\n"), text);
  BOOST_TEST(has(text, answered("none", "GET", "404") + "1\n"));
  BOOST_TEST(has(text, answered(repl, "POST", "201") + "1\n"));
  BOOST_TEST(has(text, answered(repl, "POST", "409") + "1\n"));
  BOOST_TEST(has(text, answered(repl, "POST", "400") + "1\n"));
  BOOST_TEST(has(text, "\nvm_system_http_connections 2\n"));
  BOOST_TEST(has(text, "\nvm_system_http_connections_total 2\n"));
  // The one that asks is counted when it is answered.
  BOOST_TEST(!has(text, answered("/metrics", "GET", "200")));
  BOOST_TEST(has(metrics_of(s), answered("/metrics", "GET", "200") + "1\n"));
}

BOOST_AUTO_TEST_CASE(an_answer_in_parts_is_counted_when_it_begins) {
  // Nothing but the first progress comes while the test looks.
  auto options = quick_options();
  options.progress_interval = std::chrono::minutes{1};
  server s{options};
  http_client reader{s.where()};
  reader.send(
    http_request("GET", "/api/v1/batches/" + fakes::running_batch.to_string(),
                 "", "Accept: text/event-stream\r\n"));
  BOOST_REQUIRE(reader.receive_head().has_value());
  const auto text = metrics_of(s);
  BOOST_TEST(has(text,
                 answered("/api/v1/batches/{batch_id}", "GET", "200") + "1\n"),
             text);
  BOOST_TEST(has(text, "\nvm_system_http_requests_in_flight 2\n"), text);
}

BOOST_AUTO_TEST_CASE(a_request_in_flight_is_not_counted_as_answered) {
  server s;
  http_client busy{s.where()};
  busy.send(http_request("POST", repl, snippet("hold")));
  BOOST_TEST(eventually([&] { return s.seen->held == 1; }));
  const auto text = metrics_of(s);
  BOOST_TEST(!has(text, answered(repl, "POST", "201")), text);
  BOOST_TEST(has(text, "\nvm_system_http_requests_in_flight 2\n"), text);
  BOOST_TEST(
    http_client{s.where()}.ask("POST", repl, snippet("go")).has_value());
  BOOST_TEST(busy.receive().has_value());
  BOOST_TEST(has(metrics_of(s), answered(repl, "POST", "201") + "2\n"));
}
