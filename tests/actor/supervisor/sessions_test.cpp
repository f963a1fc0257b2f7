#include "support.hpp"

#include <algorithm>

using namespace vmsystem;
using namespace vmsystem::test;
using namespace std::chrono_literals;

namespace {

struct sessions_fixture : supervisor_fixture {
  startup_file add_startup(template_id id, const std::string& path, int order) {
    auto added
      = ask<startup_file>(add_atom_v, startup_file_spec{id, path, order, {}});
    BOOST_REQUIRE(added);
    return added.value();
  }

  std::vector<session_id> active() {
    return ask<runtime_summary>(summary_atom_v).value().active_session_ids;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sessions, sessions_fixture)

BOOST_AUTO_TEST_CASE(startup_files_run_in_order_and_are_recorded) {
  start();
  const auto id = make_template("t");
  worktree.put("b.js", "globalThis.trail = (globalThis.trail || '') + 'b'");
  worktree.put("a.js", "globalThis.trail = (globalThis.trail || '') + 'a'");
  add_startup(id, "b.js", 2);
  add_startup(id, "a.js", 1);
  const auto made = ask<session>(create_atom_v, spec_of(id));
  BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
  BOOST_TEST((made.value().status == session_status::ready));
  const auto runs = stored_executions(made.value().id);
  BOOST_REQUIRE(runs.size() == 2u);
  BOOST_TEST(runs[1].path == "a.js");
  BOOST_TEST((runs[0].kind == execution_kind::startup));
  BOOST_TEST(repl(made.value().id, "trail").value().record.result.text
             == R"({"type":"string","preview":"ab","json":"ab"})");
}

BOOST_AUTO_TEST_CASE(a_startup_file_that_throws_crashes_the_session) {
  start();
  const auto id = make_template("t");
  worktree.put("bad.js", "throw new Error('not today')");
  add_startup(id, "bad.js", 1);
  const auto made = ask<session>(create_atom_v, spec_of(id));
  BOOST_REQUIRE(!made);
  BOOST_TEST((made.error().code == ec::startup_failed));
  BOOST_TEST(active().empty());
  const auto page = kept->read()->session_documents({});
  BOOST_REQUIRE(page);
  BOOST_TEST(
    (page.value().array.text.find("\"crashed\"") != std::string::npos));
  BOOST_TEST((page.value().array.text.find("not today") != std::string::npos));
}

BOOST_AUTO_TEST_CASE(a_startup_file_that_is_missing_crashes_the_session) {
  start();
  const auto id = make_template("t");
  add_startup(id, "gone.js", 1);
  const auto made = ask<session>(create_atom_v, spec_of(id));
  BOOST_REQUIRE(!made);
  BOOST_TEST((made.error().code == ec::file_not_found));
  BOOST_TEST(active().empty());
}

BOOST_AUTO_TEST_CASE(a_session_needs_a_template_a_worktree_and_all_fields) {
  start();
  const auto id = make_template("t");
  const auto code_of = [&](session_spec spec) {
    const auto made = ask<session>(create_atom_v, std::move(spec));
    return made ? ec::none : made.error().code;
  };
  auto spec = spec_of(id);
  BOOST_TEST((code_of(spec) == ec::none));
  spec.worktree_path = "/nonexistent/folder";
  BOOST_TEST((code_of(spec) == ec::worktree_not_found));
  spec.worktree_path = "relative";
  BOOST_TEST((code_of(spec) == ec::worktree_not_found));
  spec = spec_of(template_id::generate());
  BOOST_TEST((code_of(spec) == ec::template_not_found));
  spec = spec_of(id);
  spec.workspace_id.clear();
  BOOST_TEST((code_of(spec) == ec::validation_error));
}

BOOST_AUTO_TEST_CASE(closing_cancels_what_runs_and_refuses_what_waits) {
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":60000}})");
  const auto running = send_snippet(id, "new Promise(() => {})");
  run();
  const auto waiting = send_snippet(id, "1", 60000);
  run();
  const auto closed = ask<session>(close_atom_v, id);
  BOOST_REQUIRE(closed);
  BOOST_TEST((closed.value().status == session_status::closed));
  BOOST_TEST(closed.value().closed_at.set());
  const auto& record = running.get().value().record;
  BOOST_TEST((record.reason == end_reason::session_closed));
  check_complete(record.id);
  BOOST_REQUIRE(!waiting.get());
  BOOST_TEST((waiting.get().error().code == ec::session_not_ready));
  BOOST_TEST((stored(id).value().status == session_status::closed));
  const auto again = ask<session>(close_atom_v, id);
  BOOST_REQUIRE(!again);
  BOOST_TEST((again.error().code == ec::session_not_found));
}

BOOST_AUTO_TEST_CASE(a_trap_crashes_the_session_and_keeps_its_record) {
  start();
  const auto id = make_session(R"({"limits":{"wall_ms":100,"cpu_ms":100}})");
  const auto neighbour = make_session();
  BOOST_REQUIRE(repl(neighbour, "var kept = 7"));
  const auto done
    = repl(id, "console.log('before'); "
               "Array.prototype.reverse.call({length: 2 ** 53 - 1})");
  BOOST_REQUIRE(done);
  const auto& record = done.value().record;
  BOOST_TEST((record.status == execution_status::timeout));
  check_complete(record.id);
  BOOST_TEST(events(record.id).size() == 3u);
  const auto past = stored(id);
  BOOST_REQUIRE(past);
  BOOST_TEST((past.value().status == session_status::crashed));
  BOOST_TEST(!past.value().last_error.empty());
  BOOST_TEST(repl(neighbour, "kept").value().record.result.text
             == R"({"type":"number","preview":"7","json":7})");
  const auto ids = active();
  BOOST_TEST((std::find(ids.begin(), ids.end(), id) == ids.end()));
}

BOOST_AUTO_TEST_CASE(more_sessions_than_the_bound_are_refused) {
  options.max_sessions = 2;
  start();
  const auto id = make_template("t");
  BOOST_TEST(ask<session>(create_atom_v, spec_of(id)).has_value());
  const auto second = ask<session>(create_atom_v, spec_of(id));
  BOOST_REQUIRE(second);
  const auto third = ask<session>(create_atom_v, spec_of(id));
  BOOST_REQUIRE(!third);
  BOOST_TEST((third.error().code == ec::overloaded));
  BOOST_REQUIRE(ask<session>(close_atom_v, second.value().id));
  BOOST_TEST(ask<session>(create_atom_v, spec_of(id)).has_value());
}

BOOST_AUTO_TEST_CASE(live_sessions_outlive_changes_of_their_template) {
  start();
  const auto id = make_template("t", R"({"runtime":{"console":true}})");
  const auto before = ask<session>(create_atom_v, spec_of(id));
  BOOST_REQUIRE(ask<template_settings>(
    update_atom_v, id, json_text{R"({"runtime":{"console":false}})"}));
  const auto after = ask<session>(create_atom_v, spec_of(id));
  BOOST_REQUIRE(before);
  BOOST_REQUIRE(after);
  const auto type = [&](session_id session) {
    return repl(session, "typeof console").value().record.result.text;
  };
  BOOST_TEST(type(before.value().id)
             == R"({"type":"string","preview":"object","json":"object"})");
  BOOST_TEST(
    type(after.value().id)
    == R"({"type":"string","preview":"undefined","json":"undefined"})");
  BOOST_REQUIRE(ask<template_id>(remove_atom_v, id));
  BOOST_TEST(repl(before.value().id, "1").has_value());
  const auto orphan = ask<session>(create_atom_v, spec_of(id));
  BOOST_REQUIRE(!orphan);
  BOOST_TEST((orphan.error().code == ec::template_not_found));
}

BOOST_AUTO_TEST_SUITE_END()
