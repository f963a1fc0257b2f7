#pragma once

#include "vmsystem/models/enum_names.hpp"
#include "vmsystem/models/settings.hpp"

#include <cstdint>
#include <string>

namespace vmsystem {

/// When the writer says that something is stored.
enum class durability : uint8_t {
  /// After an fsync of the group: survives a power loss.
  sync = 0,
  /// After the write-ahead log was handed to the kernel: survives a crash of
  /// the process.
  async = 1,
  /// Without a write-ahead log: survives a graceful stop only.
  off = 2,
};

template <>
struct enum_names<durability> {
  static constexpr std::array<std::string_view, 3> value{"sync", "async",
                                                         "off"};
};

/// How much is kept of what is over. What is more is removed, the oldest first.
struct retention_limits {
  /// Days since an execution began, or a batch or session was over; 0 means
  /// for ever.
  uint32_t days = 0;
  /// Executions that are over; 0 means all.
  uint32_t executions = 0;

  /// Whether anything is ever removed.
  [[nodiscard]] bool any() const noexcept {
    return days != 0 || executions != 0;
  }
};

/// The bounds and choices of one runtime. Every bound is at least 1.
struct runtime_options {
  /// The folder of the store; made when it is missing.
  std::string store_path = "vm-system.db";
  /// Keeps the store in memory instead: `store_path` and `store_durability`
  /// count for nothing, and all is gone when the runtime stops.
  bool in_memory = false;
  durability store_durability = durability::sync;
  /// The folder with the libraries of templates; see
  /// pipeline/library_cache.hpp.
  std::string library_cache = ".vm-cache/libraries";
  /// Whether scripts may run programs of the host, as far as their template
  /// lists them.
  bool allow_exec = false;
  /// Engine slots, each with a thread; 0 means as many as processors.
  uint32_t engine_slots = 0;
  /// Executions that may be queued or running at any time.
  uint32_t max_in_flight = 4096;
  /// Bytes of the scripts and arguments that come with those; one alone may
  /// have more.
  uint32_t max_in_flight_bytes = 256u << 20;
  /// Requests that may wait for one busy session.
  uint32_t max_waiting_per_session = 256;
  /// Live sessions; 0 means as many as the kernel's `vm.max_map_count` allows.
  uint32_t max_sessions = 0;
  /// The longest `wait_ms` that a request may ask for.
  uint32_t max_wait_ms = 600000;
  /// The largest file that is run, in bytes.
  uint32_t max_source_bytes = 32u << 20;
  /// How long a stop waits for running executions, in milliseconds.
  uint32_t stop_grace_ms = 5000;
  /// An execution that lasts longer than this gets its `running` record, in
  /// milliseconds; shorter ones are written once, when they are over.
  uint32_t running_record_after_ms = 20;
  /// Whether batches that an earlier process left go on by themselves. Those
  /// that lack input wait for it in any case.
  bool resume_batches = true;
  retention_limits keep;
  limits_maximum limits;
};

} // namespace vmsystem
