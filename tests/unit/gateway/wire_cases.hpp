#pragma once

#include <string>
#include <vector>

namespace vmsystem {

/// What a client sends, and what must come back.
struct wire_case {
  std::string name;
  std::string bytes;
  /// The statuses of the answers in order, then `open` or `close`: whether the
  /// connection takes a further request. `wait` means that the request is not
  /// complete.
  std::string outcome;
};

/// Requests that readers understand in more ways than one, or not at all, and
/// the valid ones next to them. Those that are valid ask for the health route.
const std::vector<wire_case>& wire_cases();

} // namespace vmsystem
