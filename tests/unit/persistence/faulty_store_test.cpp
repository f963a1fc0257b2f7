#include "vmsystem/persistence/faulty_store.hpp"
#include "vmsystem/tests/unit/persistence/support.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

struct faulty {
  faulty_store kept{memory_store()};

  expected<void> put(uint8_t number) {
    return commit(kept, {put_template(id_of(number), "t")});
  }

  std::size_t stored() const {
    return must(kept.read()->template_documents()).size();
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(faults)

BOOST_FIXTURE_TEST_CASE(without_faults_everything_passes, faulty) {
  must(put(1));
  must(kept.flush());
  BOOST_TEST(stored() == 1u);
  BOOST_TEST(kept.injected() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_fault_hits_the_kind_it_names, faulty) {
  store_fault fault;
  fault.hits = hits_kind(change_kind::append_events);
  fault.words = "the disk is on fire";
  kept.add(fault);
  must(put(1));
  const auto why = must_fail(commit(kept, {put_template(id_of(2), "t"),
                                           append_events(id_of(3), 1, "e")}));
  BOOST_TEST((why.code == ec::internal));
  BOOST_TEST(why.message == "the disk is on fire");
  BOOST_TEST(stored() == 1u);
  BOOST_TEST(kept.injected() == 1u);
}

BOOST_FIXTURE_TEST_CASE(every_nth_commit_fails, faulty) {
  store_fault fault;
  fault.every = 3;
  kept.add(fault);
  std::string outcomes;
  for (uint8_t i = 1; i <= 7; ++i)
    outcomes += put(i) ? 'o' : 'x';
  BOOST_TEST(outcomes == "ooxooxo");
}

BOOST_FIXTURE_TEST_CASE(a_fault_is_spent_after_its_times, faulty) {
  store_fault fault;
  fault.times = 2;
  kept.add(fault);
  std::string outcomes;
  for (uint8_t i = 1; i <= 4; ++i)
    outcomes += put(i) ? 'o' : 'x';
  BOOST_TEST(outcomes == "xxoo");
}

BOOST_FIXTURE_TEST_CASE(a_delay_alone_does_not_fail, faulty) {
  store_fault fault;
  fault.fails = false;
  fault.delay = std::chrono::milliseconds{5};
  kept.add(fault);
  const auto start = std::chrono::steady_clock::now();
  must(put(1));
  BOOST_TEST((std::chrono::steady_clock::now() - start >= fault.delay));
}

BOOST_FIXTURE_TEST_CASE(reads_and_flushes_fail_until_healed, faulty) {
  must(put(1));
  const auto earlier = kept.read();
  kept.fail_reads("unreadable");
  kept.fail_flush("unflushable");
  BOOST_TEST(must_fail(earlier->template_documents()).message == "unreadable");
  BOOST_TEST(must_fail(kept.read()->session_documents({})).message
             == "unreadable");
  BOOST_TEST(must_fail(kept.flush()).message == "unflushable");
  BOOST_TEST(kept.injected() == 3u);
  kept.heal();
  BOOST_TEST(stored() == 1u);
  must(kept.flush());
}

BOOST_AUTO_TEST_SUITE_END()
