#include "support.hpp"
#include "vmsystem/models/codec.hpp"
#include "vmsystem/pipeline/slot_actor.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* forever = R"x({"input":"new Promise(() => {})"})x";

struct batch_fixture : supervisor_fixture {
  batch_spec fresh(template_id id) const {
    batch_spec spec;
    spec.vm_id = id;
    spec.worktree_path = worktree.path();
    return spec;
  }

  batch_spec shared(template_id id) const {
    auto spec = fresh(id);
    spec.isolation = batch_isolation::session;
    return spec;
  }

  batch_spec inside(session_id where) const {
    batch_spec spec;
    spec.isolation = batch_isolation::session;
    spec.session = where;
    return spec;
  }

  batch make(const batch_spec& spec) {
    auto made = ask<batch>(create_atom_v, spec);
    BOOST_REQUIRE_MESSAGE(made, (made ? "" : made.error().message));
    return made.value();
  }

  expected<batch> add(batch_id id, std::string text, bool last = true) {
    return ask<batch>(add_atom_v, id, batch_input{std::move(text), last});
  }

  /// Makes a batch of these lines and delivers everything.
  batch_id run_lines(const batch_spec& spec,
                     const std::vector<std::string>& lines) {
    const auto id = make(spec).id;
    std::string text;
    for (const auto& line : lines)
      text += line + '\n';
    BOOST_REQUIRE(add(id, text));
    return id;
  }

  batch stored_batch(batch_id id) const {
    auto document = kept->read()->batch_document(id);
    BOOST_REQUIRE(document);
    auto result = from_json<batch>(document.value());
    BOOST_REQUIRE_MESSAGE(result, (result ? "" : result.error().message));
    return result.value();
  }

  execution job(batch_id id, uint32_t index) const {
    auto result = stored(job_execution_id(id, index));
    BOOST_REQUIRE_MESSAGE(result, "job " << index << " has a record");
    return result.value();
  }

  std::string reason(batch_id id, uint32_t index) const {
    return std::string{name_of(job(id, index).reason)};
  }

  static std::string preview_of(const execution& record) {
    auto value = from_json<value_payload>(record.result.text);
    BOOST_REQUIRE_MESSAGE(value, record.error.text);
    return value.value().preview;
  }

  std::string preview(batch_id id, uint32_t index) const {
    return preview_of(job(id, index));
  }

  bool has_record(batch_id id, uint32_t index) const {
    return stored(job_execution_id(id, index)).has_value();
  }

  void check_status(batch_id id, batch_status wanted) const {
    BOOST_TEST(name_of(stored_batch(id).status) == name_of(wanted));
  }

