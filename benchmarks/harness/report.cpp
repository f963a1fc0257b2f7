#include "vmsystem/benchmarks/harness/report.hpp"

#include "vmsystem/benchmarks/harness/format.hpp"

#include <fmt/format.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace vmsystem::bench {

namespace {

constexpr std::size_t columns = 9;
using row = std::array<std::string, columns>;

/// Columns of numbers and such: aligned to the right.
constexpr std::array<bool, columns> right{false, false, true,  true, false,
                                          true,  false, false, true};

row row_of(const figure& x) {
  return {x.workload,      x.name,        number_text(x.measured.median()),
          spread_text(x),  x.unit,        bar_text(x),
          reached_text(x), bound_text(x), ratio_text(x)};
}

std::string line_of(const row& cells,
                    const std::array<std::size_t, columns>& widths) {
  std::string line;
  for (std::size_t i = 0; i < columns; ++i)
    line += right[i] ? fmt::format("{:>{}}  ", cells[i], widths[i])
                     : fmt::format("{:<{}}  ", cells[i], widths[i]);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

using json = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

void put(json& to, const char* name, std::string_view text) {
  to.Key(name);
  to.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

/// JSON has no words for what is not finite.
void put(json& to, double value) {
  if (std::isfinite(value))
    to.Double(value);
  else
    to.Null();
}

void put(json& to, const char* name, double value) {
  to.Key(name);
  put(to, value);
}

void write(json& to, const figure& x) {
  to.StartObject();
  put(to, "workload", x.workload);
  put(to, "name", x.name);
  put(to, "unit", x.unit);
  put(to, "better", name_of(x.direction));
  put(to, "median", x.measured.median());
  put(to, "spread", x.measured.spread());
  to.Key("repetitions");
  to.StartArray();
  for (const auto value : x.measured.values())
    put(to, value);
  to.EndArray();
  if (x.bar) {
    put(to, "bar", *x.bar);
    to.Key("reached");
    to.Bool(*x.reached());
  }
  to.Key("bounds");
  to.StartArray();
  for (const auto& limit : x.bounds) {
    to.StartObject();
    put(to, "what", limit.what);
    put(to, "value", limit.value);
    to.EndObject();
  }
  to.EndArray();
  if (const auto ratio = x.ratio())
    put(to, "ratio", *ratio);
  to.EndObject();
}

} // namespace

std::string heading(const machine& where, const bench_options& options) {
  return fmt::format(
    "{} x {}, {}, load average {:.2f} at the start\n"
    "stores in {}; the load generator is one thread of this process, over "
    "loopback sockets\n"
    "{}\n",
    where.cores, where.processor, where.kernel, where.load_average,
    options.folder.string(),
    options.quick
      ? "a quick run: it shows that everything works, its figures mean nothing"
      : fmt::format("median and spread ((max - min) / median) of {} "
                    "repetitions of {} ms after {} ms of warm-up",
                    options.repetitions, options.duration.count(),
                    options.warm_up.count()));
}

std::string table_of(const figures& measured) {
  std::vector<row> rows{{"workload", "figure", "value", "spread", "unit", "bar",
                         "reached", "bound", "ratio"}};
  for (const auto& x : measured)
    rows.push_back(row_of(x));
  std::array<std::size_t, columns> widths{};
  for (const auto& cells : rows)
    for (std::size_t i = 0; i < columns; ++i)
      widths[i] = std::max(widths[i], cells[i].size());
  std::string result;
  for (const auto& cells : rows)
    result += line_of(cells, widths);
  return result;
}

std::string json_of(const machine& where, const bench_options& options,
                    const outcome& all) {
  rapidjson::StringBuffer buffer;
  json to{buffer};
  to.StartObject();
  put(to, "processor", where.processor);
  to.Key("cores");
  to.Uint(where.cores);
  put(to, "kernel", where.kernel);
  put(to, "load_average", where.load_average);
  put(to, "folder", options.folder.string());
  to.Key("quick");
  to.Bool(options.quick);
  to.Key("figures");
  to.StartArray();
  for (const auto& x : all.measured)
    write(to, x);
  to.EndArray();
  to.Key("failures");
  to.StartArray();
  for (const auto& x : all.failures) {
    to.StartObject();
    put(to, "workload", x.workload);
    put(to, "message", x.message);
    to.EndObject();
  }
  to.EndArray();
  to.EndObject();
  return std::string{buffer.GetString(), buffer.GetSize()} + '\n';
}

} // namespace vmsystem::bench
