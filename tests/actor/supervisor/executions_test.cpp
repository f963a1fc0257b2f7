#include "support.hpp"

#include <filesystem>

using namespace vmsystem;
using namespace vmsystem::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(executions, supervisor_fixture)

BOOST_AUTO_TEST_CASE(a_snippet_gives_a_durable_record_with_its_events) {
  start();
  const auto id = make_session();
  const auto done = repl(id, "console.log('hi'); 1 + 1");
  BOOST_REQUIRE(done);
  const auto& record = done.value().record;
  BOOST_TEST((record.status == execution_status::ok));
  BOOST_TEST((record.reason == end_reason::ok));
  BOOST_TEST(record.result.text
             == R"({"type":"number","preview":"2","json":2})");
  BOOST_TEST(record.metrics.events == 3u);
  check_complete(record.id);
  const auto all = events(record.id);
  BOOST_TEST(all[0].payload.text == R"({"text":"console.log('hi'); 1 + 1"})");
  BOOST_TEST(all[1].payload.text == R"({"level":"log","text":"hi"})");
  const auto document = kept->read()->execution_document(record.id);
  BOOST_REQUIRE(document);
  BOOST_TEST(document.value() == done.value().document.text);
}

BOOST_AUTO_TEST_CASE(state_carries_over_within_a_session_and_no_further) {
  start();
  const auto one = make_session();
  const auto other = make_session();
  BOOST_REQUIRE(repl(one, "let x = 41"));
  BOOST_TEST(repl(one, "x + 1").value().record.result.text
             == R"({"type":"number","preview":"42","json":42})");
  BOOST_TEST(
    (repl(other, "typeof x").value().record.result.text
     == R"({"type":"string","preview":"undefined","json":"undefined"})"));
}

BOOST_AUTO_TEST_CASE(a_file_runs_with_its_arguments_and_environment) {
  start();
  const auto id = make_session();
  worktree.put("job.js", "__ARGS__.n * 2 + __ENV__.unit");
  auto request = file(id, "./job.js");
  request.args.text = R"({"n":21})";
  request.env.text = R"({"unit":"m"})";
  const auto done = ask<finished_execution>(execute_atom_v, request);
  BOOST_REQUIRE(done);
  BOOST_TEST(done.value().record.path == "job.js");
  BOOST_TEST(done.value().record.result.text
             == R"({"type":"string","preview":"42m","json":"42m"})");
  check_complete(done.value().record.id);
}

BOOST_AUTO_TEST_CASE(a_stack_names_the_file_or_the_snippet) {
  start();
  const auto id = make_session();
  const std::string path = "a/folder/with/a/long/name/job.js";
  std::filesystem::create_directories(worktree / "a/folder/with/a/long/name");
  worktree.put(path, "function bad() {\n  throw new Error('no');\n}\nbad()");
  const auto done = ask<finished_execution>(execute_atom_v, file(id, path));
  BOOST_REQUIRE(done);
  const auto& stack = done.value().record.error.text;
  BOOST_TEST((stack.find("at bad (" + path + ":2:") != std::string::npos),
             stack);
  const auto snippet_stack
    = repl(id, "throw new Error('no')").value().record.error.text;
  BOOST_TEST((snippet_stack.find("(<repl>:1:") != std::string::npos),
             snippet_stack);
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_loaded_leaves_no_record) {
  start();
  const auto id = make_session();
  struct row {
    const char* path;
    ec code;
  };
  const row rows[] = {
    {"missing.js", ec::file_not_found},
    {"../up.js", ec::invalid_path},
    {"/etc/passwd", ec::invalid_path},
    {"", ec::validation_error},
    {".", ec::invalid_path},
  };
  for (const auto& [path, code] : rows) {
    const auto done = ask<finished_execution>(execute_atom_v, file(id, path));
    BOOST_REQUIRE(!done);
    BOOST_TEST((done.error().code == code),
               path << ": " << done.error().message);
  }
  BOOST_TEST(stored_executions(id).empty());
  BOOST_TEST(repl(id, "1").has_value());
}

