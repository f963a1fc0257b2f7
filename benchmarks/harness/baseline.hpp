#pragma once

#include "vmsystem/benchmarks/harness/figure.hpp"
#include "vmsystem/models/failure.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem::bench {

/// A figure of an earlier run.
struct earlier_figure {
  std::string workload;
  std::string name;
  std::string unit;
  better direction = better::higher;
  double median = 0;
};

/// An earlier run.
struct baseline {
  std::string processor;
  /// Whether its figures mean nothing.
  bool quick = false;
  std::vector<earlier_figure> measured;
};

/// Reads what `json_of` wrote. Errors: invalid_request, with what is wrong.
[[nodiscard]] expected<baseline> read_baseline(std::string_view document);

/// A figure that is worse than it was.
struct regression {
  /// Workload and name.
  std::string what;
  std::string unit;
  double before = 0;
  double now = 0;
  /// How many times worse; infinite when a rate fell to 0 or something grew
  /// from 0.
  double factor = 1;
};

/// Two runs, side by side.
struct comparison {
  /// Figures that both have.
  std::size_t compared = 0;
  std::vector<regression> regressions;
  /// Figures of the earlier run that this one lacks, in its order.
  std::vector<std::string> gone;
  /// Figures of this run that the earlier one lacks, in its order.
  std::vector<std::string> added;
};

/// Compares medians. A figure is the same one when workload, name and unit
/// are. It is a regression when it is worse by more than `factor` and, beyond
/// that, by more than its slack; better figures never are.
/// @param factor at least 1.
[[nodiscard]] comparison compare(const baseline& before, const figures& now,
                                 double factor);

/// The comparison for people: a line for each regression and for each figure
/// that only one side has, and a last line with the counts.
[[nodiscard]] std::string text_of(const comparison& x);

} // namespace vmsystem::bench
