#include "vmsystem/benchmarks/harness/page.hpp"
#include "vmsystem/tests/unit/benchmarks/support.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

namespace vmsystem::bench {

namespace {

bool holds(const std::string& page, std::string_view text) {
  return page.find(text) != std::string::npos;
}

uint32_t count_of(const std::string& page, std::string_view text) {
  uint32_t count = 0;
  for (auto at = page.find(text); at != std::string::npos;
       at = page.find(text, at + text.size()))
    ++count;
  return count;
}

} // namespace

BOOST_AUTO_TEST_SUITE(page_suite)

BOOST_AUTO_TEST_CASE(text_cannot_leave_its_place_in_a_page) {
  BOOST_TEST(html_escaped("a < b && 'c' > \"d\"")
             == "a &lt; b &amp;&amp; &#39;c&#39; &gt; &quot;d&quot;");
  BOOST_TEST(html_escaped("grüße\n\tend") == "grüße\n\tend");
  BOOST_TEST(html_escaped(std::string_view{"a\0b\x1b", 4})
             == "a\xef\xbf\xbd"
                "b\xef\xbf\xbd");
}

BOOST_AUTO_TEST_CASE(every_text_of_a_run_is_escaped) {
  const std::string evil = "<script>alert('x')</script>";
  auto x = a_figure(evil, better::higher, {1, 2, 3});
  x.workload = evil;
  x.unit = evil;
  x.bar = 5;
  x.bounds = {{evil, 4}};
  const auto page = page_of(evil, {{x}, {{evil, evil}}});
  BOOST_TEST(!holds(page, "<script"));
  // Heading, failed workload, its message, section, name twice, unit, bound.
  BOOST_TEST(count_of(page, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;")
             == 8u);
}

BOOST_AUTO_TEST_CASE(a_page_loads_nothing) {
  const auto page = page_of("", {{a_figure("x", better::higher, {1})}, {}});
  for (const auto* text :
       {"http:", "https:", "src=", "href=", "url(", "@import", "<script"})
    BOOST_TEST(!holds(page, text), text);
}

BOOST_AUTO_TEST_CASE(each_workload_has_a_section_and_each_figure_a_plot) {
  auto other = a_figure("c", better::lower, {1});
  other.workload = "other";
  const auto page = page_of("", {{a_figure("a", better::higher, {1}),
                                  a_figure("b", better::higher, {1}), other},
                                 {}});
  BOOST_TEST(count_of(page, "<h2>") == 2u);
  BOOST_TEST(count_of(page, "<table>") == count_of(page, "</table>"));
  BOOST_TEST(count_of(page, "role=\"img\"") == 3u);
  for (const auto* text : {"<h2>work</h2>", "<h2>other</h2>"})
    BOOST_TEST(holds(page, text), text);
}

BOOST_AUTO_TEST_CASE(a_plot_shows_median_spread_bar_and_bound_to_scale) {
  auto x = a_figure("x", better::higher, {10, 20, 30});
  x.bar = 40;
  x.bounds = {{"bound", 80}};
  const auto page = page_of("", {{x}, {}});
  // The greatest of all is the bound, at 316 of 320 pixels.
  BOOST_TEST(holds(page, "class=\"value\" y=\"3\" width=\"79.0\""));
  BOOST_TEST(holds(page, "d=\"M39.5 9H118.5M39.5 6V12M118.5 6V12\""));
  BOOST_TEST(holds(page, "class=\"bar missed\" d=\"M159.0 0V18\""));
  BOOST_TEST(holds(page, "class=\"bound\" d=\"M317.0 0V18\""));
}

BOOST_AUTO_TEST_CASE(figures_without_a_scale_still_make_a_page) {
  const auto infinite = std::numeric_limits<double>::infinity();
  for (const auto value : {0.0, -3.0, infinite}) {
    const auto page
      = page_of("", {{a_figure("x", better::lower, {value})}, {}});
    BOOST_TEST(holds(page, "class=\"value\" y=\"3\" width=\"0.0\""));
  }
}

BOOST_AUTO_TEST_CASE(a_workload_that_failed_is_on_the_page) {
  const auto page = page_of("", {{}, {{"http-repl", "no answer"}}});
  BOOST_TEST(holds(page, "<li>http-repl: no answer</li>"));
  BOOST_TEST(!holds(page_of("", {}), "Did not work"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace vmsystem::bench
