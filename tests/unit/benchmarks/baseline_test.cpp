#include "vmsystem/benchmarks/harness/baseline.hpp"
#include "vmsystem/benchmarks/harness/report.hpp"
#include "vmsystem/tests/unit/benchmarks/support.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

namespace vmsystem::bench {

namespace {

/// A baseline as it is read back from what a run wrote.
baseline baseline_of(const figures& measured) {
  auto read
    = read_baseline(json_of(machine{}, bench_options{}, {measured, {}}));
  BOOST_REQUIRE_MESSAGE(read, (read ? "" : read.error().message));
  return std::move(read).value();
}

comparison compare_one(better direction, double before, double now,
                       double factor = 1.5, double slack = 0) {
  auto x = a_figure("x", direction, {now});
  x.slack = slack;
  return compare(baseline_of({a_figure("x", direction, {before})}), {x},
                 factor);
}

} // namespace

BOOST_AUTO_TEST_SUITE(baseline_suite)

BOOST_AUTO_TEST_CASE(what_a_run_wrote_is_read_back) {
  machine where;
  where.processor = "a \"processor\"";
  bench_options options;
  options.quick = true;
  const auto read
    = read_baseline(json_of(where, options,
                            {{a_figure("first", better::higher, {1, 2.5, 4}),
                              a_figure("second", better::lower, {0.001})},
                             {{"other", "did not work"}}}));
  BOOST_REQUIRE(read);
  BOOST_TEST(read.value().processor == "a \"processor\"");
  BOOST_TEST(read.value().quick);
  BOOST_REQUIRE(read.value().measured.size() == 2);
  const auto& first = read.value().measured[0];
  BOOST_TEST(first.workload == "work");
  BOOST_TEST(first.name == "first");
  BOOST_TEST(first.unit == "1/s");
  BOOST_TEST((first.direction == better::higher));
  BOOST_TEST(first.median == 2.5);
  BOOST_TEST((read.value().measured[1].direction == better::lower));
  BOOST_TEST(read.value().measured[1].median == 0.001);
}

BOOST_AUTO_TEST_CASE(a_document_that_is_no_run_is_refused) {
  for (const auto* text :
       {"", "[]", "{}", R"({"processor":"x","quick":false})",
        R"({"processor":"x","quick":1,"figures":[]})",
        R"({"processor":"x","quick":false,"figures":[1]})",
        R"({"processor":"x","quick":false,"figures":[{"workload":"w"}]})",
        R"({"processor":"x","quick":false,"figures":[{"workload":"w",)"
        R"("name":"n","unit":"u","better":"sideways","median":1}]})",
        R"({"processor":"x","quick":false,"figures":[{"workload":"w",)"
        R"("name":"n","unit":"u","better":"lower","median":null}]})"})
    BOOST_TEST(!read_baseline(text), text);
}

BOOST_AUTO_TEST_CASE(a_run_without_a_finite_figure_is_still_json) {
  const auto text = json_of(
    machine{}, bench_options{},
    {{a_figure("x", better::higher, {std::numeric_limits<double>::infinity()})},
     {}});
  const auto read = read_baseline(text);
  BOOST_TEST(!read);
  BOOST_TEST(read.error().message == "field \"median\" must be a number");
}

BOOST_AUTO_TEST_CASE(a_rate_is_worse_when_it_falls_by_more_than_the_factor) {
  BOOST_TEST(compare_one(better::higher, 150, 100).regressions.empty());
  const auto fell = compare_one(better::higher, 150, 99).regressions;
  BOOST_REQUIRE(fell.size() == 1);
  BOOST_TEST(fell[0].what == "work: x");
  BOOST_TEST(fell[0].before == 150);
  BOOST_TEST(fell[0].now == 99);
  BOOST_TEST(fell[0].factor == 150.0 / 99);
  BOOST_TEST(compare_one(better::higher, 150, 1e9).regressions.empty());
}

BOOST_AUTO_TEST_CASE(a_time_is_worse_when_it_grows_by_more_than_the_factor) {
  BOOST_TEST(compare_one(better::lower, 100, 150).regressions.empty());
  const auto grew = compare_one(better::lower, 100, 151).regressions;
  BOOST_REQUIRE(grew.size() == 1);
  BOOST_TEST(grew[0].factor == 1.51);
  BOOST_TEST(compare_one(better::lower, 100, 0.001).regressions.empty());
}

BOOST_AUTO_TEST_CASE(nothing_is_forgiven_at_a_factor_of_one) {
  BOOST_TEST(compare_one(better::higher, 100, 100, 1).regressions.empty());
  BOOST_TEST(compare_one(better::higher, 100, 99.9, 1).regressions.size() == 1);
}

BOOST_AUTO_TEST_CASE(slack_is_forgiven_beside_the_factor) {
  BOOST_TEST(compare_one(better::lower, 0, 8, 1.5, 8).regressions.empty());
  BOOST_TEST(compare_one(better::lower, 0, 9, 1.5, 8).regressions.size() == 1);
  BOOST_TEST(compare_one(better::lower, -4, 1, 1.5, 8).regressions.empty());
}

BOOST_AUTO_TEST_CASE(a_rate_that_fell_to_zero_is_infinitely_worse) {
  const auto fell = compare_one(better::higher, 10, 0).regressions;
  BOOST_REQUIRE(fell.size() == 1);
  BOOST_TEST(fell[0].factor == std::numeric_limits<double>::infinity());
  BOOST_TEST(compare_one(better::higher, 0, 0).regressions.empty());
}

BOOST_AUTO_TEST_CASE(figures_that_only_one_side_has_are_named) {
  const auto x = compare(baseline_of({a_figure("old", better::higher, {1}),
                                      a_figure("both", better::higher, {1})}),
                         {a_figure("both", better::higher, {1}),
                          a_figure("new", better::higher, {1})},
                         1.5);
  BOOST_TEST(x.compared == 1);
  BOOST_TEST(x.gone == std::vector<std::string>{"work: old (1/s)"},
             boost::test_tools::per_element());
  BOOST_TEST(x.added == std::vector<std::string>{"work: new (1/s)"},
             boost::test_tools::per_element());
  const auto text = text_of(x);
  BOOST_TEST(text.find("old (1/s): only in the baseline") != text.npos);
  BOOST_TEST(text.find("new (1/s): not in the baseline") != text.npos);
}

BOOST_AUTO_TEST_CASE(a_figure_in_another_unit_is_another_figure) {
  auto now = a_figure("x", better::higher, {1});
  now.unit = "1/ms";
  const auto x
    = compare(baseline_of({a_figure("x", better::higher, {1000})}), {now}, 1.5);
  BOOST_TEST(x.compared == 0);
  BOOST_TEST(x.gone.size() == 1);
  BOOST_TEST(x.added.size() == 1);
}

BOOST_AUTO_TEST_CASE(the_text_names_each_regression) {
  const auto text = text_of(compare_one(better::higher, 3000, 1000));
  BOOST_TEST(text.find("work: x: 1,000 1/s, was 3,000: 3.00 times worse")
             != text.npos);
  BOOST_TEST(text.find("1 figures compared, 1 worse") != text.npos);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace vmsystem::bench