BOOST_AUTO_TEST_CASE(every_end_has_its_status_and_reason) {
  start();
  struct row {
    const char* input;
    execution_status status;
    end_reason reason;
    uint32_t wall_ms = 20000;
  };
  const row rows[] = {
    {"throw new TypeError('bad')", execution_status::error,
     end_reason::exception},
    {"let let = 1", execution_status::error, end_reason::syntax_error},
    {"for (;;) {}", execution_status::timeout, end_reason::wall_timeout, 100},
    {"(function f() { f() })()", execution_status::error,
     end_reason::stack_limit},
    {"const a = []; for (;;) a.push('x'.repeat(1e5) + a.length)",
     execution_status::error, end_reason::memory_limit},
    {"for (;;) console.log('x'.repeat(1000))", execution_status::error,
     end_reason::output_limit},
    {"for (;;) console.log()", execution_status::error,
     end_reason::event_limit},
    {"Promise.reject(new Error('no'))", execution_status::error,
     end_reason::exception},
  };
  for (const auto& [input, status, reason, wall_ms] : rows) {
    const auto id
      = make_session(R"({"limits":{"mem_mb":16,"max_events":50,)"
                     R"("max_output_kb":8,"cpu_ms":20000,"wall_ms":)"
                     + std::to_string(wall_ms) + "}}");
    const auto done = repl(id, input);
    BOOST_REQUIRE_MESSAGE(done, input);
    const auto& record = done.value().record;
    BOOST_TEST((record.status == status), input);
    BOOST_TEST((record.reason == reason),
               input << " ended by " << name_of(record.reason));
    check_complete(record.id);
    BOOST_TEST(repl(id, "6 * 7").has_value(), input);
  }
}

BOOST_AUTO_TEST_CASE(a_value_beyond_the_output_limit_is_an_error_not_a_lie) {
  start();
  const auto id = make_session(R"({"limits":{"max_output_kb":1}})");
  const auto done = repl(id, "'x'.repeat(5000)");
  BOOST_REQUIRE(done);
  BOOST_TEST((done.value().record.reason == end_reason::output_limit));
  BOOST_TEST(done.value().record.result.empty());
  check_complete(done.value().record.id);
}

BOOST_AUTO_TEST_CASE(a_promise_that_nothing_settles_ends_at_the_wall_limit) {
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":300}})");
  const auto waiting = send_snippet(id, "new Promise(() => {})");
  run();
  BOOST_TEST(!waiting.there());
  // The slot is free meanwhile: another session is served.
  BOOST_TEST(repl(make_session(), "1").has_value());
  pass(350ms);
  const auto& record = waiting.get().value().record;
  BOOST_TEST((record.reason == end_reason::wall_timeout));
  check_complete(record.id);
  BOOST_TEST(repl(id, "'alive'").has_value());
}

BOOST_AUTO_TEST_CASE(a_busy_session_refuses_or_serves_in_order) {
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":1000}})");
  const auto first = send_snippet(id, "new Promise(() => {})");
  run();
  const auto refused = repl(id, "1");
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == ec::session_busy));
  const auto second = send_snippet(id, "var order = 'a'", 5000);
  run();
  const auto third = send_snippet(id, "order += 'b'", 5000);
  const auto hasty = send_snippet(id, "order += 'c'", 100);
  run();
  pass(150ms);
  BOOST_REQUIRE(!hasty.get());
  BOOST_TEST((hasty.get().error().code == ec::session_busy));
  BOOST_TEST(!second.there());
  pass(1000ms);
  BOOST_TEST(first.there());
  BOOST_TEST(second.get().has_value());
  BOOST_TEST(third.get().value().record.result.text
             == R"({"type":"string","preview":"ab","json":"ab"})");
}

BOOST_AUTO_TEST_CASE(the_end_of_a_wait_is_not_the_end_of_a_promise) {
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":1000}})");
  const auto first = send_snippet(id, "new Promise(() => {})");
  run();
  const auto second = send_snippet(id, "new Promise(() => {})", 1200);
  run();
  pass(1050ms);
  BOOST_TEST(first.there());
  BOOST_TEST(!second.there());
  // The second one was served in time; what it could have waited does not
  // count any more.
  pass(300ms);
  BOOST_TEST(!second.there());
  pass(1000ms);
  BOOST_TEST((second.get().value().record.reason == end_reason::wall_timeout));
}

BOOST_AUTO_TEST_CASE(only_so_many_may_wait_for_one_session) {
  options.max_waiting_per_session = 1;
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":1000}})");
  const auto first = send_snippet(id, "new Promise(() => {})");
  run();
  const auto second = send_snippet(id, "1", 5000);
  run();
  const auto third = send_snippet(id, "1", 5000);
  run();
  BOOST_REQUIRE(!third.get());
  BOOST_TEST((third.get().error().code == ec::too_many_requests));
  pass(1100ms);
  BOOST_TEST(second.get().has_value());
}

