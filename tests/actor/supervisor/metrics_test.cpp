#include "support.hpp"

using namespace vmsystem;
using namespace vmsystem::test;
using namespace std::chrono_literals;

namespace {

struct metrics_fixture : supervisor_fixture {
  /// The value of a series, as it is served; empty when there is none.
  std::string value_of(const std::string& series) {
    const auto text = ask<std::string>(metrics_atom_v).value();
    const auto at = text.find('\n' + series + ' ');
    if (at == std::string::npos)
      return {};
    const auto begin = at + series.size() + 2;
    return text.substr(begin, text.find('\n', begin) - begin);
  }

  std::string in_stage(const std::string& name) {
    return value_of("vm_system_executions_in_flight{stage=\"" + name + "\"}");
  }
};

const std::string ok_ends
  = R"(vm_system_executions_total{kind="repl",status="ok",end_reason="ok"})";

} // namespace

BOOST_FIXTURE_TEST_SUITE(metrics, metrics_fixture)

BOOST_AUTO_TEST_CASE(an_execution_is_counted_when_it_is_stored) {
  start();
  BOOST_TEST(value_of(ok_ends) == "0");
  const auto id = make_session();
  BOOST_TEST(repl(id, "1").has_value());
  BOOST_TEST(repl(id, "2").has_value());
  BOOST_TEST(value_of(ok_ends) == "2");
  BOOST_TEST(value_of("vm_system_execution_wall_seconds_count") == "2");
  BOOST_TEST(value_of("vm_system_writer_commits_total")
             == std::to_string(written->group_sets.count()));
  kept->add(store_fault{});
  BOOST_TEST(!repl(id, "3").has_value());
  BOOST_TEST(value_of(ok_ends) == "2");
  BOOST_TEST(value_of("vm_system_executions_unstored_total") == "1");
  BOOST_TEST(value_of("vm_system_store_failing") == "1");
  kept->heal();
  BOOST_TEST(repl(id, "4").has_value());
  BOOST_TEST(value_of(ok_ends) == "3");
  BOOST_TEST(value_of("vm_system_store_failing") == "0");
}

BOOST_AUTO_TEST_CASE(what_waits_is_shown_with_its_stage) {
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":1000}})");
  const auto first = send_snippet(id, "new Promise(() => {})");
  run();
  const auto second = send_snippet(id, "1", 5000);
  run();
  BOOST_TEST(in_stage("parked") == "1");
  BOOST_TEST(in_stage("waiting") == "1");
  BOOST_TEST(value_of("vm_system_sessions_busy") == "1");
  BOOST_TEST(value_of("vm_system_sessions{state=\"ready\"}") == "1");
  pass(1100ms);
  BOOST_TEST(first.there());
  BOOST_TEST(second.there());
  BOOST_TEST(in_stage("parked") == "0");
  BOOST_TEST(in_stage("waiting") == "0");
  BOOST_TEST(value_of("vm_system_limits_hit_total{limit=\"wall_ms\"}") == "1");
  BOOST_TEST(value_of("vm_system_supervisor_mailbox_messages") == "0");
}

BOOST_AUTO_TEST_CASE(a_refused_request_is_counted_by_its_code) {
  options.max_in_flight = 1;
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":1000}})");
  const auto other = make_session();
  const std::string name = "vm_system_executions_refused_total{code=";
  BOOST_TEST(value_of(name + "\"OVERLOADED\"}") == "0");
  const auto first = send_snippet(id, "new Promise(() => {})");
  run();
  BOOST_TEST(!repl(other, "1").has_value());
  BOOST_TEST(!repl(id, "1").has_value());
  BOOST_TEST(!repl(session_id::generate(), "1").has_value());
  BOOST_TEST(value_of(name + "\"OVERLOADED\"}") == "2");
  BOOST_TEST(value_of(name + "\"SESSION_NOT_FOUND\"}") == "1");
  BOOST_TEST(value_of(ok_ends) == "0");
}

BOOST_AUTO_TEST_CASE(sessions_are_counted_when_they_begin_and_end) {
  start();
  const auto id = make_session();
  static_cast<void>(make_session());
  BOOST_TEST(value_of("vm_system_sessions{state=\"ready\"}") == "2");
  BOOST_TEST(ask<session>(close_atom_v, id).has_value());
  BOOST_TEST(value_of("vm_system_sessions{state=\"ready\"}") == "1");
  BOOST_TEST(value_of("vm_system_sessions{state=\"starting\"}") == "0");
  BOOST_TEST(value_of("vm_system_sessions_created_total") == "2");
  BOOST_TEST(value_of("vm_system_sessions_ended_total{state=\"closed\"}")
             == "1");
  BOOST_TEST(value_of("vm_system_sessions_ended_total{state=\"crashed\"}")
             == "0");
}

BOOST_AUTO_TEST_CASE(messages_to_a_stage_are_counted_until_it_answers) {
  // A stage that has what it was sent, and says nothing.
  stages.finalization = [](caf::actor_system& sys) {
    return sys.spawn(
      [](finalization_actor::pointer self,
         no_arguments) -> finalization_actor::behavior_type {
        return {[self](finalize_atom,
                       const job_group_ref&) -> caf::result<job_group_ref> {
          return self->make_response_promise<job_group_ref>();
        }};
      },
      no_arguments{});
  };
  start();
  const auto asked = [this](const std::string& stage) {
    return value_of("vm_system_stage_messages{stage=\"" + stage + "\"}");
  };
  const auto first = make_session();
  const auto second = make_session();
  for (const auto* stage : {"admission", "loading", "finalization"})
    BOOST_TEST(asked(stage) == "0", stage);
  const auto one = send_snippet(first, "1");
  run();
  BOOST_TEST(asked("finalization") == "1");
  const auto other = send_snippet(second, "1");
  run();
  BOOST_TEST(asked("finalization") == "2");
  BOOST_TEST(asked("admission") == "0");
  BOOST_TEST(!one.there());
  BOOST_TEST(!other.there());
}

BOOST_AUTO_TEST_CASE(memory_of_sessions_is_shown) {
  start();
  const auto used
    = [this] { return std::stoull(value_of("vm_system_engine_memory_bytes")); };
  const auto id = make_session();
  const auto before = used();
  BOOST_TEST(
    repl(id, "globalThis.kept = new Uint8Array(32 << 20); 1").has_value());
  const auto with = used();
  // A part of it fits into what the session had anyway.
  BOOST_TEST(with >= before + (24u << 20));
  BOOST_TEST(with < before + (48u << 20));
  BOOST_TEST(ask<session>(close_atom_v, id).has_value());
  // Until then the supervisor remembers the execution.
  pass(100ms);
  BOOST_TEST(used() < before);
}

BOOST_AUTO_TEST_SUITE_END()
