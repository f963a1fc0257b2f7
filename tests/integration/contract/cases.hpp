#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem::test {

/// One line of cases.tsv.
struct contract_step {
  std::string request;
  std::string body;
  /// The status, and for errors the code.
  std::string answer;
  std::vector<std::string> holds;

  /// Whether it only makes things.
  [[nodiscard]] bool is_make() const {
    return request.rfind("make ", 0) == 0;
  }
  /// Whether it names a test.
  [[nodiscard]] bool is_test() const {
    return request.rfind("test ", 0) == 0;
  }
};

/// The lines of cases.tsv with the same name.
struct contract_case {
  std::string name;
  std::vector<contract_step> steps;
};

std::ostream& operator<<(std::ostream& out, const contract_case& one);

/// All lines of cases.tsv. Throws when a line has not five columns.
[[nodiscard]] const std::vector<contract_case>& contract_cases();

/// The parts of `text` between the separators.
[[nodiscard]] std::vector<std::string> split(std::string_view text,
                                             std::string_view separator);

} // namespace vmsystem::test