  /// As if the process had ended and begun again.
  void restart() {
    caf::anon_send_exit(supervisor, caf::exit_reason::kill);
    caf::anon_send_exit(query, caf::exit_reason::user_shutdown);
    run();
    start();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(batches, batch_fixture)

BOOST_AUTO_TEST_CASE(each_job_of_a_fresh_batch_has_a_pristine_copy) {
  start();
  const auto id
    = run_lines(fresh(make_template("t")),
                {R"({"id":"a","input":"globalThis.x = 1; 1"})",
                 R"({"id":"b","input":"typeof x"})",
                 R"({"input":"__ARGS__.n + 1","args":{"n":41}})",
                 R"({"input":"__ENV__.HOME","env":{"HOME":"/h"}})"});
  check_status(id, batch_status::completed);
  BOOST_TEST(preview(id, 0) == "1");
  BOOST_TEST(preview(id, 1) == "undefined");
  BOOST_TEST(preview(id, 2) == "42");
  BOOST_TEST(preview(id, 3) == "/h");
  for (uint32_t i = 0; i < 4; ++i)
    check_complete(job_execution_id(id, i));
  const auto second = job(id, 1);
  BOOST_TEST((second.batch == id));
  BOOST_TEST(second.batch_index == 1u);
  BOOST_TEST(second.job_id == "b");
  const auto record = stored_batch(id);
  BOOST_TEST(record.jobs == 4u);
  BOOST_TEST(record.done == 4u);
  BOOST_TEST(record.outcomes[0] == 4u);
  BOOST_TEST(record.ended_at.set());
  // Its session is closed, its input is not kept.
  BOOST_TEST((stored(record.session).value().status == session_status::closed));
  BOOST_TEST(kept->read()->batch_input(id, 1).value().text.empty());
}

BOOST_AUTO_TEST_CASE(startup_files_run_once_and_every_job_sees_their_effects) {
  start();
  worktree.put("start.js", "console.log('started'); globalThis.base = 10");
  worktree.put("job.js", "base += __ARGS__.n; base");
  const auto vm = make_template("t");
  startup_file_spec file;
  file.vm_id = vm;
  file.path = "start.js";
  BOOST_REQUIRE(ask<startup_file>(add_atom_v, file));
  const auto id = run_lines(fresh(vm), {R"({"path":"job.js","args":{"n":1}})",
                                        R"({"path":"job.js","args":{"n":2}})"});
  BOOST_TEST(preview(id, 0) == "11");
  BOOST_TEST(preview(id, 1) == "12");
  const auto all = stored_executions(stored_batch(id).session);
  const auto started
    = std::count_if(all.begin(), all.end(), [](const execution& x) {
        return x.kind == execution_kind::startup;
      });
  BOOST_TEST(started == 1);
  BOOST_TEST(all.size() == 3u);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_line_is_said_in_its_job) {
  start();
  const std::string huge(max_job_line + 1, 'x');
  const auto id = make(fresh(make_template("t"))).id;
  BOOST_REQUIRE(add(id, "{\"input\":\"1\"}\n\n{\"input\":\n", false));
  for (std::size_t sent = 0; sent < huge.size(); sent += max_batch_input)
    BOOST_REQUIRE(add(id, huge.substr(sent, max_batch_input), false));
  BOOST_REQUIRE(add(id,
                    "\n{\"path\":\"gone.js\"}\n{\"path\":\"/etc/passwd\"}\n"
                    "{\"input\":\"1\",\"limits\":{\"wall_ms\":999999}}\n"
                    "{\"input\":\"1\",\"colour\":1}\n{}\n{\"input\":\"7\"}",
                    true));
  check_status(id, batch_status::completed);
  BOOST_TEST(stored_batch(id).jobs == 9u);
  const std::vector<std::pair<std::string, std::string>> wanted{
    {"ok", ""},
    {"invalid_job", "line 3: "},
    {"invalid_job", "line 4: it has 8388609 bytes"},
    {"invalid_job", "FILE_NOT_FOUND"},
    {"invalid_job", "INVALID_PATH"},
    {"invalid_job", "limits.wall_ms"},
    {"invalid_job", "colour"},
    {"invalid_job", "line 9: "},
    {"ok", ""}};
  for (uint32_t i = 0; i < wanted.size(); ++i) {
    BOOST_TEST(reason(id, i) == wanted[i].first, i);
    const auto text = job(id, i).error.text;
    BOOST_TEST((text.find(wanted[i].second) != std::string::npos), text);
    check_complete(job_execution_id(id, i));
  }
}

BOOST_AUTO_TEST_CASE(a_batch_without_jobs_is_completed_at_once) {
  start();
  const auto id = make(fresh(make_template("t"))).id;
  BOOST_REQUIRE(add(id, "\n  \n"));
  check_status(id, batch_status::completed);
  BOOST_TEST(stored_batch(id).jobs == 0u);
}

BOOST_AUTO_TEST_CASE(jobs_begin_when_all_of_them_came_in) {
  start();
  const auto id = make(fresh(make_template("t"))).id;
  BOOST_REQUIRE(add(id, "{\"input\":\"1\"}\n", false));
  check_status(id, batch_status::receiving);
  BOOST_TEST(!has_record(id, 0));
  BOOST_REQUIRE(add(id, "{\"input\":\"2\"}"));
  check_status(id, batch_status::completed);
  const auto late = add(id, "{\"input\":\"3\"}");
  BOOST_REQUIRE(!late);
}

BOOST_AUTO_TEST_CASE(jobs_that_share_a_session_run_in_order) {
  options.engine_slots = 2;
  start();
  auto spec = shared(make_template("t"));
  spec.concurrency = 1;
  std::vector<std::string> lines{R"({"input":"globalThis.n = 0"})"};
  for (int i = 0; i < 100; ++i)
    lines.push_back(R"({"input":"++n"})");
  const auto id = run_lines(spec, lines);
  check_status(id, batch_status::completed);
  for (uint32_t i = 1; i <= 100; ++i)
    BOOST_TEST(preview(id, i) == std::to_string(i));
}

BOOST_AUTO_TEST_CASE(a_named_session_keeps_its_state_and_lives_on) {
  start();
  const auto where = make_session();
  BOOST_REQUIRE(repl(where, "globalThis.n = 40"));
  const auto id
    = run_lines(inside(where), {R"({"input":"++n"})", R"({"input":"++n"})"});
  BOOST_TEST(preview(id, 1) == "42");
  BOOST_TEST((stored(where).value().status == session_status::ready));
  const auto after = repl(where, "n");
  BOOST_REQUIRE(after);
  BOOST_TEST((after.value().record.status == execution_status::ok));
}

BOOST_AUTO_TEST_CASE(jobs_in_a_session_stay_in_order_behind_one_that_waits) {
  start();
  const auto where = make_session();
  BOOST_REQUIRE(repl(where, "globalThis.order = []"));
  constexpr uint32_t count = 2000;
  constexpr uint32_t waits = 300;
  std::vector<std::string> lines;
  for (uint32_t i = 0; i < count; ++i)
    lines.push_back(std::string{R"({"input":"order.push(__ARGS__.n))"}
                    + (i == waits ? "; new Promise(() => {})" : "")
                    + R"(","args":{"n":)" + std::to_string(i) + "}}");
  const auto id = run_lines(inside(where), lines);
  check_status(id, batch_status::running);
  BOOST_TEST(!has_record(id, waits));
  BOOST_TEST(!has_record(id, waits + 1));
  pass(6s);
  check_status(id, batch_status::completed);
  BOOST_TEST(reason(id, waits) == "wall_timeout");
  for (uint32_t i = 0; i < count; ++i)
    check_complete(job_execution_id(id, i));
  const auto after
    = repl(where, "order.length + ':' + order.every((n, i) => n === i)");
  BOOST_REQUIRE(after);
  BOOST_TEST(preview_of(after.value().record)
             == std::to_string(count) + ":true");
}

BOOST_AUTO_TEST_CASE(a_batch_waits_for_its_session_and_ends_with_it) {
  start();
  const auto where = make_session();
  const auto first = send_snippet(where, "new Promise(() => {})");
  run();
  const auto id
    = run_lines(inside(where), {R"({"input":"1"})", R"({"input":"2"})"});
  check_status(id, batch_status::running);
  BOOST_TEST(!has_record(id, 0));
  const auto closed = send<session>(supervisor, close_atom_v, where);
  run();
  BOOST_TEST((closed.get().value().status == session_status::closed));
  const auto& record = first.get().value().record;
  BOOST_TEST((record.reason == end_reason::session_closed));
  check_status(id, batch_status::interrupted);
  const auto error = stored_batch(id).error;
  BOOST_TEST((error.find(where.to_string()) != std::string::npos), error);
}

BOOST_AUTO_TEST_CASE(a_session_that_crashes_is_replaced) {
  start();
  auto spec = shared(make_template("t", R"({"limits":{"wall_ms":50}})"));
  // Sorting a huge array never polls: the watchdog ends the instance.
  const auto id
    = run_lines(spec, {R"({"input":"globalThis.n = 1"})",
                       R"x({"input":"[].reverse.call({length: 2**53 - 1})"})x",
                       R"({"input":"typeof n"})", R"({"input":"2"})"});
  check_status(id, batch_status::completed);
  BOOST_TEST((job(id, 1).status != execution_status::ok));
  BOOST_TEST(preview(id, 2) == "undefined");
  BOOST_TEST(preview(id, 3) == "2");
}

BOOST_AUTO_TEST_CASE(a_failed_job_stops_the_batch_if_that_is_asked_for) {
  start();
  auto spec = fresh(make_template("t"));
  spec.on_error = batch_on_error::stop;
  spec.concurrency = 1;
  const auto id = run_lines(spec, {R"({"input":"1"})", R"({"input":"throw 1"})",
                                   R"({"input":"3"})"});
  check_status(id, batch_status::stopped);
  BOOST_TEST(reason(id, 1) == "exception");
  BOOST_TEST(!has_record(id, 2));
  BOOST_TEST(stored_batch(id).done == 2u);
}

BOOST_AUTO_TEST_CASE(a_promise_that_nothing_settles_ends_by_the_wall_limit) {
  start();
  const auto id
    = run_lines(fresh(make_template("t")), {forever, R"({"input":"1"})"});
  check_status(id, batch_status::running);
  BOOST_TEST(preview(id, 1) == "1");
  pass(6s);
  check_status(id, batch_status::completed);
  BOOST_TEST(reason(id, 0) == "wall_timeout");
}

BOOST_AUTO_TEST_CASE(jobs_of_batches_leave_room_for_other_executions) {
  options.max_in_flight = 2;
  start();
  const auto where = make_session();
  const auto id = run_lines(fresh(make_template("t")),
                            {forever, forever, forever, forever});
  check_status(id, batch_status::running);
  BOOST_TEST(ask<readiness>(ready_atom_v).value().ready());
  const auto done = repl(where, "1 + 1");
  BOOST_REQUIRE_MESSAGE(done, (done ? "" : done.error().message));
  BOOST_TEST((done.value().record.status == execution_status::ok));
}

BOOST_AUTO_TEST_CASE(cancelling_ends_what_runs_and_begins_nothing) {
  start();
  auto spec = fresh(make_template("t"));
  spec.concurrency = 2;
  const auto id = run_lines(spec, {forever, forever, R"({"input":"3"})"});
  BOOST_REQUIRE(ask<batch>(cancel_atom_v, id));
  check_status(id, batch_status::cancelled);
  BOOST_TEST(reason(id, 0) == "cancelled");
  BOOST_TEST(!has_record(id, 2));
  const auto again = ask<batch>(cancel_atom_v, id);
  BOOST_REQUIRE(again);
  BOOST_TEST((again.value().status == batch_status::cancelled));
  const auto unknown = ask<batch>(cancel_atom_v, batch_id::generate());
  BOOST_REQUIRE(!unknown);
  BOOST_TEST((unknown.error().code == ec::batch_not_found));
}

BOOST_AUTO_TEST_CASE(a_reader_gets_each_result_once_and_is_told_the_end) {
  start();
  for (const bool ordered : {false, true}) {
    auto spec = fresh(make_template(ordered ? "a" : "b"));
    spec.attached = true;
    spec.ordered = ordered;
    const auto id = make(spec).id;
    // One that lasts, then quick ones.
    std::string text = std::string{forever} + '\n';
    for (int i = 1; i < 500; ++i)
      text += "{\"input\":\"" + std::to_string(i) + "\"}\n";
    BOOST_REQUIRE(add(id, text, false));
    if (!ordered)
      BOOST_TEST(has_record(id, 400));
    BOOST_REQUIRE(add(id, "", true));
    std::vector<uint32_t> seen;
    bool last = false;
    for (int i = 0; i < 100 && !last; ++i) {
      auto page = send<batch_results>(supervisor, results_atom_v, id);
      run();
      if (!page.there())
        pass(1s);
      const auto& results = page.get().value();
      last = results.last;
      std::size_t begin = 0;
      for (uint32_t k = 0; k < results.count; ++k) {
        const auto end = results.lines.find('\n', begin);
        const auto line = results.lines.substr(begin, end - begin);
        begin = end + 1;
        const auto at = line.find("\"index\":") + 8;
        seen.push_back(static_cast<uint32_t>(std::stoul(line.substr(at))));
      }
    }
    BOOST_TEST(last);
    BOOST_TEST(seen.size() == 500u);
    BOOST_TEST(std::is_sorted(seen.begin(), seen.end()) == ordered);
    std::sort(seen.begin(), seen.end());
    BOOST_TEST((std::adjacent_find(seen.begin(), seen.end()) == seen.end()));
    check_status(id, batch_status::completed);
  }
}

BOOST_AUTO_TEST_CASE(jobs_begin_no_faster_than_a_reader_takes_results) {
  start();
  auto spec = fresh(make_template("t"));
  spec.attached = true;
  const auto id = make(spec).id;
  std::string text;
  for (int i = 0; i < 12000; ++i)
    text += "{\"input\":\"1\"}\n";
  auto added = send<batch>(supervisor, add_atom_v, id, batch_input{text, true});
  run();
  const auto now = ask<batch>(get_atom_v, id);
  BOOST_REQUIRE(now);
  BOOST_TEST(now.value().done < 12000u);
  BOOST_TEST(now.value().done >= 8000u);
  BOOST_REQUIRE(ask<batch>(release_atom_v, id));
  check_status(id, batch_status::completed);
  BOOST_TEST(stored_batch(id).done == 12000u);
}

BOOST_AUTO_TEST_CASE(a_batch_goes_on_where_a_killed_process_left_it) {
  start();
  auto spec = fresh(make_template("t"));
  spec.concurrency = 3;
  std::vector<std::string> lines{forever, R"({"input":"1"})", forever, forever};
  for (int i = 0; i < 50; ++i)
    lines.push_back(R"({"input":"5"})");
  const auto id = run_lines(spec, lines);
  BOOST_TEST(has_record(id, 1));
  BOOST_TEST(!has_record(id, 40));
  const auto first = job(id, 1);
  restart();
  const auto resumed = ask<batch>(resume_atom_v, id, false);
  BOOST_REQUIRE_MESSAGE(resumed, (resumed ? "" : resumed.error().message));
  BOOST_TEST(resumed.value().done == 1u);
  const auto twice = ask<batch>(resume_atom_v, id, false);
  BOOST_TEST(!twice);
  pass(6s);
  check_status(id, batch_status::completed);
  const auto record = stored_batch(id);
  BOOST_TEST(record.done == lines.size());
  BOOST_TEST(record.jobs == lines.size());
  for (uint32_t i = 0; i < lines.size(); ++i)
    check_complete(job_execution_id(id, i));
  // What was done was not done again.
  BOOST_TEST((job(id, 1).started_at == first.started_at));
  const auto over = ask<batch>(resume_atom_v, id, false);
  BOOST_TEST(!over);
}

BOOST_AUTO_TEST_CASE(a_batch_that_was_receiving_takes_the_rest_of_its_input) {
  start();
  const auto id = make(fresh(make_template("t"))).id;
  BOOST_REQUIRE(
    add(id, "{\"input\":\"1\"}\n\n{\"input\":\"2\"}\n{\"in", false));
  restart();
  check_status(id, batch_status::interrupted);
  const auto resumed = ask<batch>(resume_atom_v, id, false);
  BOOST_REQUIRE(resumed);
  BOOST_TEST(resumed.value().jobs == 2u);
  BOOST_REQUIRE(add(id, "{\"input\":\"3\"}"));
  check_status(id, batch_status::completed);
  BOOST_TEST(stored_batch(id).jobs == 3u);
  BOOST_TEST(preview(id, 2) == "3");
}

BOOST_AUTO_TEST_CASE(a_stop_leaves_a_batch_that_can_be_resumed) {
  start();
  auto spec = fresh(make_template("t"));
  spec.concurrency = 2;
  const auto id
    = run_lines(spec, {forever, R"({"input":"1"})", R"({"input":"2"})"});
  const auto drained = send<runtime_summary>(supervisor, drain_atom_v, 100u);
  run();
  pass(10s);
  BOOST_TEST(drained.there());
  // The one that ran when the process stopped has no record: it runs again.
  BOOST_TEST(!has_record(id, 0));
  restart();
  BOOST_REQUIRE(ask<batch>(resume_atom_v, id, false));
  pass(6s);
  check_status(id, batch_status::completed);
  BOOST_TEST(reason(id, 0) == "wall_timeout");
}

BOOST_AUTO_TEST_CASE(a_template_that_is_gone_ends_a_resume_for_good) {
  start();
  const auto vm = make_template("t");
  auto spec = fresh(vm);
  spec.concurrency = 1;
  const auto id = run_lines(spec, {forever, R"({"input":"1"})"});
  BOOST_REQUIRE(ask<template_id>(remove_atom_v, vm));
  restart();
  const auto resumed = ask<batch>(resume_atom_v, id, false);
  BOOST_REQUIRE(!resumed);
  BOOST_TEST((resumed.error().code == ec::template_not_found));
  check_status(id, batch_status::failed);
  BOOST_TEST(!stored_batch(id).error.empty());
}

BOOST_AUTO_TEST_CASE(a_template_that_is_deleted_meanwhile_changes_nothing) {
  start();
  const auto vm = make_template("t");
  auto spec = fresh(vm);
  spec.concurrency = 1;
  const auto id = run_lines(spec, {forever, R"({"input":"1"})"});
  BOOST_REQUIRE(ask<template_id>(remove_atom_v, vm));
  pass(6s);
  check_status(id, batch_status::completed);
  BOOST_TEST(preview(id, 1) == "1");
}

BOOST_AUTO_TEST_CASE(a_store_that_refuses_writes_interrupts_and_loses_nothing) {
  start();
  auto spec = fresh(make_template("t"));
  const auto id = make(spec).id;
  BOOST_REQUIRE(add(id, "{\"input\":\"1\"}\n", false));
  kept->add(store_fault{});
  const auto refused = add(id, "{\"input\":\"2\"}\n");
  BOOST_TEST(!refused);
  kept->heal();
  pass(2s);
  const auto resumed = ask<batch>(resume_atom_v, id, false);
  BOOST_REQUIRE_MESSAGE(resumed, (resumed ? "" : resumed.error().message));
  BOOST_REQUIRE(add(id, "{\"input\":\"2\"}\n"));
  check_status(id, batch_status::completed);
  BOOST_TEST(stored_batch(id).done == 2u);
}

// What happens to the batch while its input is being stored answers nobody
// early.
BOOST_AUTO_TEST_CASE(input_that_is_not_stored_is_refused_also_when_cancelled) {
  start();
  const auto id = make(fresh(make_template("t"))).id;
  store_fault fault;
  fault.hits = hits_kind(change_kind::append_input);
  kept->add(fault);
  const auto added = send<batch>(supervisor, add_atom_v, id,
                                 batch_input{"{\"input\":\"1\"}\n", false});
  const auto cancelled = send<batch>(supervisor, cancel_atom_v, id);
  run();
  BOOST_TEST(kept->injected() == 1u);
  BOOST_TEST(!added.get());
  BOOST_TEST(cancelled.get().has_value());
}

BOOST_AUTO_TEST_CASE(a_batch_that_is_cancelled_counts_the_input_on_its_way) {
  start();
  const auto id = make(fresh(make_template("t"))).id;
  const auto added = send<batch>(supervisor, add_atom_v, id,
                                 batch_input{"{\"input\":\"1\"}\n", false});
  BOOST_REQUIRE(ask<batch>(cancel_atom_v, id));
  BOOST_REQUIRE(added.get());
  BOOST_TEST(added.get().value().jobs == 1u);
  check_status(id, batch_status::cancelled);
  BOOST_TEST(stored_batch(id).jobs == 1u);
}

BOOST_AUTO_TEST_CASE(what_a_client_cannot_ask_for_is_refused) {
  start();
  const auto vm = make_template("t");
  batch_spec nothing;
  BOOST_TEST(
    (ask<batch>(create_atom_v, nothing).error().code == ec::validation_error));
  auto gone = fresh(template_id::generate());
  BOOST_TEST(
    (ask<batch>(create_atom_v, gone).error().code == ec::template_not_found));
  auto lost = fresh(vm);
  lost.worktree_path = "/nowhere/at/all";
  BOOST_TEST(
    (ask<batch>(create_atom_v, lost).error().code == ec::worktree_not_found));
  auto dead = inside(session_id::generate());
  BOOST_TEST(
    (ask<batch>(create_atom_v, dead).error().code == ec::session_not_ready));
  dead.isolation = batch_isolation::fresh;
  BOOST_TEST(
    (ask<batch>(create_atom_v, dead).error().code == ec::validation_error));
  auto wide = fresh(vm);
  wide.concurrency = 1000000;
  BOOST_TEST(
    (ask<batch>(create_atom_v, wide).error().code == ec::validation_error));
  // No session is left behind.
  BOOST_TEST(
    ask<runtime_summary>(summary_atom_v).value().active_session_ids.empty());
}

BOOST_AUTO_TEST_SUITE_END()
