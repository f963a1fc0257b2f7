#include "vmsystem/app/batch_plots.hpp"

#include "vmsystem/app/batch_progress.hpp"
#include "vmsystem/app/html.hpp"
#include "vmsystem/app/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace vmsystem {

namespace {

// All plots are drawn on the same sheet, which the page scales.
constexpr double sheet_width = 760;
constexpr double plot_height = 250;
constexpr double left = 64;
constexpr double right = 16;
constexpr double top = 26;
constexpr double bottom = 40;
constexpr double inner_width = sheet_width - left - right;
constexpr double inner_height = plot_height - top - bottom;

/// Labels below an axis need so much room each.
constexpr double label_width = 58;

std::string sentence(std::string_view text) {
  return fmt::format("<p class=\"none\">{}</p>\n", text);
}

std::string open_sheet(double height, std::string_view name) {
  return fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" "
                     "aria-label=\"{}\">\n",
                     sheet_width, height, html(name));
}

double height_of(double value, double greatest) {
  return inner_height * value / greatest;
}

/// The horizontal lines of a plot with their numbers, and what they count.
std::string y_axis(const std::vector<double>& ticks, std::string_view title) {
  std::string out
    = fmt::format("<text class=\"title\" x=\"{}\" y=\"14\">{}</text>\n", left,
                  html(title));
  for (const auto tick : ticks) {
    const auto y = top + inner_height - height_of(tick, ticks.back());
    out += fmt::format(
      "<line class=\"grid\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" "
      "y2=\"{2:.1f}\"/><text class=\"tick end\" x=\"{3}\" y=\"{4:.1f}\">{5}"
      "</text>\n",
      left, left + inner_width, y, left - 8, y + 4, axis_label(tick));
  }
  return out;
}

std::string x_tick(double x, std::string_view label) {
  return fmt::format("<text class=\"tick middle\" x=\"{:.1f}\" y=\"{}\">{}"
                     "</text>\n",
                     x, plot_height - bottom + 18, html(label));
}

} // namespace

std::string html(std::string_view text) {
  return escape_markup(printable(text));
}

std::vector<double> axis_ticks(double greatest) {
  if (!(greatest > 0) || !std::isfinite(greatest))
    greatest = 1;
  const auto power = std::pow(10.0, std::floor(std::log10(greatest / 5)));
  double step = power;
  for (const auto factor : {1.0, 2.0, 5.0, 10.0}) {
    step = power * factor;
    if (step * 5 >= greatest * 0.999999)
      break;
  }
  std::vector<double> ticks{0};
  for (int i = 1; ticks.back() < greatest * 0.999999; ++i)
    ticks.push_back(step * i);
  return ticks;
}

std::string axis_label(double value) {
  if (value >= 10 || value == std::floor(value))
    return grouped(static_cast<uint64_t>(std::llround(value)));
  return fmt::format("{:.3g}", value);
}

std::string bar_plot(const std::vector<plot_bar>& bars) {
  constexpr double row = 30;
  constexpr double names = 130;
  constexpr double numbers = 150;
  constexpr double widest = sheet_width - names - numbers;
  if (bars.empty())
    return sentence("There is nothing to show.");
  uint64_t greatest = 1;
  uint64_t all = 0;
  for (const auto& bar : bars) {
    greatest = std::max(greatest, bar.value);
    all += bar.value;
  }
  auto out
    = open_sheet(row * static_cast<double>(bars.size()) + 4, "bar chart");
  double y = 2;
  for (const auto& bar : bars) {
    const auto value = static_cast<double>(bar.value);
    const auto width = value / static_cast<double>(greatest) * widest;
    const auto share = all == 0 ? 0.0 : 100 * value / static_cast<double>(all);
    out += fmt::format(
      "<text class=\"name end\" x=\"{}\" y=\"{:.1f}\">{}</text>"
      "<rect class=\"{}\" x=\"{}\" y=\"{:.1f}\" width=\"{:.1f}\" "
      "height=\"18\" rx=\"3\"/>"
      "<text class=\"number\" x=\"{:.1f}\" y=\"{:.1f}\">{} "
      "<tspan class=\"share\">{:.3g} %</tspan></text>\n",
      names - 10, y + 19, html(bar.label),
      bar.css_class.empty() ? "bar" : html(bar.css_class), names, y + 6,
      bar.value == 0 ? 0 : std::max(width, 2.0),
      names + std::max(width, 2.0) + 8, y + 19, grouped(bar.value), share);
    y += row;
  }
  return out + "</svg>\n";
}

std::string histogram(const std::vector<plot_bar>& bars,
                      std::string_view y_title) {
  uint64_t greatest = 0;
  for (const auto& bar : bars)
    greatest = std::max(greatest, bar.value);
  if (greatest == 0)
    return sentence("There is nothing to show.");
  const auto ticks = axis_ticks(static_cast<double>(greatest));
  const auto slot
    = std::min(inner_width / static_cast<double>(bars.size()), inner_width / 6);
  const auto labelled = static_cast<std::size_t>(std::ceil(label_width / slot));
  auto out = open_sheet(plot_height, y_title) + y_axis(ticks, y_title);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const auto x = left + slot * static_cast<double>(i);
    const auto height
      = height_of(static_cast<double>(bars[i].value), ticks.back());
    const auto shown = bars[i].value == 0 ? 0.0 : std::max(height, 1.0);
    out += fmt::format(
      "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
      "height=\"{:.1f}\" rx=\"2\"><title>{}: {}</title></rect>\n",
      bars[i].css_class.empty() ? "bar" : html(bars[i].css_class), x + 1,
      top + inner_height - shown, slot - 2, shown, html(bars[i].label),
      grouped(bars[i].value));
    if (i % labelled == 0)
      out += x_tick(x + slot / 2, bars[i].label);
  }
  return out + "</svg>\n";
}

std::string line_plot(const std::vector<std::pair<double, double>>& points,
                      std::string_view y_title) {
  if (points.size() < 2 || !(points.back().first > 0))
    return sentence("It was over too soon for a curve.");
  double greatest = 0;
  for (const auto& point : points)
    greatest = std::max(greatest, point.second);
  const auto ticks = axis_ticks(greatest);
  const auto seconds = points.back().first;
  const auto x_of
    = [&](double at) { return left + inner_width * at / seconds; };
  std::string path;
  for (const auto& [at, value] : points)
    path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? 'M' : 'L', x_of(at),
                        top + inner_height - height_of(value, ticks.back()));
  const auto base = top + inner_height;
  auto out = open_sheet(plot_height, y_title) + y_axis(ticks, y_title);
  out += fmt::format("<path class=\"area\" d=\"{0}L{1:.1f},{2:.1f}L{3:.1f},"
                     "{2:.1f}Z\"/><path class=\"line\" d=\"{0}\"/>\n",
                     path, x_of(seconds), base, x_of(points.front().first));
  for (const auto tick : axis_ticks(seconds))
    if (tick <= seconds)
      out += x_tick(x_of(tick), axis_label(tick) + " s");
  return out + "</svg>\n";
}

} // namespace vmsystem
