#pragma once

#include <algorithm>
#include <cstdint>

namespace vmsystem {

/// Live sessions that a kernel with this `vm.max_map_count` has mappings for:
/// each takes up to three, and a reserve is left for everything else.
[[nodiscard]] inline uint32_t session_bound(uint64_t max_map_count) noexcept {
  constexpr uint64_t reserve = 4096;
  constexpr uint64_t address_space_bound = 30000;
  const auto bound
    = max_map_count > reserve ? (max_map_count - reserve) / 3 : uint64_t{1};
  return static_cast<uint32_t>(std::min(bound, address_space_bound));
}

} // namespace vmsystem
