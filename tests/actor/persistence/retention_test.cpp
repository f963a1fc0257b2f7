#include "vmsystem/actors/retention.hpp"
#include "vmsystem/persistence/faulty_store.hpp"
#include "vmsystem/persistence/rocksdb_writer.hpp"
#include "vmsystem/tests/actor/persistence/actor_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// A retention actor over a store that can fail, with a writer.
struct retention_fixture : actor_fixture {
  std::shared_ptr<faulty_store> kept
    = std::make_shared<faulty_store>(memory_store());
  current_writer_ptr writer = std::make_shared<current_writer>();
  std::shared_ptr<writer_stats> written = std::make_shared<writer_stats>();
  std::shared_ptr<retention_stats> stats = std::make_shared<retention_stats>();
  raw_id session = made_before(minutes{9000});
  std::vector<raw_id> ids;
  int age = 8000;

  ~retention_fixture() {
    for (const auto& actor : spawned)
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    scheduler.run();
  }

  void start_writer() {
    auto actor = system.spawn(rocksdb_writer, kept, writer_config{}, written);
    spawned.push_back(caf::actor_cast<caf::actor>(actor));
    writer->set(caf::actor_cast<rocksdb_writer_actor>(actor));
  }

  void start(uint32_t days, uint32_t executions) {
    retention_limits limits;
    limits.days = days;
    limits.executions = executions;
    spawned.push_back(caf::actor_cast<caf::actor>(
      system.spawn(retention, retention_setup{limits, kept, writer, stats})));
    scheduler.run();
  }

  void pass(std::chrono::milliseconds time) {
    scheduler.advance_time(time);
    scheduler.run();
  }

  /// Lets the steps of a pass follow each other, which is over long before the
  /// next one begins.
  void steps(int count) {
    for (int i = 0; i < count; ++i)
      pass(std::chrono::milliseconds{10});
  }

  void add(int count) {
    change_set set;
    for (int i = 0; i < count; ++i) {
      auto x = job({}, 0);
      x.batch = {};
      x.id.raw = made_before(minutes{--age});
      x.session.raw = session;
      ids.push_back(x.id.raw);
      set.changes.push_back(end_job(x));
    }
    must(kept->commit({&set}, durability::sync));
  }

  std::size_t left() const {
    std::size_t result = 0;
    for (const auto& id : ids)
      result += kept->read()->execution_document({id}).has_value() ? 1 : 0;
    return result;
  }

  bool has_newest(std::size_t count) const {
    for (auto i = ids.size() - count; i < ids.size(); ++i)
      if (!kept->read()->execution_document({ids[i]}))
        return false;
    return true;
  }

  std::vector<caf::actor> spawned;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(retention_actor_suite, retention_fixture)

BOOST_AUTO_TEST_CASE(a_pass_is_made_at_the_begin_and_each_minute) {
  start_writer();
  add(20);
  start(0, 5);
  steps(20);
  BOOST_TEST(left() == 5u);
  BOOST_TEST(has_newest(5));
  BOOST_TEST(stats->executions == 15u);
  add(7);
  pass(seconds{58});
  BOOST_TEST(left() == 12u);
  pass(seconds{2});
  steps(20);
  BOOST_TEST(left() == 5u);
  BOOST_TEST(has_newest(5));
  BOOST_TEST(stats->executions == 22u);
  BOOST_TEST(stats->failures == 0u);
}

BOOST_AUTO_TEST_CASE(many_are_removed_in_steps_with_pauses) {
  start_writer();
  add(1000);
  start(0, 1);
  // The first step counts, and then each pause lets one follow.
  steps(1);
  BOOST_TEST(left() == 1000u - max_retired);
  steps(1);
  BOOST_TEST(left() == 1000u - 2 * max_retired);
  BOOST_TEST(written->group_sets.count() == 2u);
  steps(20);
  BOOST_TEST(left() == 1u);
  BOOST_TEST(has_newest(1));
}

BOOST_AUTO_TEST_CASE(days_need_no_count) {
  start_writer();
  add(20);
  start(1, 0);
  steps(20);
  BOOST_TEST(left() == 0u);
}

BOOST_AUTO_TEST_CASE(a_store_that_refuses_is_asked_again_a_minute_later) {
  start_writer();
  add(20);
  store_fault fault;
  fault.hits = hits_kind(change_kind::remove_execution);
  fault.times = 1;
  kept->add(fault);
  start(0, 5);
  steps(20);
  BOOST_TEST(left() == 20u);
  BOOST_TEST(stats->failures == 1u);
  BOOST_TEST(stats->executions == 0u);
  pass(minutes{1});
  steps(20);
  BOOST_TEST(left() == 5u);
  BOOST_TEST(stats->failures == 1u);
  BOOST_TEST(stats->executions == 15u);
}

BOOST_AUTO_TEST_CASE(a_store_that_cannot_be_read_is_asked_again_too) {
  start_writer();
  add(20);
  kept->fail_reads("no");
  start(0, 5);
  steps(20);
  BOOST_TEST(stats->failures == 1u);
  kept->heal();
  pass(minutes{1});
  steps(20);
  BOOST_TEST(left() == 5u);
}

BOOST_AUTO_TEST_CASE(it_waits_for_a_writer_and_for_a_successor) {
  add(20);
  start(0, 5);
  steps(5);
  BOOST_TEST(left() == 20u);
  BOOST_TEST(stats->failures == 0u);
  start_writer();
  steps(20);
  BOOST_TEST(left() == 5u);
  caf::anon_send_exit(spawned.back(), caf::exit_reason::kill);
  scheduler.run();
  add(10);
  pass(minutes{1});
  steps(20);
  BOOST_TEST(left() == 15u);
  BOOST_TEST(stats->failures == 1u);
  start_writer();
  pass(minutes{1});
  steps(20);
  BOOST_TEST(left() == 5u);
}

BOOST_AUTO_TEST_SUITE_END()
