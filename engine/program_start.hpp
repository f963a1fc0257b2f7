#pragma once

#include <sys/types.h>

namespace vmsystem::engine {

/// How a program starts. All of it must live as long as the call.
struct program_start {
  /// Absolute.
  const char* path = nullptr;
  /// As `execve` takes them: with a null pointer at their end.
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  /// Descriptors of its standard input, outputs, and of its folder.
  int input = -1;
  int output = -1;
  int errors = -1;
  int folder = -1;
};

/// Starts a program as the leader of a process group that neither it nor
/// anything that it starts can leave: `setsid` and `setpgid` fail with `EPERM`
/// there, and programs with the set-user-ID bit gain no rights. It has no other
/// descriptors than the three, and no signal is blocked or ignored. Programs of
/// another architecture than this process's are killed.
/// @returns 0, or the number of the error as in `errno`.
[[nodiscard]] int start_program(const program_start& how, pid_t& to);

} // namespace vmsystem::engine
