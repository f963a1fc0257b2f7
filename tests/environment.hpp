#pragma once

#include <cstdint>
#include <cstdlib>

namespace vmsystem::test {

/// A whole number from the environment, or `otherwise` when it is not set.
inline uint64_t number_of(const char* name, uint64_t otherwise) {
  const auto* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

} // namespace vmsystem::test
