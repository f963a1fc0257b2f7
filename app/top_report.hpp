#pragma once

#include "vmsystem/app/json_value.hpp"
#include "vmsystem/app/metrics_reading.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

/// What a figure counts.
enum class figure_unit : uint8_t {
  /// How many there are.
  count,
  per_second,
  milliseconds,
  bytes,
  bytes_per_second,
  /// 0 or 1.
  yes_or_no,
};

/// One number of a report.
struct top_figure {
  std::string name;
  double value = 0;
  figure_unit unit = figure_unit::count;
};

/// Figures that belong together.
struct top_section {
  std::string title;
  std::vector<top_figure> figures;
};

/// An execution that is shown by itself.
struct slow_execution {
  std::string id;
  std::string session;
  std::string status;
  double wall_ms = 0;
};

/// How a server is, for `vm-system top`.
struct top_report {
  std::string version;
  /// Since its process began.
  double uptime_s = 0;
  /// Whether it began anew since the reading before.
  bool restarted = false;
  std::vector<top_section> sections;
  /// The slowest first.
  std::vector<slow_execution> slowest;
};

/// What two readings say. Of a server that began anew in between, all that it
/// counted counts.
/// @param passed_s the time between them; 0 makes all rates 0.
[[nodiscard]] top_report report_of(const metrics_reading& before,
                                   const metrics_reading& now, double passed_s);

/// Takes the slowest of some execution records that are over, the slowest
/// first.
[[nodiscard]] std::vector<slow_execution>
slowest_of(const std::vector<json_value>& records, std::size_t count);

/// A figure for people, such as `1,234`, `0.52/s`, `12 ms`, `3.4 MiB`.
[[nodiscard]] std::string figure_text(const top_figure& x);

/// Lines of at most `width` characters without any that a terminal would obey:
/// sections side by side, as many as fit.
[[nodiscard]] std::vector<std::string> report_lines(const top_report& x,
                                                    std::size_t width);

/// The report as a JSON object.
[[nodiscard]] std::string report_json(const top_report& x);

} // namespace vmsystem
