#include "vmsystem/app/batch_report.hpp"

#include "vmsystem/app/batch_plots.hpp"
#include "vmsystem/app/batch_progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace vmsystem {

namespace {

constexpr std::string_view head = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --edge: #dfe3e8; --text: #1c2330;
  --quiet: #667085; --grid: #e8ebef; --bar: #3b6fd4; --area: #3b6fd422;
  --well: #2e8b57; --limit: #c77d0a; --badly: #c8423b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151b; --card: #1b2028; --edge: #2d3440; --text: #e4e8ee;
    --quiet: #97a1b0; --grid: #2a313c; --bar: #6f9cf0; --area: #6f9cf026;
    --well: #52b57e; --limit: #e0a03c; --badly: #e8716a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 32px 16px; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main { max-width: 860px; margin: 0 auto; }
h1 { margin: 0; font-size: 24px; line-height: 1.25; }
h2 { margin: 0 0 12px; font-size: 16px; }
.sub { margin: 4px 0 20px; color: var(--quiet); overflow-wrap: anywhere; }
.status { padding: 2px 10px; border-radius: 999px; font-size: 13px;
  vertical-align: 3px; color: #fff; background: var(--badly); }
.status.completed { background: var(--well); }
.tiles { display: grid; gap: 12px; margin-bottom: 12px;
  grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); }
.tile, section { background: var(--card); border: 1px solid var(--edge);
  border-radius: 10px; }
.tile { padding: 12px 16px; }
.tile b { display: block; font-size: 22px; font-weight: 600;
  font-variant-numeric: tabular-nums; }
.tile span, .none { color: var(--quiet); font-size: 13px; }
section { padding: 18px 20px; margin-bottom: 12px; overflow-x: auto; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--text); font-size: 13px; }
svg .tick, svg .title, svg .share { fill: var(--quiet); font-size: 12px; }
.end { text-anchor: end; }
.middle { text-anchor: middle; }
.grid { stroke: var(--grid); }
.bar { fill: var(--bar); }
.well { fill: var(--well); }
.limit { fill: var(--limit); }
.badly { fill: var(--badly); }
.area { fill: var(--area); }
.line { fill: none; stroke: var(--bar); stroke-width: 2;
  stroke-linejoin: round; }
table { width: 100%; border-collapse: collapse;
  font-variant-numeric: tabular-nums; }
th { color: var(--quiet); font-weight: 500; font-size: 13px; }
th, td { padding: 6px 8px; text-align: right;
  border-bottom: 1px solid var(--grid); }
tr:last-child td { border-bottom: 0; }
th:first-child, td:first-child, .text { text-align: left; }
td.text { overflow-wrap: anywhere; }
</style>
)";

/// A duration as people say it: `850 µs`, `12.3 ms`, `4.5 s`.
std::string duration(uint64_t us) {
  const auto value = static_cast<double>(us);
  if (us < 1000)
    return fmt::format("{} µs", us);
  if (us < 1000000)
    return fmt::format("{:.3g} ms", value / 1000);
  return fmt::format("{:.3g} s", value / 1e6);
}

std::string tile(std::string_view value, std::string_view name) {
  return fmt::format("<div class=\"tile\"><b>{}</b><span>{}</span></div>\n",
                     html(value), html(name));
}

std::string section(std::string_view title, std::string_view body) {
  return fmt::format("<section>\n<h2>{}</h2>\n{}</section>\n", title, body);
}

/// How a page colours an end reason.
std::string class_of(end_reason reason) {
  if (reason == end_reason::ok)
    return "well";
  switch (reason) {
    case end_reason::exception:
    case end_reason::syntax_error:
    case end_reason::interrupted:
    case end_reason::engine_failure:
    case end_reason::invalid_job:
      return "badly";
    default:
      return "limit";
  }
}

std::string outcomes(const outcome_counts& counts) {
  std::vector<plot_bar> bars;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] != 0)
      bars.push_back({std::string{enum_names<end_reason>::value[i]}, counts[i],
                      class_of(static_cast<end_reason>(i))});
  std::stable_sort(bars.begin(), bars.end(), [](const auto& x, const auto& y) {
    return x.value > y.value;
  });
  return bar_plot(bars);
}

