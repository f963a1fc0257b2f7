#define BOOST_TEST_MODULE top
#include "vmsystem/app/full_screen.hpp"
#include "vmsystem/app/metrics_reading.hpp"
#include "vmsystem/app/text_width.hpp"
#include "vmsystem/app/top_report.hpp"
#include "vmsystem/models/metrics_text.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace vmsystem;

namespace {

metrics_reading reading(const std::string& text) {
  auto read = metrics_reading::parse(text);
  BOOST_REQUIRE_MESSAGE(read.has_value(), text);
  return std::move(read).value();
}

/// A server that began at `start` and ended so many executions.
metrics_reading server(uint64_t ok, uint64_t timeouts, uint64_t start = 1000) {
  constexpr auto counter = metric_type::counter;
  metrics_text text;
  text.family("vm_system_executions_total", counter, "Ends.");
  text.sample(ok, {{"kind", "repl"}, {"status", "ok"}});
  text.sample(timeouts, {{"kind", "repl"}, {"status", "timeout"}});
  text.family("vm_system_limits_hit_total", counter, "Limits.");
  text.sample(timeouts, {{"limit", "wall_ms"}});
  text.sample(0, {{"limit", "mem_mb"}});
  text.one("vm_system_writer_group_sets_sum", counter, "Sets.", 3 * ok);
  text.one("vm_system_writer_group_sets_count", counter, "Sets.", ok);
  text.one("process_start_time_seconds", metric_type::gauge, "Begin.", start);
  text.family("vm_system_build_info", metric_type::gauge, "Which.");
  text.sample(1, {{"version", "1.2.3"}});
  return reading(text.text());
}

/// A figure of a report as it is shown.
std::string shown(const top_report& report, const std::string& section,
                  const std::string& name) {
  for (const auto& one : report.sections)
    if (one.title == section)
      for (const auto& figure : one.figures)
        if (figure.name == name)
          return figure_text(figure);
  return "none";
}

json_value record(const std::string& id, const std::string& wall_ms,
                  bool over = true) {
  return *json_value::parse(
    R"({"id":")" + id + R"(","session_id":"s","status":"ok",)"
    + (over ? R"("ended_at":"2026-01-02T03:04:05.000006Z",)" : "")
    + R"("metrics":{"wall_ms":)" + wall_ms + "}}");
}

std::string joined(const std::vector<std::string>& lines) {
  std::string result;
  for (const auto& line : lines)
    result += line + '\n';
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(readings)

BOOST_AUTO_TEST_CASE(samples_are_found_by_name_and_labels) {
  const auto all
    = reading("# HELP a_total What it is.\n# TYPE a_total counter\n"
              "a_total{x=\"1\",y=\"p\"} 1\n"
              "a_total{x=\"2\",y=\"p\"} 2.5\n"
              "a_total{x=\"1\",y=\"q\",} 4e1 1700000000000\n"
              "\n# a remark\nb:c -1\n");
  BOOST_TEST(all.sum("a_total").value() == 43.5);
  BOOST_TEST(all.sum("a_total", {{"x", "1"}}).value() == 41);
  BOOST_TEST(all.sum("a_total", {{"x", "1"}, {"y", "p"}}).value() == 1);
  BOOST_TEST(!all.sum("a_total", {{"x", "3"}}).has_value());
  BOOST_TEST(!all.sum("a_total", {{"z", "1"}}).has_value());
  BOOST_TEST(!all.sum("a").has_value());
  BOOST_TEST(all.sum("b:c").value() == -1);
  const auto by = all.by_label("a_total", "y");
  BOOST_TEST(by.size() == 2u);
  BOOST_TEST(by.at("p") == 3.5);
  BOOST_TEST(all.by_label("a_total", "z").empty());
  BOOST_TEST(all.by_label("none", "x").empty());
  BOOST_TEST(all.label_of("a_total", "x") == "1");
  BOOST_TEST(all.label_of("b:c", "x") == "");
  BOOST_TEST(all.label_of("none", "x") == "");
}

BOOST_AUTO_TEST_CASE(what_the_server_writes_is_read_back) {
  metrics_text text;
  text.family("f", metric_type::gauge, "With \\ and\na line.");
  const std::string odd = "a\"b\\c\nd{}=,\x1b";
  text.sample(7, {{"name", odd}});
  const auto all = reading(text.text());
  BOOST_TEST(all.sum("f", {{"name", odd}}).value() == 7);
}

BOOST_AUTO_TEST_CASE(numbers_may_be_special) {
  const auto all = reading("a NaN\nb +Inf\nc -Inf\nd 1e308\ne +5\n");
  BOOST_TEST(std::isnan(all.sum("a").value()));
  BOOST_TEST(std::isinf(all.sum("b").value()));
  BOOST_TEST(all.sum("c").value() < 0);
  BOOST_TEST(all.sum("d").value() == 1e308);
  BOOST_TEST(all.sum("e").value() == 5);
}

BOOST_AUTO_TEST_CASE(what_is_malformed_is_refused) {
  const std::vector<std::string> bad{
    "",
    "a 1",
    "a\n",
    "a \n",
    "a x\n",
    "a 0x10\n",
    "a nan\n",
    "a infinity\n",
    "a 1 2 3\n",
    "a 1 x\n",
    "a 1e999\n",
    "a +-1\n",
    "a --1\n",
    "1a 1\n",
    " a 1\n",
    "a-b 1\n",
    "{x=\"1\"} 1\n",
    "a{ 1\n",
    "a{x} 1\n",
    "a{x=} 1\n",
    "a{x=1} 1\n",
    "a{x=\"1} 1\n",
    "a{x=\"\\t\"} 1\n",
    "a{x=\"1\"y=\"2\"} 1\n",
    "a{x=\"1\",x=\"2\"} 1\n",
    "a{,} 1\n",
    "a{1=\"x\"} 1\n",
    "a 1\na 1\n",
    "a{x=\"1\"} 1\na{x=\"1\"} 2\n",
    "# TYPE a thing\n",
    "# TYPE\n",
    "# HELP\n",
    "<html>\n",
    R"({"error":{}})"
    "\n",
  };
  for (const auto& text : bad)
    BOOST_TEST(!metrics_reading::parse(text).has_value(), text);
  const auto why = metrics_reading::parse("a 1\nb\n");
  BOOST_TEST(why.error().message == "line 2 of the metrics is malformed");
  const std::string long_one(metrics_reading::max_bytes + 1, '\n');
  BOOST_TEST(!metrics_reading::parse(long_one).has_value());
}

BOOST_AUTO_TEST_CASE(any_cut_of_a_text_is_read_or_refused) {
  const std::string text = "# HELP a X.\n# TYPE a gauge\na{x=\"\\\"1\"} 2 3\n";
  for (std::size_t size = 0; size < text.size(); ++size) {
    static_cast<void>(metrics_reading::parse(text.substr(0, size)));
    static_cast<void>(metrics_reading::parse(text.substr(0, size) + '\n'));
    static_cast<void>(metrics_reading::parse(text.substr(size)));
  }
  BOOST_TEST(metrics_reading::parse(text).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(reports)

BOOST_AUTO_TEST_CASE(rates_are_what_grew_in_the_time_between) {
  const auto report = report_of(server(100, 0), server(300, 1), 2);
  BOOST_TEST(report.version == "1.2.3");
  BOOST_TEST(!report.restarted);
  BOOST_TEST(shown(report, "Executions", "all") == "101/s");
  BOOST_TEST(shown(report, "Executions", "ok") == "100/s");
  BOOST_TEST(shown(report, "Executions", "timeout") == "0.50/s");
  BOOST_TEST(shown(report, "Store", "sets in a commit") == "3");
  const std::string limits = "Limits hit and requests refused";
  BOOST_TEST(shown(report, limits, "wall_ms") == "0.50/s");
  // What nobody hit is not shown.
  BOOST_TEST(shown(report, limits, "mem_mb") == "none");
  BOOST_TEST(shown(report_of(server(1, 1), server(2, 1), 1), limits, "wall_ms")
             == "none");
}

BOOST_AUTO_TEST_CASE(without_time_there_are_no_rates) {
  const auto now = server(100, 100);
  const auto report = report_of(now, now, 0);
  BOOST_TEST(shown(report, "Executions", "all") == "0.00/s");
  BOOST_TEST(shown(report, "Store", "sets in a commit") == "0");
  BOOST_TEST(shown(report_of(server(0, 0), now, 0), "Executions", "all")
             == "0.00/s");
}

BOOST_AUTO_TEST_CASE(a_server_that_began_anew_is_counted_from_its_begin) {
  const auto report = report_of(server(1000, 5), server(20, 0, 2000), 2);
  BOOST_TEST(report.restarted);
  BOOST_TEST(shown(report, "Executions", "ok") == "10.0/s");
  BOOST_TEST(shown(report, "Executions", "timeout") == "0.00/s");
  // Also when it has more already than the one before.
  const auto more = report_of(server(10, 0), server(20, 0, 2000), 2);
  BOOST_TEST(shown(more, "Executions", "ok") == "10.0/s");
  // And when nothing but a counter tells.
  const auto back = report_of(server(1000, 0), server(20, 0), 2);
  BOOST_TEST(!back.restarted);
  BOOST_TEST(shown(back, "Executions", "ok") == "10.0/s");
}

BOOST_AUTO_TEST_CASE(a_server_without_these_metrics_has_zeros) {
  const auto bare = reading("a 1\n");
  const auto report = report_of(bare, bare, 1);
  BOOST_TEST(report.version == "");
  BOOST_TEST(shown(report, "Executions", "all") == "0.00/s");
  BOOST_TEST(shown(report, "Memory", "resident") == "0 B");
  BOOST_TEST(!report_lines(report, 80).empty());
}

BOOST_AUTO_TEST_CASE(odd_numbers_are_shown_somehow) {
  const auto inf = std::numeric_limits<double>::infinity();
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto unit :
       {figure_unit::count, figure_unit::per_second, figure_unit::milliseconds,
        figure_unit::bytes, figure_unit::bytes_per_second})
    for (const auto value : {inf, -inf, nan, -1.0, 1e300, 1e-300})
      BOOST_TEST(figure_text({"x", value, unit}).size() < 20u);
  BOOST_TEST(figure_text({"x", 1234567, figure_unit::count}) == "1,234,567");
  BOOST_TEST(figure_text({"x", 1536, figure_unit::bytes}) == "1.50 KiB");
  BOOST_TEST(figure_text({"x", 9.999, figure_unit::milliseconds}) == "10.0 ms");
  BOOST_TEST(figure_text({"x", 1, figure_unit::yes_or_no}) == "yes");
  const auto odd = reading("process_start_time_seconds -Inf\n"
                           "vm_system_executions_total +Inf\n"
                           "vm_system_slots NaN\n");
  const auto report = report_of(odd, odd, 1);
  BOOST_TEST(!report_lines(report, 80).empty());
  BOOST_TEST(json_value::parse(report_json(report)).has_value());
}

BOOST_AUTO_TEST_CASE(the_slowest_are_those_that_are_over) {
  const auto found
    = slowest_of({record("a", "1.5"), record("b", "20"),
                  record("c", "99", false), record("d", "3"),
                  *json_value::parse("{}"), *json_value::parse("[1]")},
                 2);
  BOOST_REQUIRE(found.size() == 2u);
  BOOST_TEST(found[0].id == "b");
  BOOST_TEST(found[0].wall_ms == 20);
  BOOST_TEST(found[1].id == "d");
  BOOST_TEST(slowest_of({}, 5).empty());
  BOOST_TEST(slowest_of({record("a", "\"x\"")}, 5).at(0).wall_ms == 0);
}

BOOST_AUTO_TEST_CASE(lines_fit_into_any_width) {
  auto report = report_of(server(100, 0), server(300, 4), 2);
  report.slowest = slowest_of({record(std::string(36, 'i'), "12.5")}, 5);
  std::size_t before = SIZE_MAX;
  for (const std::size_t width : {1u, 2u, 5u, 20u, 34u, 71u, 80u, 108u, 300u}) {
    const auto lines = report_lines(report, width);
    for (const auto& line : lines)
      BOOST_TEST(width_of(line) <= width, width << ": " << line);
    // The wider, the more stands side by side.
    BOOST_TEST(lines.size() <= before);
    before = lines.size();
  }
  const auto lines = report_lines(report, 80);
  BOOST_TEST(lines.at(0).rfind("vm-system 1.2.3, up ", 0) == 0u);
  const auto text = joined(lines);
  for (const auto* part : {"Executions  ", "In flight", "Store", "Memory",
                           "  ok", "100/s", "12.5 ms", "Slowest of"})
    BOOST_TEST(text.find(part) != std::string::npos, part);
}

BOOST_AUTO_TEST_CASE(names_of_a_server_do_nothing_to_a_terminal) {
  metrics_text text;
  const std::string evil = "x\x1b[2J\x07\r\n\x7f\xc2\x9b";
  text.family("vm_system_build_info", metric_type::gauge, "Which.");
  text.sample(1, {{"version", evil}});
  text.family("vm_system_executions_total", metric_type::counter, "Ends.");
  text.sample(1, {{"status", evil}});
  const auto all = reading(text.text());
  auto report = report_of(all, all, 1);
  report.slowest = {{evil, evil, evil, 1}};
  const auto shown = joined(report_lines(report, 200));
  for (const char c : {'\x1b', '\x07', '\r', '\x7f'})
    BOOST_TEST(shown.find(c) == std::string::npos);
  BOOST_TEST(shown.find("\xc2\x9b") == std::string::npos);
  BOOST_TEST(shown.find("\\u001b") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_report_is_a_document_too) {
  auto report = report_of(server(100, 0), server(300, 1), 2);
  report.slowest = slowest_of({record("a", "12.5")}, 5);
  const auto document = json_value::parse(report_json(report));
  BOOST_REQUIRE(document.has_value());
  BOOST_TEST(document->field("version").text() == "1.2.3");
  BOOST_TEST(document->field("restarted").raw() == "false");
  const auto executions = document->field("executions");
  BOOST_TEST(executions.field("all_per_s").raw() == "100.500");
  BOOST_TEST(executions.field("wall_mean_ms").present());
  BOOST_TEST(document->field("memory").field("of_the_engine_bytes").present());
  BOOST_TEST(document->field("store").field("failing").raw() == "false");
  const auto slowest = document->field("slowest").elements();
  BOOST_REQUIRE(slowest.size() == 1u);
  BOOST_TEST(slowest[0].field("wall_ms").raw() == "12.500");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(screens)

BOOST_AUTO_TEST_CASE(texts_are_cut_between_characters) {
  BOOST_TEST(shortened("abcdef", 6) == "abcdef");
  BOOST_TEST(shortened("abcdef", 5) == "ab...");
  BOOST_TEST(shortened("abcdef", 4) == "a...");
  BOOST_TEST(shortened("abcdef", 3) == "abc");
  BOOST_TEST(shortened("abcdef", 0) == "");
  BOOST_TEST(shortened("\u00e4\u00f6\u00fc\u00df\u20ac", 4) == "\u00e4...");
  BOOST_TEST(width_of("\u00e4\u20ac") == 2u);
}

BOOST_AUTO_TEST_CASE(a_drawing_stays_on_its_screen) {
  const std::vector<std::string> lines{"one", "two and more", "three"};
  BOOST_TEST(drawing(lines, {80, 24})
             == "\x1b[Hone\x1b[K\r\ntwo and more\x1b[K\r\nthree\x1b[K\r\n"
                "\x1b[J");
  // The last line of a screen has no line feed behind it.
  BOOST_TEST(drawing(lines, {6, 2}) == "\x1b[Hone\x1b[K\r\ntwo...\x1b[K");
  BOOST_TEST(drawing(lines, {80, 3})
             == "\x1b[Hone\x1b[K\r\ntwo and more\x1b[K\r\nthree\x1b[K");
  BOOST_TEST(drawing({}, {80, 24}) == "\x1b[H\x1b[J");
}

BOOST_AUTO_TEST_SUITE_END()
