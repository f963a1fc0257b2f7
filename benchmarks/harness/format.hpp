#pragma once

#include "vmsystem/benchmarks/harness/figure.hpp"

#include <string>

namespace vmsystem::bench {

// How people read figures: the same words in the table, in the page and in
// messages. What a figure does not have is "-".

/// Three significant digits at least, and groups of thousands.
[[nodiscard]] std::string number_text(double x);

/// `>= 5,000` or `<= 160`.
[[nodiscard]] std::string bar_text(const figure& x);

/// `yes` or `NO`.
[[nodiscard]] std::string reached_text(const figure& x);

/// The tightest bound: its value and what it is.
[[nodiscard]] std::string bound_text(const figure& x);

/// The share of the tightest bound.
[[nodiscard]] std::string ratio_text(const figure& x);

/// In percent of the median.
[[nodiscard]] std::string spread_text(const figure& x);

} // namespace vmsystem::bench
