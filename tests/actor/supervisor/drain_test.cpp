#include "support.hpp"
#include "vmsystem/actors/recovery.hpp"
#include "vmsystem/models/codec.hpp"

using namespace vmsystem;
using namespace vmsystem::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(draining, supervisor_fixture)

BOOST_AUTO_TEST_CASE(a_drain_lets_executions_finish_and_closes_sessions) {
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":500}})");
  const auto running = send_snippet(id, "new Promise(() => {})");
  run();
  const auto drained
    = send<runtime_summary>(supervisor, drain_atom_v, uint32_t{5000});
  run();
  BOOST_TEST(!drained.there());
  const auto refused = repl(id, "1");
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == ec::overloaded));
  const auto unready = ask<readiness>(ready_atom_v);
  BOOST_REQUIRE(unready);
  BOOST_REQUIRE(unready.value().obstacles.size() == 1u);
  BOOST_TEST(unready.value().obstacles.front().part == "server");
  pass(600ms);
  BOOST_TEST((running.get().value().record.reason == end_reason::wall_timeout));
  BOOST_TEST(drained.get().value().active_session_ids.size() == 1u);
  const auto past = stored(id);
  BOOST_REQUIRE(past);
  BOOST_TEST((past.value().status == session_status::closed));
  BOOST_TEST(past.value().last_error == "the server was stopped");
}

BOOST_AUTO_TEST_CASE(after_the_grace_period_the_rest_is_cancelled) {
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":60000}})");
  const auto running = send_snippet(id, "new Promise(() => {})");
  const auto waiting = send_snippet(id, "1", 60000);
  run();
  const auto drained
    = send<runtime_summary>(supervisor, drain_atom_v, uint32_t{1000});
  run();
  pass(1100ms);
  const auto& record = running.get().value().record;
  BOOST_TEST((record.status == execution_status::cancelled));
  check_complete(record.id);
  BOOST_TEST(!waiting.get().has_value());
  BOOST_TEST(drained.get().has_value());
}

BOOST_AUTO_TEST_CASE(an_idle_runtime_drains_at_once) {
  start();
  BOOST_TEST(ask<runtime_summary>(drain_atom_v, uint32_t{5000}).has_value());
}

BOOST_AUTO_TEST_CASE(what_a_dead_process_left_is_brought_in_order) {
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":60000}})");
  const auto finished = repl(id, "1");
  const auto running
    = send_snippet(id, "console.log('x'); new Promise(() => {})");
  run();
  pass(30ms);
  const auto before = stored_executions(id);
  BOOST_REQUIRE(before.size() == 2u);
  BOOST_TEST((before[0].status == execution_status::running));
  // Another process opens the store while nobody finished the execution.
  const auto recovered = recover(*kept);
  BOOST_REQUIRE(recovered);
  BOOST_TEST(recovered.value().interrupted_executions == 1u);
  BOOST_TEST(recovered.value().closed_sessions == 1u);
  BOOST_TEST(recovered.value().templates.size() == 1u);
  const auto after = stored(before[0].id);
  BOOST_REQUIRE(after);
  BOOST_TEST((after.value().status == execution_status::error));
  BOOST_TEST((after.value().reason == end_reason::interrupted));
  check_complete(before[0].id);
  check_complete(finished.value().record.id);
  BOOST_TEST((stored(id).value().status == session_status::closed));
  BOOST_TEST(!stored(id).value().last_error.empty());
  const auto again = recover(*kept);
  BOOST_REQUIRE(again);
  BOOST_TEST(again.value().interrupted_executions == 0u);
  BOOST_TEST(again.value().closed_sessions == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
