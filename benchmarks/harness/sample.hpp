#pragma once

#include <vector>

namespace vmsystem::bench {

/// What the repetitions of one measurement gave, in one unit.
class sample {
public:
  sample() = default;

  /// @param values at least one.
  explicit sample(std::vector<double> values);

  /// The value in the middle; of an even number the mean of the two. 0 when
  /// there is none.
  [[nodiscard]] double median() const;

  /// Distance of the greatest and the least value as a share of the median; 0
  /// when there are less than two.
  [[nodiscard]] double spread() const;

  /// In ascending order.
  [[nodiscard]] const std::vector<double>& values() const noexcept {
    return values_;
  }

private:
  std::vector<double> values_;
};

} // namespace vmsystem::bench
