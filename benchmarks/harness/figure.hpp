#pragma once

#include "vmsystem/benchmarks/harness/sample.hpp"
#include "vmsystem/models/enum_names.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vmsystem {

namespace bench {

/// Which of two values of a figure is the better one.
enum class better : uint8_t { higher, lower };

/// Something that a figure cannot beat, measured in the same run.
struct bound {
  std::string what;
  /// In the figure's unit.
  double value = 0;
};

/// One row of the table.
struct figure {
  std::string workload;
  std::string name;
  std::string unit;
  better direction = better::higher;
  sample measured;
  /// What the project asks for; rows without one only inform.
  std::optional<double> bar;
  /// The tightest one counts.
  std::vector<bound> bounds;
  /// What a comparison with an earlier run forgives beside its factor, in the
  /// figure's unit: for figures that may be close to zero.
  double slack = 0;

  /// The bound that limits first: the least of rates, the greatest of times
  /// and sizes. Null when there is none.
  [[nodiscard]] const bound* tightest() const;

  /// The figure as a share of its tightest bound; nothing without one.
  [[nodiscard]] std::optional<double> ratio() const;

  /// Whether the median is at the bar or better; nothing without a bar.
  [[nodiscard]] std::optional<bool> reached() const;
};

using figures = std::vector<figure>;

/// A workload that did not work or was answered wrongly.
struct workload_failure {
  std::string workload;
  std::string message;
};

/// What a run of the program measured.
struct outcome {
  figures measured;
  std::vector<workload_failure> failures;
};

} // namespace bench

template <>
struct enum_names<bench::better> {
  static constexpr std::array<std::string_view, 2> value{"higher", "lower"};
};

} // namespace vmsystem
