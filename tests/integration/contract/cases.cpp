#include "cases.hpp"

#include <fstream>
#include <ostream>
#include <stdexcept>

namespace vmsystem::test {

namespace {

std::string unless_hyphen(const std::string& text) {
  return text == "-" ? std::string{} : text;
}

std::vector<contract_case> read_cases() {
  const std::string path = VMSYSTEM_CONTRACT_CASES;
  std::ifstream file{path};
  std::vector<contract_case> result;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#')
      continue;
    const auto columns = split(line, "\t");
    if (columns.size() != 5)
      throw std::runtime_error{path + ": not five columns: " + line};
    contract_step step{columns[1], unless_hyphen(columns[2]), columns[3], {}};
    if (columns[4] != "-")
      step.holds = split(columns[4], " && ");
    if (result.empty() || result.back().name != columns[0])
      result.push_back({columns[0], {}});
    result.back().steps.push_back(std::move(step));
  }
  if (result.empty())
    throw std::runtime_error{path + " has no cases"};
  return result;
}

} // namespace

std::ostream& operator<<(std::ostream& out, const contract_case& one) {
  return out << one.name;
}

const std::vector<contract_case>& contract_cases() {
  static const auto cases = read_cases();
  return cases;
}

std::vector<std::string> split(std::string_view text,
                               std::string_view separator) {
  std::vector<std::string> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos)
      return parts;
    text.remove_prefix(end + separator.size());
  }
}

} // namespace vmsystem::test
