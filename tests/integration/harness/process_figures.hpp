#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include <sys/types.h>

namespace vmsystem::test {

// What the kernel knows of a running process. All of it throws
// `std::runtime_error` when there is none.

/// Resident memory in KiB, now.
[[nodiscard]] std::size_t resident_kb(pid_t process);

/// Resident memory in KiB that belongs to no file, now.
[[nodiscard]] std::size_t anonymous_kb(pid_t process);

/// Resident memory in KiB at its largest.
[[nodiscard]] std::size_t peak_resident_kb(pid_t process);

[[nodiscard]] std::size_t threads_of(pid_t process);

[[nodiscard]] std::size_t descriptors_of(pid_t process);

/// Those of its descriptors that are files below a folder.
[[nodiscard]] std::size_t descriptors_of(pid_t process,
                                         const std::string& folder);

/// Processor time of user and system.
[[nodiscard]] std::chrono::milliseconds cpu_time_of(pid_t process);

/// Lets this process, and those that it starts, have so many descriptors.
/// Throws `std::runtime_error` that says what to do when it may not.
void need_descriptors(std::size_t count);

} // namespace vmsystem::test
