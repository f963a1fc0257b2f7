#include "vmsystem/actors/recovery.hpp"
#include "vmsystem/models/codec.hpp"
#include "vmsystem/persistence/faulty_store.hpp"
#include "vmsystem/pipeline/finalization.hpp"
#include "vmsystem/tests/unit/persistence/support.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// A store that a process left in the middle of a batch.
struct left_behind {
  faulty_store kept{memory_store()};
  batch record;

  left_behind() {
    record.id = batch_id::generate();
    record.vm_id = template_id::generate();
    record.created_at.us = 1;
    record.status = batch_status::running;
    record.input_complete = true;
    record.jobs = 3;
    store_batch();
  }

  void store_batch() {
    must(commit(kept, {batch_change(record)}));
  }

  batch stored() const {
    return must(from_json<batch>(must(kept.read()->batch_document(record.id))));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(recovery, left_behind)

BOOST_AUTO_TEST_CASE(a_job_that_was_running_is_taken_away_to_run_again) {
  const auto running = job(record.id, 1);
  must(commit(kept, {end_job(job(record.id, 0)), begin_job(running),
                     append_events(running.id.raw, 1, "e1,\ne2")}));
  const auto found = must(recover(kept));
  BOOST_TEST(found.interrupted_executions == 0u);
  const auto view = kept.read();
  BOOST_TEST((must_fail(view->execution_document(running.id)).code
              == ec::execution_not_found));
  BOOST_TEST(must(view->last_event_seq(running.id)) == 0u);
  BOOST_TEST(must(view->unfinished()).executions.empty());
  const auto done = must(view->done_jobs(record.id, 0, 10));
  BOOST_TEST_REQUIRE(done.jobs.size() == 1u);
  BOOST_TEST(done.jobs[0].index == 0u);
}

BOOST_AUTO_TEST_CASE(a_running_batch_stays_as_it_is_and_is_reported) {
  record.done = 2;
  store_batch();
  const auto found = must(recover(kept));
  BOOST_TEST_REQUIRE(found.batches.size() == 1u);
  BOOST_TEST((found.batches[0].id == record.id));
  BOOST_TEST((found.batches[0].status == batch_status::running));
  BOOST_TEST(found.batches[0].input_complete);
  BOOST_TEST(found.batches[0].done == 2u);
  BOOST_TEST(must(to_json(stored())).text == must(to_json(record)).text);
}

BOOST_AUTO_TEST_CASE(a_batch_that_lacks_input_is_interrupted_and_reported) {
  record.status = batch_status::receiving;
  record.input_complete = false;
  store_batch();
  for (int start = 0; start < 2; ++start) {
    const auto found = must(recover(kept));
    BOOST_TEST_REQUIRE(found.batches.size() == 1u);
    BOOST_TEST((found.batches[0].status == batch_status::interrupted));
    BOOST_TEST(!found.batches[0].input_complete);
    BOOST_TEST((stored().status == batch_status::interrupted));
  }
}

BOOST_AUTO_TEST_CASE(a_running_job_of_a_batch_that_is_over_is_interrupted) {
  record.status = batch_status::cancelled;
  store_batch();
  const auto running = job(record.id, 1);
  must(commit(kept, {begin_job(running)}));
  const auto found = must(recover(kept));
  BOOST_TEST(found.batches.empty());
  BOOST_TEST(found.interrupted_executions == 1u);
  const auto after = must(
    from_json<execution>(must(kept.read()->execution_document(running.id))));
  BOOST_TEST((after.reason == end_reason::interrupted));
}

BOOST_AUTO_TEST_CASE(executions_beside_batches_are_interrupted_as_ever) {
  auto single = job({}, 0);
  single.id = execution_id::generate();
  must(commit(kept, {begin_job(single), begin_job(job(record.id, 0))}));
  const auto found = must(recover(kept));
  BOOST_TEST(found.interrupted_executions == 1u);
  BOOST_TEST(found.batches.size() == 1u);
}

BOOST_AUTO_TEST_CASE(new_ids_are_above_those_of_batches) {
  auto far = raw_id::generate();
  far.bytes[0] = 2;
  record.id.raw = far;
  store_batch();
  must(recover(kept));
  BOOST_TEST((far < raw_id::generate()));
}

BOOST_AUTO_TEST_CASE(a_batch_that_cannot_be_read_is_named) {
  must(commit(kept, {put_batch(record.id.raw, batch_status::running, "{}")}));
  const auto why = must_fail(recover(kept));
  BOOST_TEST((why.code == ec::internal));
  BOOST_TEST(why.message.find("the stored batch " + record.id.to_string())
             == 0u);
}

BOOST_AUTO_TEST_CASE(a_store_that_takes_no_repair_is_an_error) {
  must(commit(kept, {begin_job(job(record.id, 1))}));
  store_fault fault;
  fault.hits = hits_kind(change_kind::remove_execution);
  kept.add(fault);
  BOOST_TEST(must_fail(recover(kept)).message == "injected fault");
}

BOOST_AUTO_TEST_SUITE_END()
