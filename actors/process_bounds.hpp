#pragma once

#include <algorithm>
#include <cstdint>

namespace vmsystem {

/// Descriptors that are left to the store, the scripts and the rest, beside
/// those of connections.
inline constexpr uint64_t reserved_descriptors = 512;

/// Mappings of memory that one live session takes at most.
inline constexpr uint64_t session_mappings = 3;

/// Mappings that are left to everything else.
inline constexpr uint64_t reserved_mappings = 4096;

/// Live sessions that a kernel with this `vm.max_map_count` has mappings for;
/// no more than one address space holds.
[[nodiscard]] inline uint32_t session_bound(uint64_t max_map_count) noexcept {
  constexpr uint64_t address_space_bound = 30000;
  const auto bound = max_map_count > reserved_mappings
                       ? (max_map_count - reserved_mappings) / session_mappings
                       : uint64_t{1};
  return static_cast<uint32_t>(std::min(bound, address_space_bound));
}

/// The least `vm.max_map_count` with which so many sessions can live.
[[nodiscard]] inline uint64_t map_count_for(uint64_t sessions) noexcept {
  return sessions * session_mappings + reserved_mappings;
}

} // namespace vmsystem
