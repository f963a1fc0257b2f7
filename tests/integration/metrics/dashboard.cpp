#include "dashboard.hpp"

namespace vmsystem::test {

std::vector<std::string> expressions_of(const json_value& dashboard) {
  std::vector<std::string> result;
  for (const auto& panel : dashboard.field("panels").elements())
    for (const auto& target : panel.field("targets").elements())
      result.push_back(target.field("expr").text());
  return result;
}

} // namespace vmsystem::test
