#include "vmsystem/app/top_report.hpp"

#include "vmsystem/app/batch_progress.hpp"
#include "vmsystem/app/output.hpp"
#include "vmsystem/app/text_width.hpp"
#include "vmsystem/models/json_writer.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace vmsystem {

namespace {

using labels = metrics_reading::labels;

constexpr std::size_t section_width = 34;
constexpr std::size_t gap = 3;

/// What changed between two readings.
class comparison {
public:
  comparison(const metrics_reading& before, const metrics_reading& now,
             double passed_s)
    : before_{before}, now_{now}, passed_s_{passed_s} {}

  [[nodiscard]] double value(std::string_view name,
                             const labels& wanted = {}) const {
    return now_.sum(name, wanted).value_or(0);
  }

  /// By how much a counter grew. One that fell began anew.
  [[nodiscard]] double growth(std::string_view name,
                              const labels& wanted = {}) const {
    return since(before_.sum(name, wanted).value_or(0), value(name, wanted));
  }

  [[nodiscard]] double rate(std::string_view name,
                            const labels& wanted = {}) const {
    return per_second(growth(name, wanted));
  }

  /// Rates by the value of a label, in the order of the names.
  void add_rates(top_section& to, std::string_view name,
                 const std::string& label, bool all) const {
    const auto old = before_.by_label(name, label);
    for (const auto& [its, value] : now_.by_label(name, label)) {
      const auto at = old.find(its);
      const auto grown = since(at == old.end() ? 0 : at->second, value);
      if (all || grown > 0)
        to.figures.push_back({its, per_second(grown), figure_unit::per_second});
    }
  }

  /// What one of the observed things of a histogram was lately.
  [[nodiscard]] double mean(const std::string& family) const {
    const auto count = growth(family + "_count");
    return count > 0 ? growth(family + "_sum") / count : 0;
  }

private:
  [[nodiscard]] static double since(double before, double now) {
    const auto grown = now < before ? now : now - before;
    return std::isfinite(grown) ? grown : 0;
  }
  [[nodiscard]] double per_second(double grown) const {
    return passed_s_ > 0 ? grown / passed_s_ : 0;
  }

  const metrics_reading& before_;
  const metrics_reading& now_;
  double passed_s_;
};

constexpr double ms_per_s = 1000;

top_section executions(const comparison& x) {
  const std::string family = "vm_system_executions_total";
  top_section result{"Executions", {}};
  result.figures.push_back({"all", x.rate(family), figure_unit::per_second});
  x.add_rates(result, family, "status", true);
  for (const std::string what : {"queue", "wall", "cpu"})
    result.figures.push_back(
      {what + ", mean",
       x.mean("vm_system_execution_" + what + "_seconds") * ms_per_s,
       figure_unit::milliseconds});
  return result;
}

top_section in_flight(const comparison& x) {
  top_section result{"In flight", {}};
  for (const std::string stage :
       {"admission", "waiting", "loading", "queued", "executing", "parked",
        "finalization", "persistence"})
    result.figures.push_back(
      {stage, x.value("vm_system_executions_in_flight", {{"stage", stage}})});
  result.figures.push_back({"batches", x.value("vm_system_batches")});
  return result;
}

top_section sessions(const comparison& x) {
  const std::string family = "vm_system_sessions";
  return {"Sessions",
          {{"ready", x.value(family, {{"state", "ready"}})},
           {"starting", x.value(family, {{"state", "starting"}})},
           {"busy", x.value("vm_system_sessions_busy")},
           {"at most", x.value("vm_system_sessions_max")},
           {"created", x.rate("vm_system_sessions_created_total"),
            figure_unit::per_second},
           {"crashed",
            x.rate("vm_system_sessions_ended_total", {{"state", "crashed"}}),
            figure_unit::per_second}}};
}

top_section engine(const comparison& x) {
  return {"Engine",
          {{"slots", x.value("vm_system_slots")},
           {"slots busy", x.value("vm_system_slots_busy")},
           {"slots replaced", x.value("vm_system_slots_replaced_total")},
           {"stages replaced", x.value("vm_system_stages_replaced_total")},
           {"messages waiting",
            x.value("vm_system_supervisor_mailbox_messages")},
           {"processors busy", x.rate("process_cpu_seconds_total")}}};
}

top_section store(const comparison& x) {
  return {
    "Store",
    {{"commits", x.rate("vm_system_writer_commits_total"),
      figure_unit::per_second},
     {"sets in a commit", x.mean("vm_system_writer_group_sets")},
     {"commit, mean", x.mean("vm_system_writer_commit_seconds") * ms_per_s,
      figure_unit::milliseconds},
     {"written", x.rate("vm_system_writer_bytes_total"),
      figure_unit::bytes_per_second},
     {"writes waiting", x.value("vm_system_writer_waiting")},
     {"failing", x.value("vm_system_store_failing"), figure_unit::yes_or_no}}};
}

top_section http(const comparison& x) {
  top_section result{"HTTP", {}};
  result.figures.push_back({"requests", x.rate("vm_system_http_requests_total"),
                            figure_unit::per_second});
  x.add_rates(result, "vm_system_http_requests_total", "code", false);
  result.figures.push_back(
    {"in flight", x.value("vm_system_http_requests_in_flight")});
  result.figures.push_back(
    {"connections", x.value("vm_system_http_connections")});
  return result;
}

top_section memory(const comparison& x) {
  const std::string family = "vm_system_resident_memory_bytes";
  top_section result{"Memory", {}};
  const auto add = [&](std::string name, double bytes) {
    result.figures.push_back({std::move(name), bytes, figure_unit::bytes});
  };
  add("resident", x.value("process_resident_memory_bytes"));
  add("anonymous", x.value(family, {{"kind", "anonymous"}}));
  add("shared", x.value(family, {{"kind", "shared"}}));
  add("of the engine", x.value("vm_system_engine_memory_bytes"));
  return result;
}

/// What was stopped and refused lately; empty when nothing was.
top_section limits(const comparison& x) {
  top_section result{"Limits hit and requests refused", {}};
  x.add_rates(result, "vm_system_limits_hit_total", "limit", false);
  x.add_rates(result, "vm_system_executions_refused_total", "code", false);
  return result;
}

std::string with_digits(double value, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

/// JSON has no word for what is no number.
json_text number_of(double value, int digits) {
  return {with_digits(std::isfinite(value) ? value : 0, digits)};
}

/// Three digits or more.
std::string short_number(double value) {
  if (value >= 1e15 || !std::isfinite(value))
    return "?";
  if (value >= 99.95)
    return grouped(static_cast<uint64_t>(std::llround(value)));
  return with_digits(value, value >= 9.995 ? 1 : 2);
}

std::string bytes_text(double value) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < units.size()) {
    value /= 1024;
    ++unit;
  }
  return (unit == 0 ? grouped(static_cast<uint64_t>(std::llround(value)))
                    : short_number(value))
         + ' ' + units[unit];
}

