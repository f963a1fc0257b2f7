#include "vmsystem/tests/unit/persistence/support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// A batch with results of jobs 0, 1 and 3; job 2 runs.
struct results {
  std::shared_ptr<rocksdb_store> kept = memory_store();
  batch_id id = batch_id::generate();
  batch_id other = batch_id::generate();

  results() {
    put(batch_status::running);
    must(commit(*kept, {put_batch(other.raw, batch_status::completed, "o"),
                        end_job(job(other, 0)), end_job(job(id, 0)),
                        end_job(job(id, 1, end_reason::wall_timeout)),
                        begin_job(job(id, 2)), end_job(job(id, 3)),
                        end_execution(raw_id::generate(), id_of(9), "e")}));
  }

  void put(batch_status status) {
    must(commit(*kept, {put_batch(id.raw, status, "b")}));
  }

  batch_result_filter from(uint32_t first, uint32_t limit = 1000) const {
    return {id, first, limit};
  }

  batch_result_page page(const batch_result_filter& filter) const {
    return must(kept->read()->batch_results(filter));
  }
};

/// The indexes of the results on a page.
std::string indexes(const batch_result_page& page) {
  std::string result;
  std::size_t begin = 0;
  while (begin < page.lines.size()) {
    const auto end = page.lines.find('\n', begin);
    BOOST_TEST_REQUIRE(end != std::string::npos);
    const auto line = page.lines.substr(begin, end - begin);
    const auto root = parse_json(line);
    BOOST_TEST_REQUIRE(root.has_value());
    uint64_t index = 0;
    BOOST_TEST_REQUIRE(!root.value()["index"].get(index));
    result += std::to_string(index) + ' ';
    begin = end + 1;
  }
  return result;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(stored_results, results)

BOOST_AUTO_TEST_CASE(a_result_says_what_its_execution_s_record_says) {
  put(batch_status::cancelled);
  const auto found = page(from(1, 1));
  BOOST_TEST(
    found.lines
    == must(to_json(result_of(job(id, 1, end_reason::wall_timeout)))).text
         + "\n");
  BOOST_TEST(found.count == 1u);
  BOOST_TEST(found.next == 2u);
  BOOST_TEST(!found.last);
}

BOOST_AUTO_TEST_CASE(while_the_batch_goes_on_a_page_ends_before_a_gap) {
  auto found = page(from(0));
  BOOST_TEST(indexes(found) == "0 1 ");
  BOOST_TEST(found.next == 2u);
  BOOST_TEST(!found.last);
  must(commit(*kept, {end_job(job(id, 2))}));
  found = page(from(found.next));
  BOOST_TEST(indexes(found) == "2 3 ");
  BOOST_TEST(found.next == 4u);
  BOOST_TEST(!found.last);
}

BOOST_AUTO_TEST_CASE(a_page_that_may_pass_gaps_has_all_that_is_there) {
  auto filter = from(0);
  filter.past_gaps = true;
  const auto found = page(filter);
  BOOST_TEST(indexes(found) == "0 1 3 ");
  BOOST_TEST(found.count == 3u);
  BOOST_TEST(found.next == 4u);
  BOOST_TEST(!found.last);
}

BOOST_AUTO_TEST_CASE(
  a_batch_that_is_over_has_its_results_past_gaps_and_a_last) {
  for (const auto status : {batch_status::completed, batch_status::stopped,
                            batch_status::cancelled, batch_status::failed}) {
    put(status);
    const auto found = page(from(0));
    BOOST_TEST(indexes(found) == "0 1 3 ");
    BOOST_TEST(found.last);
  }
}

BOOST_AUTO_TEST_CASE(a_page_is_the_last_only_when_nothing_is_behind_it) {
  put(batch_status::cancelled);
  auto found = page(from(0, 2));
  BOOST_TEST(indexes(found) == "0 1 ");
  BOOST_TEST(!found.last);
  found = page(from(found.next, 1));
  BOOST_TEST(indexes(found) == "3 ");
  BOOST_TEST(found.last);
  found = page(from(found.next));
  BOOST_TEST(found.count == 0u);
  BOOST_TEST(found.next == 4u);
  BOOST_TEST(found.last);
}

BOOST_AUTO_TEST_CASE(a_record_with_the_id_of_a_job_but_no_batch_is_no_result) {
  put(batch_status::cancelled);
  auto stranger = job(id, 2);
  stranger.batch = other;
  must(commit(*kept, {end_job(stranger)}));
  BOOST_TEST(indexes(page(from(0))) == "0 1 3 ");
  stranger.batch = {};
  must(commit(*kept, {end_job(stranger)}));
  BOOST_TEST(indexes(page(from(0))) == "0 1 3 ");
}

BOOST_AUTO_TEST_CASE(indexes_beyond_one_byte_are_in_their_order) {
  std::vector<uint32_t> wanted{255, 256, 65535, 65536, 1u << 24, 4000000000u};
  for (const auto index : wanted)
    must(commit(*kept, {end_job(job(id, index))}));
  put(batch_status::completed);
  std::string expected_indexes;
  for (const auto index : wanted)
    expected_indexes += std::to_string(index) + ' ';
  BOOST_TEST(indexes(page(from(4))) == expected_indexes);
}

BOOST_AUTO_TEST_CASE(a_page_of_large_results_ends_early_and_says_where) {
  put(batch_status::completed);
  auto large = job(id, 0);
  large.result.text = R"({"type":"string","preview":")"
                      + std::string(max_result_bytes, 'x') + R"("})";
  must(commit(*kept, {end_job(large)}));
  auto found = page(from(0));
  BOOST_TEST(found.count == 1u);
  BOOST_TEST(found.next == 1u);
  BOOST_TEST(!found.last);
  found = page(from(found.next));
  BOOST_TEST(indexes(found) == "1 3 ");
  BOOST_TEST(found.last);
}

BOOST_AUTO_TEST_CASE(results_of_no_batch_and_limits_out_of_range_are_refused) {
  const auto view = kept->read();
  for (const uint32_t limit : {0u, 10001u})
    BOOST_TEST((must_fail(view->batch_results(from(0, limit))).code
                == ec::validation_error));
  BOOST_TEST((must_fail(view->batch_results({batch_id::generate()})).code
              == ec::batch_not_found));
  BOOST_TEST((must_fail(view->done_jobs(batch_id::generate(), 0, 10)).code
              == ec::batch_not_found));
  BOOST_TEST(
    (must_fail(view->done_jobs(id, 0, 0)).code == ec::validation_error));
}

BOOST_AUTO_TEST_CASE(done_jobs_are_those_that_need_not_run_again) {
  const auto view = kept->read();
  auto found = must(view->done_jobs(id, 0, 2));
  BOOST_TEST_REQUIRE(found.jobs.size() == 2u);
  BOOST_TEST(found.jobs[1].index == 1u);
  BOOST_TEST((found.jobs[1].reason == end_reason::wall_timeout));
  BOOST_TEST(found.jobs[1].metrics.wall_us == 1001u);
  BOOST_TEST(!found.last);
  found = must(view->done_jobs(id, found.next, 2));
  BOOST_TEST_REQUIRE(found.jobs.size() == 1u);
  BOOST_TEST(found.jobs[0].index == 3u);
  BOOST_TEST(found.last);
}

BOOST_AUTO_TEST_SUITE_END()
