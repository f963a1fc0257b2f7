#include "vmsystem/benchmarks/harness/format.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>

namespace vmsystem::bench {

std::string number_text(double x) {
  const auto size = std::abs(x);
  if (size < 10)
    return fmt::format("{:.3f}", x);
  if (size < 100)
    return fmt::format("{:.1f}", x);
  auto digits = fmt::format("{:.0f}", size);
  for (auto at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return x < 0 ? "-" + digits : digits;
}

std::string bar_text(const figure& x) {
  if (!x.bar)
    return "-";
  return (x.direction == better::higher ? ">= " : "<= ") + number_text(*x.bar);
}

std::string reached_text(const figure& x) {
  const auto reached = x.reached();
  if (!reached)
    return "-";
  return *reached ? "yes" : "NO";
}

std::string bound_text(const figure& x) {
  const auto* limit = x.tightest();
  return limit == nullptr ? "-" : number_text(limit->value) + " " + limit->what;
}

std::string ratio_text(const figure& x) {
  const auto ratio = x.ratio();
  return ratio ? fmt::format("{:.2f}", *ratio) : "-";
}

std::string spread_text(const figure& x) {
  if (x.measured.values().size() < 2)
    return "-";
  return fmt::format("{:.0f} %", x.measured.spread() * 100);
}

} // namespace vmsystem::bench