std::string count_text(double value) {
  const bool whole = std::floor(value) == value && value < 1e15;
  return whole ? grouped(static_cast<uint64_t>(value)) : short_number(value);
}

/// A name on the left and its value on the right.
std::string entry(std::string_view name, std::string_view value,
                  std::size_t width) {
  const auto taken = width_of(value) + 1;
  if (taken >= width)
    return shortened(value, width);
  auto result = shortened(name, width - taken);
  result.append(width - width_of(result) - width_of(value), ' ');
  return result += value;
}

std::vector<std::string> section_lines(const top_section& x,
                                       std::size_t width) {
  std::vector<std::string> result{shortened(printable(x.title), width)};
  for (const auto& figure : x.figures)
    result.push_back(
      entry("  " + printable(figure.name), figure_text(figure), width));
  result.emplace_back();
  return result;
}

/// Puts sections into columns, each into the one that is shortest so far.
std::vector<std::string> columns_of(const std::vector<top_section>& sections,
                                    std::size_t width) {
  const auto count
    = std::max<std::size_t>(1, (width + gap) / (section_width + gap));
  const auto each = std::min(section_width, width);
  std::vector<std::vector<std::string>> columns(count);
  for (const auto& section : sections) {
    auto& shortest = *std::min_element(columns.begin(), columns.end(),
                                       [](const auto& x, const auto& y) {
                                         return x.size() < y.size();
                                       });
    for (auto& line : section_lines(section, each))
      shortest.push_back(std::move(line));
  }
  std::size_t height = 0;
  for (const auto& column : columns)
    height = std::max(height, column.size());
  std::vector<std::string> result(height);
  for (std::size_t row = 0; row < height; ++row) {
    auto& line = result[row];
    for (std::size_t i = 0; i < count; ++i) {
      if (row >= columns[i].size() || columns[i][row].empty())
        continue;
      line.append(i * (section_width + gap) - width_of(line), ' ');
      line += columns[i][row];
    }
  }
  return result;
}

std::string slow_line(const slow_execution& x) {
  return "  "
         + entry(printable(x.id) + "  " + printable(x.status),
                 short_number(x.wall_ms) + " ms", 64)
         + "  session " + printable(x.session);
}

std::string uptime_text(double seconds) {
  constexpr double most = 1e12;
  if (!(seconds >= 0) || seconds > most)
    return "?";
  return duration_words(std::chrono::seconds{std::llround(seconds)});
}

