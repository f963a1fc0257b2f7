#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vmsystem {

// Plots as SVG elements for an HTML page, whose style sheet gives the classes
// their colours. All texts are escaped here.

/// `text` as HTML shows it: markup is escaped, and so are control characters.
[[nodiscard]] std::string html(std::string_view text);

/// One bar of a plot.
struct plot_bar {
  std::string label;
  uint64_t value = 0;
  /// Of the bar; `bar` when empty.
  std::string css_class;
};

/// Horizontal bars below each other, each with its number and share of all.
/// Empty bars are shown too; without bars it is a sentence.
[[nodiscard]] std::string bar_plot(const std::vector<plot_bar>& bars);

/// Upright bars side by side, with a labelled tick at the right end of each
/// but the last one. Without values above 0 it is a sentence.
[[nodiscard]] std::string histogram(const std::vector<plot_bar>& bars,
                                    std::string_view y_title);

/// A line over time from points (seconds, value) in the order of time. With
/// fewer than two points it is a sentence.
[[nodiscard]] std::string
line_plot(const std::vector<std::pair<double, double>>& points,
          std::string_view y_title);

/// The values at which an axis from 0 to at least `greatest` has its ticks:
/// evenly spaced, round, at most six; two at least.
[[nodiscard]] std::vector<double> axis_ticks(double greatest);

/// A number as an axis shows it: `0`, `0.5`, `12`, `1,500`.
[[nodiscard]] std::string axis_label(double value);

} // namespace vmsystem
