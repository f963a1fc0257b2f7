#include "vmsystem/benchmarks/harness/figure.hpp"

#include <algorithm>

namespace vmsystem::bench {

const bound* figure::tightest() const {
  if (bounds.empty())
    return nullptr;
  const auto less
    = [](const bound& x, const bound& y) { return x.value < y.value; };
  const auto at = direction == better::higher
                    ? std::min_element(bounds.begin(), bounds.end(), less)
                    : std::max_element(bounds.begin(), bounds.end(), less);
  return &*at;
}

std::optional<double> figure::ratio() const {
  const auto* limit = tightest();
  if (limit == nullptr || limit->value == 0)
    return std::nullopt;
  return measured.median() / limit->value;
}

std::optional<bool> figure::reached() const {
  if (!bar)
    return std::nullopt;
  const auto value = measured.median();
  return direction == better::higher ? value >= *bar : value <= *bar;
}

} // namespace vmsystem::bench
