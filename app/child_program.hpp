#pragma once

#include "vmsystem/models/failure.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace vmsystem {

/// What a program left that ran to its end.
struct program_result {
  /// Its exit status, or 128 plus the signal that ended it.
  int status = 0;
  std::string out;
  /// The first 64 KiB of what it wrote to stderr.
  std::string err;
};

/// Runs a program to its end, without a shell, with our environment and without
/// input.
/// @param arguments the program, looked for in PATH, and what it is given.
/// @param folder where it runs.
/// @param max_bytes of stdout: a program that writes more is killed.
/// Errors: file_not_found when it cannot be started; payload_too_large;
/// internal.
[[nodiscard]] expected<program_result>
run_program(const std::vector<std::string>& arguments,
            const std::string& folder, std::size_t max_bytes);

} // namespace vmsystem
