#include "server.hpp"

#include <unistd.h>

using namespace vmsystem;

BOOST_AUTO_TEST_CASE(a_busy_address_is_an_error_with_the_way_out) {
  server s;
  auto options = quick_options();
  options.listen = s.where();
  const auto second
    = spawn_http_gateway(s.system, options, s.supervisor, s.query);
  BOOST_REQUIRE(!second.has_value());
  BOOST_TEST(second.error().message.find(s.where().to_string())
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_system_without_io_is_an_error) {
  struct config : caf::actor_system_config {
    config() {
      add_message_types<caf::id_block::vmsystem>();
    }
  };
  config cfg;
  caf::actor_system system{cfg};
  const auto gateway = spawn_http_gateway(system, quick_options(), {}, {});
  BOOST_REQUIRE(!gateway.has_value());
  BOOST_TEST((gateway.error().code == ec::internal));
}

BOOST_AUTO_TEST_CASE(a_drained_gateway_frees_its_address) {
  server s;
  http_client client{s.where()};
  BOOST_TEST(client.ask("GET", health).value().status == 200);
  BOOST_TEST(s.drain(10000) == 0u);
  BOOST_TEST(client.at_end());
  auto options = quick_options();
  options.listen = s.where();
  server again{options};
  http_client next{again.where()};
  BOOST_TEST(next.ask("GET", health).value().status == 200);
}

BOOST_AUTO_TEST_CASE(a_drain_waits_for_what_is_in_flight) {
  server s;
  http_client client{s.where()};
  client.send(http_request("POST", repl, snippet("hold")));
  BOOST_TEST(eventually([&] { return s.seen->held == 1; }));
  std::thread releaser{[&] {
    // Until the listener is closed, the drain has not begun.
    eventually([&] {
      const auto probe = http::listen_on(s.where());
      return probe.has_value() && ::close(probe.value().fd) == 0;
    });
    execution_request go;
    go.session = fakes::known_session;
    go.input = "go";
    caf::anon_send(s.supervisor, execute_atom_v, go);
  }};
  // Checks of Boost.Test belong to one thread.
  std::optional<http_answer> answer;
  bool ended = false;
  std::thread reader{[&] {
    answer = client.receive();
    ended = client.at_end();
    client.end();
  }};
  const auto unanswered = s.drain(10000);
  releaser.join();
  reader.join();
  BOOST_TEST(unanswered == 0u);
  BOOST_TEST(answer.value().status == 201);
  BOOST_TEST(answer.value().field("Connection").value() == "close");
  BOOST_TEST(ended);
}

BOOST_AUTO_TEST_CASE(a_drain_ends_with_its_grace) {
  server s;
  http_client client{s.where()};
  client.send(http_request("POST", repl, snippet("never"))
              + http_request("GET", health));
  BOOST_TEST(eventually([&] { return s.seen->commands == 1; }));
  const auto start = std::chrono::steady_clock::now();
  BOOST_TEST(s.drain(100) == 2u);
  const auto took = std::chrono::steady_clock::now() - start;
  BOOST_TEST((took < std::chrono::seconds{5}));
  BOOST_TEST(client.at_end());
}

BOOST_AUTO_TEST_CASE(a_killed_gateway_leaves_nothing_open) {
  server s;
  http_client client{s.where()};
  BOOST_TEST(client.ask("GET", health).value().status == 200);
  caf::anon_send_exit(s.gateway.actor, caf::exit_reason::kill);
  BOOST_TEST(client.at_end());
  s.drained = true;
  s.gateway.actor = gateway_actor{};
}