BOOST_AUTO_TEST_CASE(no_more_may_wait_when_they_come_together) {
  options.max_waiting_per_session = 1;
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":1000}})");
  const auto first = send_snippet(id, "new Promise(() => {})");
  const auto second = send_snippet(id, "1", 5000);
  const auto third = send_snippet(id, "1", 5000);
  const auto fourth = send_snippet(id, "1", 5000);
  run();
  for (const auto& refused : {third, fourth}) {
    BOOST_REQUIRE(refused.there());
    BOOST_REQUIRE(!refused.get());
    BOOST_TEST((refused.get().error().code == ec::too_many_requests));
  }
  pass(1100ms);
  BOOST_TEST(second.get().has_value());
  BOOST_TEST(repl(id, "2").has_value());
}

BOOST_AUTO_TEST_CASE(a_full_queue_answers_overloaded_at_once) {
  options.max_in_flight = 1;
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":1000}})");
  const auto other = make_session();
  const auto first = send_snippet(id, "new Promise(() => {})");
  run();
  const auto refused = repl(other, "1");
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == ec::overloaded));
  const auto full = ask<readiness>(ready_atom_v);
  BOOST_REQUIRE(full);
  BOOST_REQUIRE(full.value().obstacles.size() == 1u);
  BOOST_TEST(full.value().obstacles.front().part == "queue");
  pass(1100ms);
  BOOST_TEST(first.there());
  BOOST_TEST(repl(other, "1").has_value());
  BOOST_TEST(ask<readiness>(ready_atom_v).value().ready());
}

BOOST_AUTO_TEST_CASE(scripts_with_too_many_bytes_answer_overloaded_at_once) {
  options.max_in_flight_bytes = 100;
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":1000}})");
  const auto other = make_session();
  const auto first
    = send_snippet(id, "new Promise(() => {})" + std::string(75, ' '));
  run();
  const auto refused = repl(other, "12345");
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.error().code == ec::overloaded));
  BOOST_TEST(stored_executions(other).empty());
  BOOST_TEST(repl(other, "1234").has_value());
  // One alone may have more, and takes all of it back at its end.
  pass(1100ms);
  BOOST_TEST(first.there());
  const auto large = send_snippet(id, "1;" + std::string(200, ' '));
  run();
  BOOST_TEST(large.get().has_value());
  BOOST_TEST(repl(other, std::string(100, ';')).has_value());
}

BOOST_AUTO_TEST_CASE(
  a_long_execution_gets_its_running_record_and_can_be_cancelled) {
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":60000}})");
  // Without events: those would be stored as soon as it waits.
  worktree.put("wait.js", "new Promise(() => {})");
  const auto waiting
    = send<finished_execution>(supervisor, execute_atom_v, file(id, "wait.js"));
  run();
  BOOST_TEST(stored_executions(id).empty());
  pass(30ms);
  const auto running = stored_executions(id);
  BOOST_REQUIRE(running.size() == 1u);
  BOOST_TEST((running[0].status == execution_status::running));
  const auto receipt = ask<cancel_receipt>(cancel_atom_v, running[0].id);
  BOOST_REQUIRE(receipt);
  BOOST_TEST(receipt.value().was_running);
  const auto& record = waiting.get().value().record;
  BOOST_TEST((record.status == execution_status::cancelled));
  BOOST_TEST((record.reason == end_reason::cancelled));
  BOOST_TEST((record.id == running[0].id));
  check_complete(record.id);
  BOOST_TEST(repl(id, "'usable'").has_value());
  const auto again = ask<cancel_receipt>(cancel_atom_v, record.id);
  BOOST_REQUIRE(!again);
  BOOST_TEST((again.error().code == ec::execution_not_found));
}

BOOST_AUTO_TEST_CASE(an_unknown_session_and_a_closed_one_are_told_apart) {
  start();
  const auto unknown = repl(session_id::generate(), "1");
  BOOST_REQUIRE(!unknown);
  BOOST_TEST((unknown.error().code == ec::session_not_found));
  const auto id = make_session();
  BOOST_REQUIRE(ask<session>(close_atom_v, id));
  const auto closed = repl(id, "1");
  BOOST_REQUIRE(!closed);
  BOOST_TEST((closed.error().code == ec::session_not_ready));
}

BOOST_AUTO_TEST_SUITE_END()
