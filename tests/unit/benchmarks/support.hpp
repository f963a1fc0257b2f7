#pragma once

#include "vmsystem/benchmarks/harness/figure.hpp"

#include <string>
#include <utility>
#include <vector>

namespace vmsystem::bench {

inline figure a_figure(std::string name, better direction,
                       std::vector<double> values) {
  figure x;
  x.workload = "work";
  x.name = std::move(name);
  x.unit = "1/s";
  x.direction = direction;
  x.measured = sample{std::move(values)};
  return x;
}

} // namespace vmsystem::bench