std::string throughput(const std::vector<batch_sample>& samples) {
  std::vector<std::pair<double, double>> points;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const std::chrono::duration<double> passed
      = samples[i].at - samples[i - 1].at;
    if (passed.count() <= 0 || samples[i].done < samples[i - 1].done)
      continue;
    const auto rate = static_cast<double>(samples[i].done - samples[i - 1].done)
                      / passed.count();
    points.emplace_back(std::chrono::duration<double>{samples[i].at}.count(),
                        rate);
  }
  return line_plot(points, "jobs per second");
}

std::string wall_times(const batch_tally& tally) {
  const auto& counts = tally.wall_buckets();
  std::size_t first = 0;
  while (first < counts.size() && counts[first] == 0)
    ++first;
  std::size_t end = counts.size();
  while (end > first && counts[end - 1] == 0)
    --end;
  std::vector<plot_bar> bars;
  for (auto i = first; i < end; ++i)
    bars.push_back({i < wall_bounds_us.size()
                      ? "≤ " + duration(wall_bounds_us[i])
                      : "> " + duration(wall_bounds_us.back()),
                    counts[i], ""});
  return histogram(bars, "jobs by wall time");
}

std::string percentiles(const batch& record) {
  std::string out = "<table>\n<tr><th></th><th>median</th><th>90 %</th>"
                    "<th>99 %</th><th>longest</th></tr>\n";
  const std::pair<std::string_view, const duration_summary*> rows[]
    = {{"in the queue", &record.queue},
       {"processor", &record.cpu},
       {"wall clock", &record.wall}};
  for (const auto& [name, x] : rows)
    out += fmt::format(
      "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
      name, duration(x->p50_us), duration(x->p90_us), duration(x->p99_us),
      duration(x->max_us));
  return out + "</table>\n";
}

std::string slowest(const std::vector<slow_job>& jobs) {
  std::string out = "<table>\n<tr><th>index</th><th class=\"text\">id</th>"
                    "<th class=\"text\">end reason</th><th>wall clock</th>"
                    "</tr>\n";
  for (const auto& job : jobs)
    out += fmt::format("<tr><td>{}</td><td class=\"text\">{}</td>"
                       "<td class=\"text\">{}</td><td>{}</td></tr>\n",
                       job.index, html(job.id), name_of(job.reason),
                       duration(job.wall_us));
  return out + "</table>\n";
}

std::string tiles(const batch& record) {
  const auto well = record.outcomes[static_cast<std::size_t>(end_reason::ok)];
  return "<div class=\"tiles\">\n" + tile(grouped(record.done), "jobs done")
         + tile(grouped(well), "ended well")
         + tile(grouped(record.done - std::min<uint64_t>(record.done, well)),
                "did not")
         + tile(grouped(record.jobs_per_s), "jobs per second")
         + tile(duration(record.active_ms * 1000), "in all") + "</div>\n";
}

} // namespace

std::string batch_report(const batch_outcome& outcome) {
  const auto& record = outcome.record;
  const auto id = record.id.to_string();
  std::string out{head};
  out += fmt::format(
    "<title>Batch {0}</title>\n</head>\n<body>\n<main>\n"
    "<h1>Batch of {1} jobs <span class=\"status {2}\">{2}</span></h1>\n"
    "<p class=\"sub\">{0}, made {3}, template {4}, isolation {5}</p>\n",
    id, grouped(record.jobs), name_of(record.status),
    record.created_at.to_string(), record.vm_id.to_string(),
    name_of(record.isolation));
  if (!record.error.empty())
    out += section("Why it failed", "<p>" + html(record.error) + "</p>\n");
  out += tiles(record);
  out += section("Outcomes", outcomes(record.outcomes));
  out += section("Throughput", throughput(outcome.tally.samples()));
  out += section("Wall times", wall_times(outcome.tally));
  out += section("Where the time went", percentiles(record));
  if (!outcome.tally.slowest().empty())
    out += section("The slowest jobs", slowest(outcome.tally.slowest()));
  return out + "</main>\n</body>\n</html>\n";
}

} // namespace vmsystem
