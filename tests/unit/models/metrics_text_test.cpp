#include "vmsystem/models/bucket_histogram.hpp"
#include "vmsystem/models/metrics_text.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>

using namespace vmsystem;

namespace {

constexpr std::array<uint64_t, 3> ends{10, 1000, 2500000};

} // namespace

BOOST_AUTO_TEST_SUITE(metrics)

BOOST_AUTO_TEST_CASE(a_family_has_help_type_and_samples) {
  metrics_text to;
  to.family("x_total", metric_type::counter, "Counts x.");
  to.sample(0);
  to.sample(UINT64_MAX, {{"kind", "repl"}, {"status", "ok"}});
  to.one("y", metric_type::gauge, "Shows y.", 7);
  BOOST_TEST(to.text()
             == "# HELP x_total Counts x.\n"
                "# TYPE x_total counter\n"
                "x_total 0\n"
                "x_total{kind=\"repl\",status=\"ok\"} 18446744073709551615\n"
                "# HELP y Shows y.\n"
                "# TYPE y gauge\n"
                "y 7\n");
}

BOOST_AUTO_TEST_CASE(what_would_end_a_line_or_a_value_is_escaped) {
  metrics_text to;
  to.family("x", metric_type::gauge, "A \"b\"\nand \\n");
  to.sample(1, {{"l", "a\\b\"c\nd"}, {"empty", ""}, {"raw", "{} ,=\xc3\xa4"}});
  BOOST_TEST(
    to.text()
    == "# HELP x A \"b\"\\nand \\\\n\n"
       "# TYPE x gauge\n"
       "x{l=\"a\\\\b\\\"c\\nd\",empty=\"\",raw=\"{} ,=\xc3\xa4\"} 1\n");
}

BOOST_AUTO_TEST_CASE(microseconds_are_served_as_exact_seconds) {
  metrics_text to;
  to.family("t_seconds", metric_type::gauge, "T.", metric_unit::microseconds);
  for (const uint64_t us :
       {uint64_t{0}, uint64_t{1}, uint64_t{100}, uint64_t{250000},
        uint64_t{1000000}, uint64_t{10000000}, uint64_t{1000001},
        uint64_t{12345678}, UINT64_MAX})
    to.sample(us);
  BOOST_TEST(to.text()
             == "# HELP t_seconds T.\n"
                "# TYPE t_seconds gauge\n"
                "t_seconds 0\n"
                "t_seconds 0.000001\n"
                "t_seconds 0.0001\n"
                "t_seconds 0.25\n"
                "t_seconds 1\n"
                "t_seconds 10\n"
                "t_seconds 1.000001\n"
                "t_seconds 12.345678\n"
                "t_seconds 18446744073709.551615\n");
}

BOOST_AUTO_TEST_CASE(a_value_is_in_the_first_bucket_that_it_does_not_exceed) {
  bucket_histogram<3> x{ends};
  BOOST_TEST(x.count() == 0u);
  for (const uint64_t value : {0u, 10u, 11u, 1000u, 1001u, 2500000u, 2500001u})
    x.add(value);
  BOOST_TEST(x.in_bucket(0) == 2u);
  BOOST_TEST(x.in_bucket(1) == 2u);
  BOOST_TEST(x.in_bucket(2) == 2u);
  BOOST_TEST(x.in_bucket(3) == 1u);
  BOOST_TEST(x.count() == 7u);
  BOOST_TEST(x.sum() == 0u + 10 + 11 + 1000 + 1001 + 2500000 + 2500001);
}

BOOST_AUTO_TEST_CASE(the_buckets_of_a_histogram_add_up_to_its_count) {
  bucket_histogram<3, std::atomic<uint64_t>> x{ends};
  for (const uint64_t value : {5u, 5u, 900u, 3000000u})
    x.add(value);
  metrics_text to;
  to.family("d_seconds", metric_type::histogram, "D.",
            metric_unit::microseconds);
  to.histogram(x, {{"route", "/a"}});
  to.family("n", metric_type::histogram, "N.");
  to.histogram(bucket_histogram<3>{ends});
  BOOST_TEST(to.text()
             == "# HELP d_seconds D.\n"
                "# TYPE d_seconds histogram\n"
                "d_seconds_bucket{route=\"/a\",le=\"0.00001\"} 2\n"
                "d_seconds_bucket{route=\"/a\",le=\"0.001\"} 3\n"
                "d_seconds_bucket{route=\"/a\",le=\"2.5\"} 3\n"
                "d_seconds_bucket{route=\"/a\",le=\"+Inf\"} 4\n"
                "d_seconds_sum{route=\"/a\"} 3.00091\n"
                "d_seconds_count{route=\"/a\"} 4\n"
                "# HELP n N.\n"
                "# TYPE n histogram\n"
                "n_bucket{le=\"10\"} 0\n"
                "n_bucket{le=\"1000\"} 0\n"
                "n_bucket{le=\"2500000\"} 0\n"
                "n_bucket{le=\"+Inf\"} 0\n"
                "n_sum 0\n"
                "n_count 0\n");
}

BOOST_AUTO_TEST_CASE(the_ends_of_all_buckets_ascend) {
  const auto ascends = [](const auto& x) {
    return std::adjacent_find(x.begin(), x.end(), std::greater_equal<>{})
           == x.end();
  };
  BOOST_TEST(ascends(duration_ends_us));
  BOOST_TEST(ascends(memory_ends_bytes));
  BOOST_TEST(ascends(group_ends));
}

BOOST_AUTO_TEST_SUITE_END()
