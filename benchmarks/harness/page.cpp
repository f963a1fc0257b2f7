#include "vmsystem/benchmarks/harness/page.hpp"

#include "vmsystem/app/html.hpp"
#include "vmsystem/benchmarks/harness/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace vmsystem::bench {

namespace {

constexpr std::string_view head = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>vm-system-bench</title>
<style>
:root { color-scheme: light dark; --ink: #1d2733; --dim: #66727f;
  --line: #d9dfe5; --paper: #fff; --value: #3d7ab8; --good: #2e8555;
  --bad: #c0392b; --bound: #b07d12; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9ee; --dim: #97a3af;
  --line: #34404c; --paper: #14191f; --value: #5b9bd5; --good: #58b583;
  --bad: #ec7063; --bound: #e0b04a; } }
body { font: 14px/1.45 system-ui, sans-serif; color: var(--ink);
  background: var(--paper); max-width: 76rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
pre { color: var(--dim); white-space: pre-wrap; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .6rem; vertical-align: middle;
  border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: 500; }
.number { text-align: right; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
.bad { color: var(--bad); font-weight: 600; } .good { color: var(--good); }
svg { display: block; }
.track { fill: var(--line); opacity: .45; } .value { fill: var(--value); }
.spread { stroke: var(--ink); stroke-width: 1.5; }
.bar { stroke: var(--good); stroke-width: 2; }
.missed { stroke: var(--bad); }
.bound { stroke: var(--bound); stroke-width: 2; stroke-dasharray: 3 2; }
</style>
</head>
<body>
<h1>vm-system-bench</h1>
)";

/// Explains the plots with their own signs.
constexpr std::string_view legend
  = R"(<p>Each plot starts at zero and has its own scale.
<svg width="14" height="12" style="display:inline"><rect class="value" y="1" width="14" height="10"/></svg> median,
<svg width="14" height="12" style="display:inline"><path class="spread" d="M1 6H13M1 2V10M13 2V10"/></svg> least and greatest repetition,
<svg width="4" height="12" style="display:inline"><path class="bar" d="M2 0V12"/></svg> what the project asks for (red where it is not reached),
<svg width="4" height="12" style="display:inline"><path class="bound" d="M2 0V12"/></svg> the bound measured in the same run.</p>
)";

constexpr double plot_width = 320;
constexpr double plot_height = 18;

/// The greatest thing that the plot of `x` shows; above 0.
double scale_of(const figure& x) {
  double greatest = x.bar.value_or(0);
  for (const auto value : x.measured.values())
    greatest = std::max(greatest, value);
  if (const auto* limit = x.tightest())
    greatest = std::max(greatest, limit->value);
  return greatest > 0 && std::isfinite(greatest) ? greatest : 1;
}

std::string plot_of(const figure& x) {
  const auto scale = scale_of(x);
  const auto at = [&](double value) {
    return std::isfinite(value)
             ? std::clamp(value / scale, 0.0, 1.0) * (plot_width - 4)
             : 0;
  };
  const auto mark = [&](std::string_view style, double value) {
    return fmt::format(R"(<path class="{}" d="M{:.1f} 0V{:.0f}"/>)", style,
                       at(value) + 1, plot_height);
  };
  auto svg = fmt::format(R"(<svg width="{0:.0f}" height="{1:.0f}" role="img" )"
                         R"(aria-label="{2}"><rect class="track" y="3" )"
                         R"(width="{0:.0f}" height="12"/><rect class="value" )"
                         R"(y="3" width="{3:.1f}" height="12"/>)",
                         plot_width, plot_height, html_escaped(x.name),
                         at(x.measured.median()));
  const auto& values = x.measured.values();
  if (values.size() > 1)
    svg += fmt::format(R"(<path class="spread" )"
                       R"(d="M{0:.1f} 9H{1:.1f}M{0:.1f} 6V12M{1:.1f} 6V12"/>)",
                       at(values.front()), at(values.back()));
  if (x.bar)
    svg += mark(*x.reached() ? "bar" : "bar missed", *x.bar);
  if (const auto* limit = x.tightest())
    svg += mark("bound", limit->value);
  return svg + "</svg>";
}

std::string row_of(const figure& x) {
  const auto reached = x.reached();
  const auto style = !reached ? "" : *reached ? " good" : " bad";
  return fmt::format("<tr><td>{}</td><td class=\"number\">{}</td><td>{}</td>"
                     "<td class=\"number\">{}</td><td>{}</td>"
                     "<td class=\"number{}\">{}</td><td>{}</td>"
                     "<td class=\"number\">{}</td></tr>\n",
                     html_escaped(x.name), number_text(x.measured.median()),
                     html_escaped(x.unit), spread_text(x), plot_of(x), style,
                     html_escaped(bar_text(x)), html_escaped(bound_text(x)),
                     ratio_text(x));
}

std::string opening_of_section(const std::string& workload) {
  return fmt::format("<h2>{}</h2>\n<div class=\"scroll\"><table>\n<tr>"
                     "<th>figure</th><th class=\"number\">median</th>"
                     "<th>unit</th><th class=\"number\">spread</th><th></th>"
                     "<th class=\"number\">asked for</th><th>bound</th>"
                     "<th class=\"number\">share</th></tr>\n",
                     html_escaped(workload));
}

constexpr std::string_view end_of_section = "</table></div>\n";

std::string failures_of(const outcome& all) {
  if (all.failures.empty())
    return {};
  std::string result = "<h2 class=\"bad\">Did not work</h2>\n<ul>\n";
  for (const auto& x : all.failures)
    result += fmt::format("<li>{}: {}</li>\n", html_escaped(x.workload),
                          html_escaped(x.message));
  return result + "</ul>\n";
}

} // namespace

std::string html_escaped(std::string_view text) {
  std::string shown;
  for (const char c : escape_markup(text))
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t')
      shown += "\xef\xbf\xbd";
    else
      shown += c;
  return shown;
}

std::string page_of(std::string_view heading, const outcome& all) {
  std::string page{head};
  page += fmt::format("<pre>{}</pre>\n", html_escaped(heading));
  page += failures_of(all);
  page += legend;
  const std::string* section = nullptr;
  for (const auto& x : all.measured) {
    if (section == nullptr || *section != x.workload) {
      if (section != nullptr)
        page += end_of_section;
      page += opening_of_section(x.workload);
      section = &x.workload;
    }
    page += row_of(x);
  }
  if (section != nullptr)
    page += end_of_section;
  return page + "</body>\n</html>\n";
}

} // namespace vmsystem::bench
