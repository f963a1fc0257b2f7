#include "vmsystem/benchmarks/harness/bench_job.hpp"

#include <boost/test/unit_test.hpp>

namespace vmsystem::bench {

BOOST_AUTO_TEST_SUITE(job_suite)

BOOST_AUTO_TEST_CASE(the_seed_is_the_jobs_argument) {
  BOOST_TEST(job_args(7) == R"({"seed":7})");
}

BOOST_AUTO_TEST_CASE(the_result_sums_up_what_is_greater_than_five) {
  BOOST_TEST(job_result(1)
             == R"({"6":11,"7":13,"8":17,"9":21,"10":25,"11":8,"12":10})");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace vmsystem::bench
