#include "vmsystem/app/doctor.hpp"

#include "vmsystem/actors/process_bounds.hpp"

#include <limits>
#include <utility>

namespace vmsystem {

namespace {

constexpr uint64_t mebibyte = uint64_t{1} << 20;

/// What a store cannot do without: its write-ahead log and one table.
constexpr uint64_t least_free_bytes = 64 * mebibyte;

/// What lasts for some time.
constexpr uint64_t good_free_bytes = 1024 * mebibyte;

/// 2024-01-01: this program is younger.
constexpr int64_t earliest_now_s = 1704067200;

using std::to_string;

finding fine(std::string_view name, std::string message) {
  return {name, verdict::ok, std::move(message), {}};
}

/// @param otherwise how bad it is when it is not there.
finding feature(std::string_view name, bool there, verdict otherwise,
                std::string message, std::string without, std::string advice) {
  if (there)
    return fine(name, std::move(message));
  return {name, otherwise, std::move(without), std::move(advice)};
}

finding check_sessions(const machine_facts& machine, const demands& wanted) {
  constexpr std::string_view name = "vm.max_map_count";
  if (!machine.max_map_count)
    return {name, verdict::warn, "/proc/sys/vm/max_map_count cannot be read",
            "let the daemon see /proc/sys (ProcSubset=all), or give serve "
            "--max-sessions"};
  const auto count = *machine.max_map_count;
  const auto sessions = session_bound(count);
  const auto text
    = to_string(count) + ": " + to_string(sessions) + " live sessions";
  if (sessions >= wanted.sessions && sessions >= 100)
    return fine(name, text);
  const auto more = wanted.sessions > 0 ? wanted.sessions : 20000;
  return {name, wanted.sessions > sessions ? verdict::fail : verdict::warn,
          text,
          session_bound(std::numeric_limits<uint64_t>::max()) < more
            ? "one process has no room for so many: run several"
            : "sysctl -w vm.max_map_count=" + to_string(map_count_for(more))};
}

finding check_overcommit(const machine_facts& machine) {
  constexpr std::string_view name = "vm.overcommit_memory";
  if (machine.overcommit != 2)
    return fine(name, machine.overcommit ? to_string(*machine.overcommit)
                                         : "unknown");
  return {name, verdict::warn,
          "2: the kernel counts memory that sessions share as if they did not",
          "sysctl -w vm.overcommit_memory=0"};
}

finding check_files(const machine_facts& machine, const demands& wanted) {
  constexpr std::string_view name = "open files";
  const auto least = uint64_t{wanted.connections} + reserved_descriptors;
  const auto text = to_string(machine.max_files);
  if (machine.max_files >= least)
    return fine(name, text);
  return {
    name,
    machine.max_files < reserved_descriptors ? verdict::fail : verdict::warn,
    text + ": fewer than " + to_string(wanted.connections) + " connections",
    "ulimit -n " + to_string(least) + ", or LimitNOFILE= of the service"};
}

finding check_core_dumps(const machine_facts& machine) {
  constexpr std::string_view name = "core dumps";
  if (machine.max_core_bytes == 0)
    return fine(name, "none");
  return {name, verdict::warn,
          "a crash writes the memory of all sessions to \""
            + machine.core_pattern + '"',
          "ulimit -c 0, or LimitCORE=0 of the service"};
}

finding check_huge_pages(const machine_facts& machine) {
  constexpr std::string_view name = "huge pages";
  if (machine.huge_pages.find("[always]") == std::string::npos)
    return fine(name, machine.huge_pages.empty() ? "none" : machine.huge_pages);
  return {name, verdict::warn,
          "always: sessions may take 2 MiB where they need 4 KiB",
          "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"};
}

finding check_store(const folder_facts& store) {
  constexpr std::string_view name = "store";
  if (!store.writable)
    return {name, verdict::fail, store.path + " cannot be written to",
            "give --db a folder that this user may write to"};
  const auto text = store.path + (store.exists ? "" : " (to be made)") + ": "
                    + to_string(store.free_bytes / mebibyte) + " MiB free";
  if (store.free_bytes >= good_free_bytes)
    return fine(name, text);
  return {name,
          store.free_bytes < least_free_bytes ? verdict::fail : verdict::warn,
          text,
          "free at least " + to_string(good_free_bytes / mebibyte)
            + " MiB, or give --db a folder on another disk"};
}

finding check_libraries(const folder_facts& libraries) {
  constexpr std::string_view name = "library cache";
  if (!libraries.exists)
    return fine(name, libraries.path
                        + " is not there: no template can have libraries");
  if (libraries.readable)
    return fine(name, libraries.path);
  return {name, verdict::fail, libraries.path + " cannot be read",
          "give --library-cache a folder that this user may read"};
}

finding check_clock(const machine_facts& machine) {
  constexpr std::string_view name = "clock";
  if (machine.now_s < earliest_now_s)
    return {name, verdict::fail,
            "it is before 2024: records and ids would be out of order",
            "set the clock"};
  if (!machine.thread_clock)
    return {name, verdict::fail,
            "the processor time of a thread cannot be told, and cpu_ms not "
            "kept",
            "another kernel"};
  if (machine.clock_synchronised)
    return fine(name, "synchronised");
  return {name, verdict::warn, "not synchronised with others",
          "timedatectl set-ntp true, or chrony"};
}

} // namespace

std::vector<finding> examine(const machine_facts& machine,
                             const demands& wanted) {
  return {
    feature("openat2", machine.openat2, verdict::fail,
            "the kernel keeps paths in worktrees", "no file can be read",
            "Linux 5.6 or newer, and nothing that filters the call "
            "(RestrictSUIDSGID= of a service does)"),
    feature("memfd_create", machine.sealed_memory, verdict::fail,
            "images of sessions can be sealed", "no session can be made",
            "a kernel with CONFIG_MEMFD_CREATE, and nothing that filters the "
            "call"),
    feature("address space", machine.address_space, verdict::fail,
            "a session's 4 GiB can be reserved", "no session can be made",
            "ulimit -v unlimited, and vm.overcommit_memory other than 2"),
    feature(
      "pagemap", machine.pagemap, verdict::warn,
      "the pages that a script wrote can be found",
      "/proc/self/pagemap cannot be read: jobs in pristine copies are slow",
      "mount /proc, and let the daemon see itself there"),
    check_sessions(machine, wanted),
    check_overcommit(machine),
    check_files(machine, wanted),
    check_core_dumps(machine),
    feature(
      "seccomp", machine.seccomp, verdict::warn,
      "the kernel can filter system calls",
      "the kernel cannot filter system calls, as the service's unit wants",
      "a kernel with CONFIG_SECCOMP_FILTER"),
    check_huge_pages(machine),
    check_store(machine.store),
    check_libraries(machine.libraries),
    check_clock(machine),
  };
}

} // namespace vmsystem
