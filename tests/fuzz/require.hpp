#pragma once

#include <cstdio>
#include <cstdlib>

namespace vmsystem::fuzz {

/// Ends the process, so that the input is a finding, unless `holds`.
inline void require(bool holds, const char* what) {
  if (holds)
    return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

} // namespace vmsystem::fuzz
