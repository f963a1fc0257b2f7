#include "support.hpp"

#include <caf/send.hpp>

using namespace vmsystem;
using namespace vmsystem::test;
using namespace std::chrono_literals;

namespace {

/// Where the store fails during one execution.
struct failure_point {
  const char* name;
  change_kind kind;
};

const failure_point points[] = {
  {"create", change_kind::begin_execution},
  {"event", change_kind::append_events},
  {"final write", change_kind::end_execution},
};

struct failing_fixture : supervisor_fixture {
  void fail_on(change_kind kind, uint32_t times = 0) {
    store_fault fault;
    fault.hits = hits_kind(kind);
    fault.times = times;
    fault.words = "the disk is on fire";
    kept->add(fault);
  }

  /// An execution that lasts long enough to be written in all three steps.
  expected<finished_execution> run_long(session_id id) {
    const auto waiting
      = send_snippet(id, "console.log('printed'); new Promise(() => {})");
    run();
    pass(30ms);
    pass(400ms);
    pass(10ms);
    return waiting.get();
  }

  /// Nothing in the store says that an execution of the session went well.
  void check_no_success(session_id id) {
    for (const auto& record : stored_executions(id))
      BOOST_TEST((record.status != execution_status::ok));
  }
};

/// A writer that never answers.
rocksdb_writer_actor::behavior_type
silent_writer(rocksdb_writer_actor::pointer self, no_arguments) {
  return {
    [self](write_atom, const change_set&) -> caf::result<commit_receipt> {
      return self->make_response_promise<commit_receipt>();
    },
    [](commit_atom) {},
    [self](flush_atom) -> caf::result<commit_receipt> {
      return self->make_response_promise<commit_receipt>();
    },
  };
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(store_failures, failing_fixture)

BOOST_AUTO_TEST_CASE(
  a_store_that_fails_at_any_point_is_an_error_of_the_request) {
  for (const auto& [name, kind] : points) {
    BOOST_TEST_CONTEXT("the store fails at " << name) {
      if (!supervisor)
        start();
      const auto id = make_session(R"({"limits":{"wall_ms":300}})");
      fail_on(kind);
      const auto done = run_long(id);
      BOOST_REQUIRE(!done);
      BOOST_TEST((done.error().code == ec::internal));
      BOOST_TEST((done.error().message.find("the disk is on fire")
                  != std::string::npos),
                 done.error().message);
      check_no_success(id);
      BOOST_TEST(kept->injected() > 0u);
      kept->heal();
      // The execution is over in memory: the session takes the next one, and
      // what was left running in the store gets its end.
      BOOST_TEST(repl(id, "'next'").has_value());
      pass(5s);
      for (const auto& record : stored_executions(id)) {
        BOOST_TEST((record.status != execution_status::running));
        check_complete(record.id);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_short_execution_that_cannot_be_stored_leaves_nothing) {
  start();
  const auto id = make_session();
  fail_on(change_kind::end_execution, 1);
  const auto done = repl(id, "1 + 1");
  BOOST_REQUIRE(!done);
  BOOST_TEST((done.error().code == ec::internal));
  BOOST_TEST(stored_executions(id).empty());
  BOOST_TEST(repl(id, "2 + 2").has_value());
}

// Its events come in several parts: nothing is stored behind one that failed.
BOOST_AUTO_TEST_CASE(a_long_execution_whose_beginning_fails_leaves_no_events) {
  stages.writer = [this](caf::actor_system& sys) {
    writer_config one_by_one;
    one_by_one.max_sets = 1;
    return sys.spawn(rocksdb_writer, kept, one_by_one, written);
  };
  start();
  const auto id = make_session();
  fail_on(change_kind::begin_execution, 1);
  const auto done = repl(id, "for (let i = 0; i < 9000; ++i)"
                             "  console.log('x'.repeat(100))");
  BOOST_TEST(kept->injected() == 1u);
  BOOST_TEST(!done);
  check_sound();
  pass(2s);
  check_sound();
  check_no_success(id);
}

BOOST_AUTO_TEST_CASE(readiness_follows_the_store) {
  start();
  const auto id = make_session();
  store_fault fault;
  fault.words = "the disk is on fire";
  kept->add(fault);
  BOOST_TEST(!repl(id, "1").has_value());
  const auto bad = ask<readiness>(ready_atom_v);
  BOOST_REQUIRE(bad);
  BOOST_REQUIRE(bad.value().obstacles.size() == 1u);
  const auto& why = bad.value().obstacles.front();
  BOOST_TEST(why.part == "store");
  BOOST_TEST((why.reason.find("on fire") != std::string::npos));
  kept->heal();
  BOOST_TEST(ask<readiness>(ready_atom_v).value().ready());
}

BOOST_AUTO_TEST_CASE(a_store_that_hangs_is_an_obstacle) {
  start();
  const auto id = make_session();
  const auto real = writer->get();
  auto silent = system.spawn(silent_writer, no_arguments{});
  writer->set(silent);
  const auto stuck = send_snippet(id, "1");
  run();
  BOOST_TEST(ask<readiness>(ready_atom_v).value().ready());
  pass(5100ms);
  const auto bad = ask<readiness>(ready_atom_v);
  BOOST_REQUIRE(bad);
  BOOST_REQUIRE(bad.value().obstacles.size() == 1u);
  BOOST_TEST(bad.value().obstacles.front().part == "store");
  BOOST_TEST(!stuck.there());
  writer->set(real);
  pass(60s);
  BOOST_TEST(!stuck.get().has_value());
  BOOST_TEST(ask<readiness>(ready_atom_v).value().ready());
  caf::anon_send_exit(silent, caf::exit_reason::user_shutdown);
}

BOOST_AUTO_TEST_CASE(a_session_that_cannot_be_stored_is_not_live) {
  start();
  const auto id = make_template("t");
  fail_on(change_kind::put_session, 1);
  const auto made = ask<session>(create_atom_v, spec_of(id));
  BOOST_REQUIRE(!made);
  BOOST_TEST((made.error().code == ec::internal));
  BOOST_TEST(
    ask<runtime_summary>(summary_atom_v).value().active_session_ids.empty());
  BOOST_TEST(ask<session>(create_atom_v, spec_of(id)).has_value());
}

BOOST_AUTO_TEST_CASE(a_template_that_cannot_be_stored_does_not_exist) {
  start();
  fail_on(change_kind::put_template, 1);
  const auto lost = ask<template_record>(create_atom_v, template_spec{"t", {}});
  BOOST_REQUIRE(!lost);
  BOOST_TEST((lost.error().code == ec::internal));
  BOOST_TEST(
    ask<template_record>(create_atom_v, template_spec{"t", {}}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
