#pragma once

#include "vmsystem/models/enum_names.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

/// How one thing that the daemon needs is.
enum class verdict : uint8_t {
  ok = 0,
  /// It serves, but worse or less safely than it could.
  warn = 1,
  /// It does not serve, or loses what it should keep.
  fail = 2,
};

template <>
struct enum_names<verdict> {
  static constexpr std::array<std::string_view, 3> value{"ok", "warn", "fail"};
};

/// What was found out about one thing.
struct finding {
  std::string_view name;
  verdict result = verdict::ok;
  /// What is, in a line.
  std::string message;
  /// What to set; empty when all is well.
  std::string advice;
};

/// A folder as the daemon would find it.
struct folder_facts {
  std::string path;
  bool exists = false;
  /// Of the folder, or of the one that it would be made in.
  bool writable = false;
  bool readable = false;
  uint64_t free_bytes = 0;
};

/// What the checks look at. Absent is what could not be found out.
struct machine_facts {
  bool openat2 = false;
  bool sealed_memory = false;
  /// Whether room for one linear memory can be reserved.
  bool address_space = false;
  bool pagemap = false;
  bool seccomp = false;
  std::optional<uint64_t> max_map_count;
  std::optional<uint64_t> overcommit;
  /// The most descriptors that the process may open.
  uint64_t max_files = 0;
  uint64_t max_core_bytes = 0;
  std::string core_pattern;
  /// As the kernel shows it: `always [madvise] never`.
  std::string huge_pages;
  folder_facts store;
  folder_facts libraries;
  /// Seconds since 1970 by the system's clock.
  int64_t now_s = 0;
  bool clock_synchronised = false;
  bool thread_clock = false;
};

/// What the daemon shall be able to do.
struct demands {
  /// Live sessions; 0 for as many as there may be.
  uint32_t sessions = 0;
  uint32_t connections = 4096;
};

/// Looks at this machine, as this process finds it.
[[nodiscard]] machine_facts look_at_machine(const std::string& store,
                                            const std::string& libraries);

/// Judges a machine: one finding for each thing, always in the same order.
[[nodiscard]] std::vector<finding> examine(const machine_facts& machine,
                                           const demands& wanted);

} // namespace vmsystem
