#include "vmsystem/app/batch_progress.hpp"
#include "vmsystem/app/batch_summary.hpp"
#include "vmsystem/app/batch_tally.hpp"
#include "vmsystem/models/codec.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace vmsystem;
using namespace std::chrono_literals;

namespace {

std::string line(uint32_t index, uint64_t wall_us,
                 end_reason reason = end_reason::ok,
                 const std::string& id = "") {
  batch_result x;
  x.index = index;
  x.id = id;
  x.reason = reason;
  x.status = status_of(reason);
  x.result.text = R"({"type":"object","preview":"{}","json":{"wall_ms":7}})";
  x.metrics.wall_us = wall_us;
  return to_json(x).value().text + '\n';
}

} // namespace

BOOST_AUTO_TEST_SUITE(tally)

BOOST_AUTO_TEST_CASE(results_are_counted_by_end_reason) {
  batch_tally counted;
  BOOST_TEST(counted.add("").has_value());
  BOOST_TEST(counted
               .add(line(0, 1) + line(1, 2, end_reason::exception)
                    + line(2, 3, end_reason::exception))
               .has_value());
  BOOST_TEST(counted.add(line(3, 4)).has_value());
  BOOST_TEST(counted.count() == 4u);
  BOOST_TEST(counted.failed() == 2u);
  BOOST_TEST(counted.outcomes()[static_cast<std::size_t>(end_reason::exception)]
             == 2u);
}

BOOST_AUTO_TEST_CASE(the_slowest_five_are_kept_in_order) {
  batch_tally counted;
  for (const uint64_t wall : {5u, 90u, 20u, 70u, 70u, 10u, 80u, 1u})
    BOOST_TEST(counted
                 .add(line(static_cast<uint32_t>(wall), wall * 1000,
                           end_reason::ok, "w" + std::to_string(wall)))
                 .has_value());
  std::string order;
  for (const auto& job : counted.slowest())
    order += job.id + ' ';
  BOOST_TEST(order == "w90 w80 w70 w70 w20 ");
  BOOST_TEST(counted.slowest().front().wall_us == 90000u);
}

