#include "vmsystem/pipeline/batch_progress.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;

namespace {

execution_metrics took(uint64_t us) {
  execution_metrics result;
  result.queue_us = us;
  result.cpu_us = us / 2;
  result.wall_us = us;
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(progress_of_batches)

BOOST_AUTO_TEST_CASE(nothing_is_done_at_first) {
  const batch_progress progress;
  BOOST_TEST(!progress.done(0));
  BOOST_TEST(!progress.any_failed());
  batch record;
  progress.describe(record);
  BOOST_TEST(record.done == 0u);
  BOOST_TEST(record.wall.max_us == 0u);
}

BOOST_AUTO_TEST_CASE(each_job_counts_once_in_whatever_order) {
  batch_progress progress;
  progress.add(5000, end_reason::ok, took(10));
  progress.add(2, end_reason::exception, took(10));
  progress.add(2, end_reason::ok, took(10));
  BOOST_TEST(progress.count() == 2u);
  BOOST_TEST(progress.done(2));
  BOOST_TEST(progress.done(5000));
  BOOST_TEST(!progress.done(3));
  BOOST_TEST(!progress.done(4999));
  BOOST_TEST(!progress.done(1000000));
  BOOST_TEST(progress.any_failed());
  batch record;
  progress.describe(record);
  BOOST_TEST(record.done == 2u);
  BOOST_TEST(record.outcomes[0] == 1u);
  BOOST_TEST(record.outcomes[1] == 1u);
}

BOOST_AUTO_TEST_CASE(percentiles_err_by_a_thirtieth_at_most) {
  batch_progress progress;
  for (uint32_t i = 1; i <= 1000; ++i)
    progress.add(i, end_reason::ok, took(i));
  batch record;
  progress.describe(record);
  const auto close = [](uint64_t found, uint64_t wanted) {
    return found >= wanted - 1 && found <= wanted + wanted / 30 + 1;
  };
  BOOST_TEST(close(record.wall.p50_us, 500));
  BOOST_TEST(close(record.wall.p90_us, 900));
  BOOST_TEST(close(record.wall.p99_us, 990));
  BOOST_TEST(close(record.wall.max_us, 1000));
  BOOST_TEST(close(record.cpu.max_us, 500));
}

BOOST_AUTO_TEST_SUITE_END()
