#pragma once

#include "vmsystem/models/settings.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace vmsystem::engine {

/// What scripts may do with files of their worktree.
struct file_grant {
  bool write = false;
  /// Files, and folders with all that is in them; relative to the worktree, in
  /// normal form. `.` is all of it.
  std::vector<std::string> paths{"."};
};

/// What the module `exec` may run, and within which bounds.
struct program_grant {
  /// Absolute paths, and bare names that are looked up in `/usr/local/bin`,
  /// `/usr/bin` and `/bin`. Scripts name a program as it stands here.
  std::vector<std::string> programs;

  /// Names and values of what programs find in their environment: nothing else
  /// is there.
  std::vector<std::pair<std::string, std::string>> environment;

  /// Time that a program may take, within the execution's own limits.
  std::chrono::milliseconds timeout{std::chrono::hours{24}};

  /// Most bytes that a program may write, to both outputs together.
  std::size_t max_output_bytes = 1u << 20;
};

/// Bound of `program_grant::max_output_bytes`.
inline constexpr std::size_t max_program_output_bytes = 64u << 20;

/// What the scripts of an image may load, and with what right.
struct module_settings {
  resolver_config resolver;

  /// Names of the host's modules that scripts may load, such as `fs`.
  std::vector<std::string> exposed;

  /// What the module `fs` may do: what any of them grants.
  std::vector<file_grant> files{{true, {"."}}};

  /// Whether the host runs programs at all: if not, `exec` cannot be loaded.
  bool allow_exec = false;

  /// What the module `exec` may do.
  program_grant programs;
};

} // namespace vmsystem::engine
