#include "vmsystem/benchmarks/harness/report.hpp"

#include <fmt/format.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <thread>

#include <stdlib.h>
#include <sys/utsname.h>

namespace vmsystem::bench {

namespace {

constexpr std::size_t columns = 9;
using row = std::array<std::string, columns>;

/// Columns of numbers and such: aligned to the right.
constexpr std::array<bool, columns> right{false, false, true,  true, false,
                                          true,  false, false, true};

std::string first_value(const char* file, const std::string& name) {
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);)
    if (line.compare(0, name.size(), name) == 0)
      if (const auto colon = line.find(": "); colon != std::string::npos)
        return line.substr(colon + 2);
  return "unknown";
}

/// Three significant digits at least, and groups of thousands.
std::string number(double x) {
  if (x < 10)
    return fmt::format("{:.3f}", x);
  if (x < 100)
    return fmt::format("{:.1f}", x);
  auto digits = fmt::format("{:.0f}", x);
  for (auto at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string bar_of(const figure& x) {
  if (!x.bar)
    return "-";
  return (x.direction == better::higher ? ">= " : "<= ") + number(*x.bar);
}

std::string reached_of(const figure& x) {
  const auto reached = x.reached();
  if (!reached)
    return "-";
  return *reached ? "yes" : "NO";
}

std::string bound_of(const figure& x) {
  const auto* limit = x.tightest();
  return limit == nullptr ? "-" : number(limit->value) + " " + limit->what;
}

std::string ratio_of(const figure& x) {
  const auto ratio = x.ratio();
  return ratio ? fmt::format("{:.2f}", *ratio) : "-";
}

std::string spread_of(const figure& x) {
  if (x.measured.values().size() < 2)
    return "-";
  return fmt::format("{:.0f} %", x.measured.spread() * 100);
}

row row_of(const figure& x) {
  return {x.workload,    x.name,      number(x.measured.median()),
          spread_of(x),  x.unit,      bar_of(x),
          reached_of(x), bound_of(x), ratio_of(x)};
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

void put(json& to, const char* name, const std::string& text) {
  to.Key(name);
  to.String(text.c_str());
}

void put(json& to, const char* name, double value) {
  to.Key(name);
  to.Double(value);
}

void write(json& to, const figure& x) {
  to.StartObject();
  put(to, "workload", x.workload);
  put(to, "name", x.name);
  put(to, "unit", x.unit);
  put(to, "better", x.direction == better::higher ? "higher" : "lower");
  put(to, "median", x.measured.median());
  put(to, "spread", x.measured.spread());
  to.Key("repetitions");
  to.StartArray();
  for (const auto value : x.measured.values())
    to.Double(value);
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

std::string kernel() {
  utsname names{};
  uname(&names);
  return std::string{names.sysname} + " " + names.release;
}

double load_average() {
  double load = 0;
  getloadavg(&load, 1);
  return load;
}

} // namespace

std::string heading(const bench_options& options) {
  return fmt::format(
    "{} x {}, {}, load average {:.2f} at the start\n"
    "stores in {}; the load generator is one thread of this process, over "
    "loopback sockets\n"
    "{}\n",
    std::thread::hardware_concurrency(),
    first_value("/proc/cpuinfo", "model name"), kernel(), load_average(),
    options.folder.string(),
    options.quick
      ? "a quick run: it shows that everything works, its figures mean nothing"
      : fmt::format("median and spread ((max - min) / median) of {} "
                    "repetitions of {} ms after {} ms of warm-up",
                    options.repetitions, options.duration.count(),
                    options.warm_up.count()));
}

std::string table_of(const std::vector<figure>& figures) {
  std::vector<row> rows{{"workload", "figure", "value", "spread", "unit", "bar",
                         "reached", "bound", "ratio"}};
  for (const auto& x : figures)
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

std::string json_of(const bench_options& options,
                    const std::vector<figure>& figures) {
  rapidjson::StringBuffer buffer;
  json to{buffer};
  to.StartObject();
  put(to, "processor", first_value("/proc/cpuinfo", "model name"));
  put(to, "cores", std::thread::hardware_concurrency());
  put(to, "kernel", kernel());
  put(to, "load_average", load_average());
  put(to, "folder", options.folder.string());
  to.Key("quick");
  to.Bool(options.quick);
  to.Key("figures");
  to.StartArray();
  for (const auto& x : figures)
    write(to, x);
  to.EndArray();
  to.EndObject();
  return std::string{buffer.GetString(), buffer.GetSize()} + '\n';
}

} // namespace vmsystem::bench
