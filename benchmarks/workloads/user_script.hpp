#pragma once

#include "vmsystem/benchmarks/harness/context.hpp"
#include "vmsystem/benchmarks/harness/figure.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/json_text.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace vmsystem::bench {

/// A script of the user's own. Its folder is the worktree.
struct user_script {
  std::filesystem::path file;
  /// A file with a JSON object: the fields of `PUT .../settings`, and
  /// `startup_files`, an array of what `POST .../startup-files` takes. Empty:
  /// the default settings.
  std::filesystem::path template_file;
  /// An object for the script's `__ARGS__`; may be absent.
  json_text args;
  /// Executions at a time; at least 1.
  uint32_t in_flight = 1;
};

/// How the script did.
struct script_report {
  figures measured;
  /// How many executions ended in which way, warm-up included: a line for each
  /// way to run it.
  std::string summary;
  /// How the first execution ended that did not end well, and what it said.
  /// Empty when all ended well.
  std::string first_error;
};

/// Runs the script as durable executions, each in a new session that is closed
/// afterwards, and then in sessions that live on. Errors: file_not_found,
/// those of the template, the sessions and the store. A script that throws or
/// hits a limit is no error of this.
[[nodiscard]] expected<script_report> run_user_script(context& run,
                                                      const user_script& what);

} // namespace vmsystem::bench