void add_figures(json_writer& to, const top_section& section) {
  static constexpr std::array<std::string_view, 6> suffixes{
    "", "_per_s", "_ms", "_bytes", "_bytes_per_s", ""};
  to.begin_object();
  for (const auto& x : section.figures) {
    std::string name;
    for (const char c : x.name)
      if (c != ',')
        name += c == ' ' ? '_' : c;
    to.key(name.append(suffixes[static_cast<std::size_t>(x.unit)]));
    if (x.unit == figure_unit::yes_or_no)
      to.raw(json_text{x.value != 0 ? "true" : "false"});
    else
      to.raw(number_of(x.value, 3));
  }
  to.end_object();
}

} // namespace

top_report report_of(const metrics_reading& before, const metrics_reading& now,
                     double passed_s) {
  constexpr std::string_view begin = "process_start_time_seconds";
  // Two readings of the same start are the same number.
  const bool restarted
    = before.sum(begin).has_value() && before.sum(begin) != now.sum(begin);
  const metrics_reading nothing;
  const comparison x{restarted ? nothing : before, now, passed_s};
  top_report result;
  result.version = now.label_of("vm_system_build_info", "version");
  const auto clock = std::chrono::duration<double>{
    std::chrono::system_clock::now().time_since_epoch()};
  result.uptime_s = std::max(0.0, clock.count() - x.value(begin));
  result.restarted = restarted;
  result.sections = {executions(x), in_flight(x), sessions(x), engine(x),
                     store(x),      http(x),      memory(x)};
  if (auto hit = limits(x); !hit.figures.empty())
    result.sections.push_back(std::move(hit));
  return result;
}

std::vector<slow_execution> slowest_of(const std::vector<json_value>& records,
                                       std::size_t count) {
  std::vector<slow_execution> result;
  for (const auto& record : records) {
    const auto wall = record.field("metrics").field("wall_ms");
    if (!record.field("ended_at").present() || !wall.present())
      continue;
    const auto ms = std::strtod(wall.raw().c_str(), nullptr);
    result.push_back(
      {record.field("id").text(), record.field("session_id").text(),
       record.field("status").text(), std::isfinite(ms) ? ms : 0});
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& x, const auto& y) {
                     return x.wall_ms > y.wall_ms;
                   });
  if (result.size() > count)
    result.resize(count);
  return result;
}

std::string figure_text(const top_figure& x) {
  const auto value = std::isfinite(x.value) ? std::max(0.0, x.value) : 0;
  switch (x.unit) {
    case figure_unit::per_second:
      return short_number(value) + "/s";
    case figure_unit::milliseconds:
      return short_number(value) + " ms";
    case figure_unit::bytes:
      return bytes_text(value);
    case figure_unit::bytes_per_second:
      return bytes_text(value) + "/s";
    case figure_unit::yes_or_no:
      return value != 0 ? "yes" : "no";
    default:
      return count_text(value);
  }
}

std::vector<std::string> report_lines(const top_report& x, std::size_t width) {
  std::vector<std::string> result{
    "vm-system " + printable(x.version) + ", up " + uptime_text(x.uptime_s)
    + (x.restarted ? ", began anew since the last look" : "")};
  result.emplace_back();
  for (auto& line : columns_of(x.sections, width))
    result.push_back(std::move(line));
  if (!x.slowest.empty()) {
    result.emplace_back("Slowest of the latest executions");
    for (const auto& one : x.slowest)
      result.push_back(slow_line(one));
  }
  while (!result.empty() && result.back().empty())
    result.pop_back();
  for (auto& line : result)
    line = shortened(line, width);
  return result;
}

std::string report_json(const top_report& x) {
  json_writer to;
  to.begin_object();
  to.key("version");
  to.value(std::string_view{x.version});
  to.key("uptime_s");
  to.raw(number_of(x.uptime_s, 0));
  to.key("restarted");
  to.raw(json_text{x.restarted ? "true" : "false"});
  for (const auto& section : x.sections) {
    std::string name;
    for (const char c : section.title)
      name += c == ' ' ? '_' : static_cast<char>(std::tolower(c));
    to.key(name);
    add_figures(to, section);
  }
  to.key("slowest");
  to.begin_array();
  for (const auto& one : x.slowest) {
    to.begin_object();
    to.key("id");
    to.value(std::string_view{one.id});
    to.key("session_id");
    to.value(std::string_view{one.session});
    to.key("status");
    to.value(std::string_view{one.status});
    to.key("wall_ms");
    to.raw(number_of(one.wall_ms, 3));
    to.end_object();
  }
  to.end_array();
  to.end_object();
  return to.text();
}

} // namespace vmsystem
