#include "vmsystem/benchmarks/harness/sample.hpp"

#include <algorithm>
#include <utility>

namespace vmsystem::bench {

sample::sample(std::vector<double> values) : values_{std::move(values)} {
  std::sort(values_.begin(), values_.end());
}

double sample::median() const {
  if (values_.empty())
    return 0;
  const auto middle = values_.size() / 2;
  if (values_.size() % 2 == 1)
    return values_[middle];
  return (values_[middle - 1] + values_[middle]) / 2;
}

double sample::spread() const {
  if (values_.size() < 2 || median() == 0)
    return 0;
  return (values_.back() - values_.front()) / median();
}

} // namespace vmsystem::bench
