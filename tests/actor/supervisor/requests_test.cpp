#include "support.hpp"

#include <cstdint>

using namespace vmsystem;
using namespace vmsystem::test;
using namespace std::chrono_literals;

namespace {

const std::string waits = "console.log('early'); new Promise(() => {})";

struct fixture : supervisor_fixture {
  /// Asks for the begin of a snippet.
  pending<execution> begin(session_id id, const std::string& input,
                           const std::string& key = {}) {
    auto result
      = send<execution>(supervisor, create_atom_v, snippet(id, input), key);
    run();
    return result;
  }

  pending<finished_execution> once(session_id id, const std::string& input,
                                   const std::string& key) {
    auto result = send<finished_execution>(supervisor, execute_atom_v,
                                           snippet(id, input), key);
    run();
    return result;
  }

  pending<uint32_t> more_than(execution_id id, uint32_t known) {
    auto result = send<uint32_t>(supervisor, events_atom_v, id, known);
    run();
    return result;
  }

  void fail_once(change_kind kind) {
    store_fault fault;
    fault.hits = hits_kind(kind);
    fault.times = 1;
    kept->add(fault);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(requests, fixture)

BOOST_AUTO_TEST_CASE(a_begin_is_answered_when_it_is_durable) {
  start();
  const auto session = make_session();
  const auto begun = begin(session, waits);
  BOOST_REQUIRE(begun.get());
  const auto& record = begun.get().value();
  BOOST_TEST((record.status == execution_status::running));
  BOOST_TEST((stored(record.id).value().status == execution_status::running));
  BOOST_REQUIRE(ask<cancel_receipt>(cancel_atom_v, record.id));
  run();
  BOOST_TEST((stored(record.id).value().status == execution_status::cancelled));
  check_complete(record.id);
  BOOST_TEST(repl(session, "1").has_value());
}

BOOST_AUTO_TEST_CASE(a_begin_that_is_not_durable_is_an_error) {
  start();
  const auto session = make_session();
  fail_once(change_kind::begin_execution);
  const auto begun = begin(session, waits);
  BOOST_REQUIRE(!begun.get());
  BOOST_TEST((begun.get().error().code == ec::internal));
  BOOST_TEST(repl(session, "1").has_value());
}

BOOST_AUTO_TEST_CASE(what_cannot_begin_is_refused) {
  start();
  const auto session = make_session();
  BOOST_REQUIRE(begin(session, waits).get());
  BOOST_TEST((begin(session, "1").get().error().code == ec::session_busy));
  BOOST_TEST((begin(session_id::generate(), "1").get().error().code
              == ec::session_not_found));
}

BOOST_AUTO_TEST_CASE(who_waits_for_events_hears_of_each_and_of_the_end) {
  start();
  const auto session = make_session();
  const auto id = begin(session, waits).get().value().id;
  const auto first = more_than(id, UINT32_MAX);
  BOOST_TEST(first.get().value() == 2u);
  BOOST_TEST(more_than(id, 0).get().value() == 2u);
  const auto end = more_than(id, 2);
  const auto other = more_than(id, 2);
  BOOST_TEST(!end.there());
  BOOST_REQUIRE(ask<cancel_receipt>(cancel_atom_v, id));
  run();
  for (const auto& one : {end, other})
    BOOST_TEST((one.get().error().code == ec::execution_not_found));
  BOOST_TEST(
    (more_than(id, UINT32_MAX).get().error().code == ec::execution_not_found));
}

BOOST_AUTO_TEST_CASE(a_key_runs_once_also_when_both_come_together) {
  start();
  const auto session = make_session();
  auto one
    = send<finished_execution>(supervisor, execute_atom_v,
                               snippet(session, "1", 1000), std::string{"key"});
  auto other
    = send<finished_execution>(supervisor, execute_atom_v,
                               snippet(session, "1", 1000), std::string{"key"});
  run();
  BOOST_TEST((one.get().has_value() != other.get().has_value()));
  auto& late = one.get() ? other.get() : one.get();
  const auto& done = one.get() ? one.get() : other.get();
  BOOST_TEST((late.error().code == ec::idempotency_conflict));
  const auto again = once(session, "1", "key");
  BOOST_TEST(once(session, "2", "key").get().has_error());
  BOOST_TEST(stored_executions(session).size() == 1u);
  auto request = snippet(session, "1", 1000);
  const auto same
    = ask<finished_execution>(execute_atom_v, request, std::string{"key"});
  BOOST_REQUIRE(same);
  BOOST_TEST(same.value().document.text == done.value().document.text);
  BOOST_TEST((again.get().error().code == ec::idempotency_conflict));
}

BOOST_AUTO_TEST_CASE(a_key_that_could_not_be_stored_is_free) {
  start();
  const auto session = make_session();
  fail_once(change_kind::put_key);
  BOOST_TEST((once(session, "1", "key").get().error().code == ec::internal));
  BOOST_TEST(once(session, "1", "key").get().has_value());
  BOOST_TEST(stored_executions(session).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_key_of_one_that_was_refused_is_free) {
  start();
  const auto session = make_session();
  const auto id = begin(session, waits).get().value().id;
  BOOST_TEST(
    (once(session, "1", "key").get().error().code == ec::session_busy));
  BOOST_TEST(
    (begin(session, "1", "other").get().error().code == ec::session_busy));
  BOOST_REQUIRE(ask<cancel_receipt>(cancel_atom_v, id));
  run();
  BOOST_TEST(once(session, "1", "key").get().has_value());
  BOOST_TEST(begin(session, "1", "other").get().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
