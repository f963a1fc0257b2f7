#include "vmsystem/app/batch_plots.hpp"
#include "vmsystem/app/batch_report.hpp"
#include "vmsystem/models/codec.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace vmsystem;
using namespace std::chrono_literals;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A batch of which all jobs took `wall_us` and ended for `reason`.
batch_outcome ran(uint32_t jobs, end_reason reason = end_reason::ok,
                  uint64_t wall_us = 1500) {
  batch_outcome outcome;
  auto& record = outcome.record;
  record.status = batch_status::completed;
  record.jobs = record.done = jobs;
  record.outcomes[static_cast<std::size_t>(reason)] = jobs;
  for (uint32_t i = 0; i < jobs; ++i) {
    batch_result x;
    x.index = i;
    x.reason = reason;
    x.metrics.wall_us = wall_us;
    BOOST_TEST_REQUIRE(
      outcome.tally.add(to_json(x).value().text + '\n').has_value());
    outcome.tally.sample(std::chrono::milliseconds{100 * (i + 1)});
  }
  return outcome;
}

/// A page must need nothing but itself, and run nothing.
void check_page(const std::string& page) {
  BOOST_TEST(page.rfind("<!doctype html>", 0) == 0u);
  BOOST_TEST(contains(page, "</html>\n"));
  for (const std::string word :
       {"<script", "http://", "https://", "src=", "href=", "url(", "@import",
        "javascript:", "nan", "inf\""})
    BOOST_TEST(!contains(page, word), word);
  for (const std::string tag : {"svg", "section", "table", "main"}) {
    std::size_t opened = 0;
    std::size_t closed = 0;
    for (auto at = page.find('<' + tag); at != std::string::npos;
         at = page.find('<' + tag, at + 1))
      ++opened;
    for (auto at = page.find("</" + tag); at != std::string::npos;
         at = page.find("</" + tag, at + 1))
      ++closed;
    BOOST_TEST(opened == closed, tag);
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(reports)

BOOST_AUTO_TEST_CASE(a_batch_without_jobs_has_a_page) {
  const auto page = batch_report(ran(0));
  check_page(page);
  BOOST_TEST(contains(page, "Batch of 0 jobs"));
  BOOST_TEST(!contains(page, "<svg"));
  BOOST_TEST(!contains(page, "The slowest jobs"));
}

BOOST_AUTO_TEST_CASE(a_batch_of_one_job_has_a_page) {
  const auto page = batch_report(ran(1));
  check_page(page);
  BOOST_TEST(contains(page, "It was over too soon for a curve."));
  BOOST_TEST(contains(page, "≤ 2 ms: 1</title>"));
  BOOST_TEST(contains(page, "100 %"));
}

BOOST_AUTO_TEST_CASE(a_batch_of_many_jobs_has_all_plots) {
  auto outcome = ran(40);
  const auto failed = ran(3, end_reason::cpu_timeout, 2000000);
  outcome.record.outcomes[static_cast<std::size_t>(end_reason::cpu_timeout)]
    = 3;
  const auto page = batch_report(outcome);
  check_page(page);
  BOOST_TEST(contains(page, "cpu_timeout"));
  BOOST_TEST(contains(page, "class=\"line\""));
  BOOST_TEST(contains(page, "prefers-color-scheme: dark"));
  check_page(batch_report(failed));
}

BOOST_AUTO_TEST_CASE(extreme_figures_do_not_leave_the_sheet) {
  check_page(batch_report(ran(2, end_reason::ok, 0)));
  check_page(batch_report(ran(2, end_reason::ok, uint64_t{1} << 50)));
}

BOOST_AUTO_TEST_CASE(texts_of_users_are_escaped) {
  batch_outcome outcome = ran(1);
  outcome.record.error = "<script>alert('1 & \"2\"')</script>";
  batch_result x;
  x.index = 7;
  x.id = "</td><img src=x onerror=alert(1)>";
  x.metrics.wall_us = 1u << 20;
  BOOST_TEST_REQUIRE(
    outcome.tally.add(to_json(x).value().text + '\n').has_value());
  const auto page = batch_report(outcome);
  BOOST_TEST(!contains(page, "<script"));
  BOOST_TEST(!contains(page, "<img"));
  BOOST_TEST(contains(page, "&lt;script&gt;alert(&#39;1 &amp; &quot;2&quot;"));
  BOOST_TEST(contains(page, "&lt;/td&gt;&lt;img"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(plots)

BOOST_AUTO_TEST_CASE(control_characters_are_shown_not_sent) {
  BOOST_TEST(html(std::string{"a\0b\x1b", 4}) == "a\\u0000b\\u001b");
  BOOST_TEST(html("µ ≤ é") == "µ ≤ é");
}

BOOST_AUTO_TEST_CASE(axes_have_round_ticks_that_hold_the_greatest_value) {
  for (const double greatest :
       {1e-6, 0.3, 1.0, 7.0, 99.0, 1000.0, 123456789.0, 1e15}) {
    const auto ticks = axis_ticks(greatest);
    BOOST_TEST(ticks.front() == 0.0);
    BOOST_TEST(ticks.back() >= greatest * 0.99999);
    BOOST_TEST(ticks.size() >= 2u);
    BOOST_TEST(ticks.size() <= 6u);
  }
  BOOST_TEST(axis_ticks(10) == (std::vector<double>{0, 2, 4, 6, 8, 10}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_axis_of_nothing_still_has_ticks) {
  for (const double greatest :
       {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(),
        std::numeric_limits<double>::infinity()})
    BOOST_TEST(axis_ticks(greatest).back() == 1.0);
}

BOOST_AUTO_TEST_CASE(labels_are_as_short_as_they_can_be) {
  BOOST_TEST(axis_label(0) == "0");
  BOOST_TEST(axis_label(0.5) == "0.5");
  BOOST_TEST(axis_label(12) == "12");
  BOOST_TEST(axis_label(150000) == "150,000");
}

BOOST_AUTO_TEST_SUITE_END()
