#pragma once

#include "vmsystem/models/failure.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem::engine {

/// A program that a script runs.
struct program_call {
  /// Absolute. It is run as it is, by no shell.
  std::string path;
  /// Behind the first one, which is `path`.
  std::vector<std::string> arguments;
  /// `NAME=value`; the program sees nothing else.
  std::vector<std::string> environment;
  /// What it reads from its standard input.
  std::string_view input;
  /// Descriptor of the folder that it runs in.
  int folder = -1;
  /// Time that it may take.
  std::chrono::milliseconds timeout{30000};
  /// Most bytes that it may write, to both outputs together.
  std::size_t max_output_bytes = 1u << 20;
  /// Whether it has to stop: asked about every 10 ms. May be empty.
  std::function<bool()> stop;
};

/// How a program ended.
enum class program_end : uint8_t {
  exited = 0,
  /// By a signal that was none of ours.
  signalled = 1,
  timed_out = 2,
  wrote_too_much = 3,
  stopped = 4,
};

/// What a program left.
struct program_result {
  program_end end = program_end::exited;
  /// The exit code, or the signal's number.
  int code = 0;
  std::string output;
  std::string errors;
};

/// Runs a program to its end, and kills it with all of its process group when
/// it exceeds a limit. What it started is killed too when it ends: nothing
/// leaves the group, see `start_program`. Blocks.
/// Errors: file_not_found when there is no such program; validation_error for
/// a NUL in an argument; invalid_path when it may not be run;
/// payload_too_large for arguments beyond the system's bounds; internal.
[[nodiscard]] expected<program_result> run_program(const program_call& call);

} // namespace vmsystem::engine
