#include "support.hpp"
#include "vmsystem/models/codec.hpp"

#include <string>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;
using namespace std::chrono_literals;

namespace {

/// The supervisor's clock moves when a test says so; timers of scripts go by
/// the real one.
struct parking_fixture : supervisor_fixture {
  /// Lets both clocks go on until an answer is there.
  template <class Answer>
  Answer await(const pending<Answer>& answer) {
    while (!answer.there())
      pass(1ms);
    BOOST_REQUIRE_MESSAGE(answer.get(),
                          (answer.get() ? "" : answer.get().error().message));
    return answer.get().value();
  }

  static std::string preview_of(const execution& record) {
    auto value = from_json<value_payload>(record.result.text);
    BOOST_REQUIRE_MESSAGE(value, record.error.text);
    return value.value().preview;
  }
};

/// Waits for a timer, says so, and gives a value.
constexpr const char* sleeper
  = "new Promise((done) => setTimeout(() => { console.log('woken'); "
    "done('rested'); }, 60))";

} // namespace

BOOST_FIXTURE_TEST_SUITE(runs_that_wait_for_a_timer, parking_fixture)

BOOST_AUTO_TEST_CASE(leave_their_slot_to_others) {
  options.engine_slots = 1;
  start();
  const auto id = make_session();
  const auto sleeping = send_snippet(id, sleeper);
  run();
  BOOST_TEST(!sleeping.there());
  BOOST_TEST(preview_of(repl(make_session(), "1 + 1").value().record) == "2");
  const auto record = await(sleeping).record;
  BOOST_TEST(preview_of(record) == "rested");
  BOOST_TEST(record.metrics.wall_us >= 60000u);
  BOOST_TEST(record.metrics.cpu_us < record.metrics.wall_us);
  check_complete(record.id);
  BOOST_TEST(repl(id, "'alive'").has_value());
}

BOOST_AUTO_TEST_CASE(wake_as_often_as_their_timers) {
  start();
  const auto ticking
    = send_snippet(make_session(),
                   "let n = 0; new Promise((done) => { const t = "
                   "setInterval(() => { console.log(++n); if (n === 5) { "
                   "clearInterval(t); done(n); } }, 5); })");
  const auto record = await(ticking).record;
  BOOST_TEST(preview_of(record) == "5");
  BOOST_TEST(record.metrics.events == 7u);
  check_complete(record.id);
}

BOOST_AUTO_TEST_CASE(end_at_their_wall_limit_before_a_later_timer) {
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":300}})");
  const auto sleeping
    = send_snippet(id, "new Promise((done) => setTimeout(done, 60000))");
  run();
  pass(350ms);
  const auto& record = sleeping.get().value().record;
  BOOST_TEST((record.reason == end_reason::wall_timeout));
  check_complete(record.id);
  const auto all = events(record.id);
  BOOST_TEST((all.at(all.size() - 2).type == event_type::system));
  BOOST_TEST(repl(id, "'alive'").has_value());
}

BOOST_AUTO_TEST_CASE(are_stopped_while_they_wait) {
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":60000}})");
  const auto snippet
    = "console.log('x'); new Promise((done) => setTimeout(done, 50000))";
  const auto sleeping = send_snippet(id, snippet);
  run();
  pass(30ms);
  const auto running = stored_executions(id);
  BOOST_REQUIRE(running.size() == 1u);
  BOOST_TEST((running[0].status == execution_status::running));
  const auto receipt = ask<cancel_receipt>(cancel_atom_v, running[0].id);
  BOOST_TEST(receipt.value().was_running);
  BOOST_TEST((sleeping.get().value().record.reason == end_reason::cancelled));
  check_complete(running[0].id);

  const auto second = send_snippet(id, snippet);
  run();
  BOOST_REQUIRE(ask<session>(close_atom_v, id));
  const auto& record = second.get().value().record;
  BOOST_TEST((record.reason == end_reason::session_closed));
  check_complete(record.id);
}

BOOST_AUTO_TEST_CASE(are_many_at_a_time) {
  options.engine_slots = 1;
  start();
  const auto vm = make_template("sleepers");
  std::vector<pending<finished_execution>> all;
  for (int i = 0; i < 1000; ++i) {
    const auto made = ask<session>(create_atom_v, spec_of(vm));
    BOOST_REQUIRE(made);
    all.push_back(send_snippet(made.value().id, sleeper));
    run();
  }
  // One after the other, they would take a minute of the slot's time.
  for (const auto& one : all) {
    const auto record = await(one).record;
    BOOST_TEST(name_of(record.reason) == name_of(end_reason::ok),
               record.error.text);
    BOOST_TEST(record.metrics.wall_us >= 60000u);
  }
}

BOOST_AUTO_TEST_CASE(can_be_jobs_of_batches) {
  start();
  for (const auto isolation :
       {batch_isolation::fresh, batch_isolation::session}) {
    batch_spec spec;
    spec.vm_id = make_template(std::string{name_of(isolation)});
    spec.worktree_path = worktree.path().string();
    spec.isolation = isolation;
    const auto made = ask<batch>(create_atom_v, spec);
    BOOST_REQUIRE(made);
    const auto id = made.value().id;
    std::string lines;
    for (int i = 0; i < 40; ++i)
      lines += "{\"input\":\"globalThis.n = (globalThis.n || 0) + 1; new "
               "Promise((done) => setTimeout(() => done("
               + std::to_string(i) + "), 5))\"}\n";
    BOOST_REQUIRE(ask<batch>(add_atom_v, id, batch_input{lines, true}));
    const auto status = [&] {
      return from_json<batch>(kept->read()->batch_document(id).value())
        .value()
        .status;
    };
    while (!is_over(status()))
      pass(1ms);
    BOOST_TEST((status() == batch_status::completed));
    for (uint32_t i = 0; i < 40; ++i) {
      const auto record = stored(job_execution_id(id, i)).value();
      BOOST_TEST(preview_of(record) == std::to_string(i));
      check_complete(record.id);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
