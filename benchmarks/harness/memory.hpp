#pragma once

#include "vmsystem/models/failure.hpp"

#include <cstdint>

namespace vmsystem::bench {

/// What this process takes of the machine's memory, in KiB.
struct memory_use {
  /// Its own pages, and its share of those it shares with others (PSS).
  uint64_t proportional_kib = 0;
  /// The kernel's page tables for it, which PSS leaves out.
  uint64_t page_tables_kib = 0;
};

/// Asks the kernel, after the allocator gave back what is free. Errors:
/// internal.
[[nodiscard]] expected<memory_use> measure_memory();

} // namespace vmsystem::bench
