#pragma once

#include <map>
#include <string>
#include <string_view>

namespace vmsystem::test {

/// A text in Prometheus's format, read strictly: each family has its HELP and
/// TYPE lines, its samples stand behind them, and nothing comes twice.
class exposition {
public:
  /// Throws `std::runtime_error` that names the line at fault.
  explicit exposition(std::string_view text);

  /// The types by the names of the families.
  [[nodiscard]] const std::map<std::string, std::string>&
  families() const noexcept {
    return families_;
  }

  /// All values by what stands before them, as in `x_total{kind="repl"}`.
  [[nodiscard]] const std::map<std::string, double>& samples() const noexcept {
    return samples_;
  }

  /// A value. Throws `std::runtime_error` when it is not there.
  [[nodiscard]] double at(const std::string& series) const;

  /// The family of a series, whose name may have a suffix of a histogram; empty
  /// when there is none.
  [[nodiscard]] std::string family_of(std::string name) const;

private:
  void take_sample(std::string_view line);

  std::map<std::string, std::string> families_;
  std::map<std::string, double> samples_;
  /// The family whose samples are read.
  std::string current_;
};

} // namespace vmsystem::test
