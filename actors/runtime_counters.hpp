#pragma once

#include "vmsystem/models/bucket_histogram.hpp"
#include "vmsystem/models/end_reason.hpp"
#include "vmsystem/models/error_code.hpp"
#include "vmsystem/models/execution.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace vmsystem {

/// What a supervisor counted since it began: plain numbers, which only it
/// touches. Each thing is counted in one place, when it is over.
struct runtime_counters {
  static constexpr std::size_t kinds = enum_names<execution_kind>::value.size();
  static constexpr std::size_t reasons = enum_names<end_reason>::value.size();
  static constexpr std::size_t codes
    = static_cast<std::size_t>(ec::library_failed) + 1;

  /// An execution ended, and its record is stored.
  void count_end(const execution& x) noexcept {
    ++ended[static_cast<std::size_t>(x.kind)]
           [static_cast<std::size_t>(x.reason)];
    queue_us.add(x.metrics.queue_us);
    wall_us.add(x.metrics.wall_us);
    cpu_us.add(x.metrics.cpu_us);
    peak_memory_bytes.add(x.metrics.peak_mem_kb * 1024);
    events += x.metrics.events;
    output_bytes += x.metrics.output_bytes;
  }

  /// A request to run something was refused, so that it left no record.
  void count_refusal(ec code) noexcept {
    ++refused[static_cast<std::size_t>(row_of(code).code)];
  }

  /// Executions by kind and end reason.
  std::array<std::array<uint64_t, reasons>, kinds> ended{};
  duration_histogram queue_us{duration_ends_us};
  duration_histogram wall_us{duration_ends_us};
  duration_histogram cpu_us{duration_ends_us};
  bucket_histogram<memory_ends_bytes.size()> peak_memory_bytes{
    memory_ends_bytes};
  uint64_t events = 0;
  uint64_t output_bytes = 0;
  /// Executions that ended and whose record the store refused.
  uint64_t unstored = 0;
  /// Refused requests by the code of the error.
  std::array<uint64_t, codes> refused{};

  uint64_t sessions_created = 0;
  uint64_t sessions_closed = 0;
  uint64_t sessions_crashed = 0;
  /// Stages that died or hung and were replaced.
  uint64_t stages_replaced = 0;
  /// Slots that died or hung and were replaced.
  uint64_t slots_replaced = 0;
};

} // namespace vmsystem
