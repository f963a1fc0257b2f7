#pragma once

#include <cstdint>
#include <string>

namespace vmsystem::bench {

/// The machine that figures come from.
struct machine {
  std::string processor;
  uint32_t cores = 0;
  /// Name and release.
  std::string kernel;
  /// Of the last minute.
  double load_average = 0;

  /// This one, now. What cannot be found out is "unknown" or 0.
  [[nodiscard]] static machine here();
};

} // namespace vmsystem::bench
