#pragma once

#include "vmsystem/models/failure.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

/// One reading of a server's metrics.
class metrics_reading {
public:
  using labels = std::map<std::string, std::string>;

  /// Reads Prometheus's text format 0.0.4. Errors: validation_error, with the
  /// number of the line. A line that is none, a sample that comes twice and a
  /// text that breaks off are errors, and so is one beyond `max_bytes`.
  [[nodiscard]] static expected<metrics_reading> parse(std::string_view text);

  static constexpr std::size_t max_bytes = std::size_t{8} << 20;

  /// The sum of the samples with this name and these labels, among others;
  /// nothing when there is none.
  [[nodiscard]] std::optional<double> sum(std::string_view name,
                                          const labels& wanted = {}) const;

  /// The sums of the samples with this name by the value of a label.
  [[nodiscard]] std::map<std::string, double>
  by_label(std::string_view name, const std::string& label) const;

  /// A label of the first sample with this name; empty when there is none.
  [[nodiscard]] std::string label_of(std::string_view name,
                                     const std::string& label) const;

private:
  std::map<std::string, std::map<labels, double>, std::less<>> samples_;
};

} // namespace vmsystem