BOOST_AUTO_TEST_CASE(wall_times_fall_into_the_bucket_that_bounds_them) {
  batch_tally counted;
  for (const uint64_t wall : {0u, 10u, 11u, 100000000u, 100000001u})
    BOOST_TEST(counted.add(line(0, wall)).has_value());
  BOOST_TEST(counted.wall_buckets()[0] == 2u);
  BOOST_TEST(counted.wall_buckets()[1] == 1u);
  BOOST_TEST(counted.wall_buckets()[wall_bounds_us.size() - 1] == 1u);
  BOOST_TEST(counted.wall_buckets()[wall_bounds_us.size()] == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_no_result_is_an_error) {
  for (const std::string wrong :
       {"{}\n", "\n", "no json\n", "[]\n", "{\"index\":1", "{\"index\":1}\n"})
    BOOST_TEST(batch_tally{}.add(wrong).has_error(), wrong);
}

BOOST_AUTO_TEST_CASE(samples_stay_few_however_long_it_takes) {
  batch_tally counted;
  for (uint64_t i = 0; i < 100000; ++i)
    counted.sample(std::chrono::milliseconds{i * 10}, i);
  const auto& samples = counted.samples();
  BOOST_TEST(samples.size() <= 240u);
  BOOST_TEST(samples.size() >= 100u);
  BOOST_TEST(samples.front().done == 0u);
  for (std::size_t i = 1; i < samples.size(); ++i)
    BOOST_TEST((samples[i - 1].at < samples[i].at));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(progress)

BOOST_AUTO_TEST_CASE(words_say_what_is_known) {
  BOOST_TEST(progress_words({0, 0, 0}, {}) == "0 jobs, 0 jobs/s");
  BOOST_TEST(progress_words({1234, 2, 10000}, {3210.4, 3s})
             == "1,234 of 10,000 jobs, 2 failed, 3,210 jobs/s, 3 s left");
  BOOST_TEST(progress_words({1, 0, 2000, true}, {})
             == "1 of about 2,000 jobs, 0 jobs/s");
  BOOST_TEST(duration_words(59s) == "59 s");
  BOOST_TEST(duration_words(200s) == "3 min 20 s");
  BOOST_TEST(duration_words(7500s) == "2 h 5 min");
  BOOST_TEST(grouped(0) == "0");
  BOOST_TEST(grouped(1234567) == "1,234,567");
}

BOOST_AUTO_TEST_CASE(the_bar_never_leaves_its_frame) {
  BOOST_TEST(progress_bar({5, 0, 10}, {}, 4)
             == "[##..]  50 % 5 of 10 jobs, 0 jobs/s");
  BOOST_TEST(progress_bar({11, 0, 10}, {}, 4).find("[####] 100 %") == 0u);
  BOOST_TEST(progress_bar({5, 0, 0}, {}, 4) == "5 jobs, 0 jobs/s");
}

BOOST_AUTO_TEST_CASE(the_pace_is_that_of_the_last_seconds) {
  pace_meter meter;
  const auto start = pace_meter::clock::now();
  BOOST_TEST(meter.at(start, {0, 0, 1000}).rate == 0.0);
  BOOST_TEST(meter.at(start + 1s, {100, 0, 1000}).rate == 100.0);
  const auto pace = meter.at(start + 2s, {200, 0, 1000});
  BOOST_TEST(pace.rate == 100.0);
  BOOST_TEST(pace.left.count() == 8);
  BOOST_TEST(meter.at(start + 3s, {200, 0, 0}).left.count() == -1);
  // Much later, what was long ago no longer counts.
  BOOST_TEST(meter.at(start + 60s, {200, 0, 1000}).rate < 200.0);
  BOOST_TEST(meter.at(start + 61s, {210, 0, 1000}).rate < 20.0);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(summary)

BOOST_AUTO_TEST_CASE(the_status_and_the_outcomes_decide_what_is_exited_with) {
  batch_outcome outcome;
  auto& record = outcome.record;
  record.status = batch_status::completed;
  BOOST_TEST((exit_code_of(outcome) == exit_code::ok));
  record.jobs = record.done = 2;
  record.outcomes[0] = 2;
  BOOST_TEST((exit_code_of(outcome) == exit_code::ok));
  record.outcomes[0] = 1;
  BOOST_TEST((exit_code_of(outcome) == exit_code::script_failed));
  record.status = batch_status::stopped;
  BOOST_TEST((exit_code_of(outcome) == exit_code::script_failed));
  for (const auto status :
       {batch_status::failed, batch_status::cancelled, batch_status::running}) {
    record.status = status;
    BOOST_TEST((exit_code_of(outcome) == exit_code::request_failed));
  }
  record.status = batch_status::completed;
  outcome.left = fail(ec::internal, "gone");
  BOOST_TEST((exit_code_of(outcome) == exit_code::request_failed));
}

BOOST_AUTO_TEST_CASE(a_batch_without_jobs_has_a_short_summary) {
  batch_outcome outcome;
  outcome.record.status = batch_status::completed;
  const auto text = batch_summary(outcome);
  BOOST_TEST(text.find("Status: completed\nJobs: 0 of 0 done\n")
             != std::string::npos);
  BOOST_TEST(text.find("p50") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_of_jobs_do_not_reach_the_terminal_raw) {
  batch_outcome outcome;
  outcome.record.done = outcome.record.jobs = 1;
  BOOST_TEST(outcome.tally.add(line(0, 1, end_reason::exception, "\x1b[31m"))
               .has_value());
  const auto text = batch_summary(outcome);
  BOOST_TEST(text.find('\x1b') == std::string::npos);
  BOOST_TEST(text.find("0 (\\u001b[31m): 0.001 ms, exception")
             != std::string::npos);
  BOOST_TEST(batch_summary_json(outcome).find(
               R"("slowest":[{"index":0,"id":"\u001B[31m",)")
             != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
