#pragma once

#include "vmsystem/models/settings.hpp"

#include <iosfwd>
#include <set>
#include <string>
#include <vector>

namespace vmsystem::test {

/// One case of scripts.txt, which describes the parts.
struct hostile_script {
  std::string name;
  limits_config limits;
  bool as_file = false;
  /// Names of end reasons.
  std::set<std::string> ends;
  /// Empty: any.
  std::string value;
  /// Empty: nothing is run afterwards.
  std::string then;
  std::string source;
};

std::ostream& operator<<(std::ostream& out, const hostile_script& one);

/// All cases. Throws when the file is malformed.
[[nodiscard]] const std::vector<hostile_script>& hostile_scripts();

} // namespace vmsystem::test
