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

/// What happens to the resident memory of this process from its making on.
class resident_watch {
public:
  /// What was seen, in KiB.
  struct report {
    /// The most that was resident at any time.
    uint64_t peak_kib = 0;
    /// What is resident more than at the start; below 0 when it is less. The
    /// allocator gave back what is free, both times.
    int64_t growth_kib = 0;
  };

  /// Makes the kernel forget the peak so far. Errors: internal.
  [[nodiscard]] static expected<resident_watch> start();

  /// Errors: internal.
  [[nodiscard]] expected<report> look() const;

private:
  explicit resident_watch(uint64_t before_kib) : before_kib_{before_kib} {}

  uint64_t before_kib_;
};

} // namespace vmsystem::bench
