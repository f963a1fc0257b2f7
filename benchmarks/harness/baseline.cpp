#include "vmsystem/benchmarks/harness/baseline.hpp"

#include "vmsystem/benchmarks/harness/format.hpp"
#include "vmsystem/models/json_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <utility>

namespace vmsystem::bench {

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

/// Reads the field `name` of `from`. Beside `read_object`, since a run may
/// hold more than a comparison needs, and numbers that are no integers.
template <class T>
expected<void> take(const object& from, std::string_view name, T& to) {
  element value;
  if (from.at_key(name).get(value))
    return fail(ec::invalid_request,
                "field \"" + std::string{name} + "\" is missing");
  return read_value(value, json_place{{}, name}, to);
}

expected<void> take(const object& from, std::string_view name, double& to) {
  if (from.at_key(name).get(to))
    return fail(ec::invalid_request,
                "field \"" + std::string{name} + "\" must be a number");
  return success();
}

/// The first of `results` that failed, if any.
expected<void> first_error(std::initializer_list<expected<void>> results) {
  for (const auto& x : results)
    if (!x)
      return x;
  return success();
}

expected<earlier_figure> read_figure(const element& from) {
  object fields;
  if (from.get(fields))
    return fail(ec::invalid_request, "a figure must be an object");
  earlier_figure x;
  auto read = first_error(
    {take(fields, "workload", x.workload), take(fields, "name", x.name),
     take(fields, "unit", x.unit), take(fields, "better", x.direction),
     take(fields, "median", x.median)});
  if (!read)
    return read.error();
  return x;
}

template <class Figure>
std::string name_of_figure(const Figure& x) {
  return x.workload + ": " + x.name + " (" + x.unit + ")";
}

bool same(const earlier_figure& x, const figure& y) {
  return x.workload == y.workload && x.name == y.name && x.unit == y.unit;
}

/// How many times worse `now` is than `before`; below 1 when it is better.
double times_worse(better direction, double before, double now) {
  const auto worse = direction == better::higher ? before : now;
  const auto than = direction == better::higher ? now : before;
  if (than > 0)
    return worse / than;
  return worse > than ? std::numeric_limits<double>::infinity() : 1;
}

bool beyond(const figure& x, double before, double now, double factor) {
  return x.direction == better::higher ? now < before / factor - x.slack
                                       : now > before * factor + x.slack;
}

} // namespace

expected<baseline> read_baseline(std::string_view document) {
  auto root = parse_json(document);
  if (!root)
    return root.error();
  object fields;
  if (root.value().get(fields))
    return fail(ec::invalid_request, "a run must be an object");
  baseline result;
  simdjson::dom::array measured;
  auto read = first_error({take(fields, "processor", result.processor),
                           take(fields, "quick", result.quick)});
  if (!read)
    return read.error();
  if (fields.at_key("figures").get(measured))
    return fail(ec::invalid_request, "field \"figures\" must be an array");
  for (const auto x : measured) {
    auto one = read_figure(x);
    if (!one)
      return one.error();
    result.measured.push_back(std::move(one).value());
  }
  return result;
}

comparison compare(const baseline& before, const figures& now, double factor) {
  comparison result;
  for (const auto& old : before.measured) {
    const auto at = std::find_if(now.begin(), now.end(),
                                 [&](const figure& x) { return same(old, x); });
    if (at == now.end()) {
      result.gone.push_back(name_of_figure(old));
      continue;
    }
    ++result.compared;
    const auto median = at->measured.median();
    if (beyond(*at, old.median, median, factor))
      result.regressions.push_back(
        {at->workload + ": " + at->name, at->unit, old.median, median,
         times_worse(at->direction, old.median, median)});
  }
  for (const auto& x : now) {
    const auto known
      = std::any_of(before.measured.begin(), before.measured.end(),
                    [&](const earlier_figure& old) { return same(old, x); });
    if (!known)
      result.added.push_back(name_of_figure(x));
  }
  return result;
}

std::string text_of(const comparison& x) {
  std::string result;
  for (const auto& worse : x.regressions)
    result += fmt::format("WORSE     {}: {} {}, was {}: {:.2f} times worse\n",
                          worse.what, number_text(worse.now), worse.unit,
                          number_text(worse.before), worse.factor);
  for (const auto& name : x.gone)
    result += fmt::format("not here  {}: only in the baseline\n", name);
  for (const auto& name : x.added)
    result += fmt::format("new       {}: not in the baseline\n", name);
  result += fmt::format("{} figures compared, {} worse, {} only in the "
                        "baseline, {} only in this run\n",
                        x.compared, x.regressions.size(), x.gone.size(),
                        x.added.size());
  return result;
}

} // namespace vmsystem::bench
