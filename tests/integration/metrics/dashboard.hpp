#pragma once

#include "vmsystem/app/json_value.hpp"

#include <string>
#include <vector>

namespace vmsystem::test {

/// The expressions of the panels of a dashboard.
[[nodiscard]] std::vector<std::string>
expressions_of(const json_value& dashboard);

} // namespace vmsystem::test
