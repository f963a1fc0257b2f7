#pragma once

#include "vmsystem/app/private_session.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/json_text.hpp"

#include <string>

namespace vmsystem {

/// One file to run in a runtime of its own.
struct single_run_request {
  /// Any path; the worktree is its folder.
  std::string file;
  /// What the session is made of; its worktree counts for nothing.
  private_setup setup;
  /// JSON objects for the script's `__ARGS__` and `__ENV__`; may be absent.
  json_text args;
  json_text env;
};

/// What is left of it.
struct single_run_result {
  /// The record.
  json_text execution;
  /// The events, an array.
  json_text events;
};

/// Runs the file with a store in memory. Blocks until it is over, at most as
/// long as the limits allow. Errors: file_not_found, and those of the catalogue
/// and the supervisor.
[[nodiscard]] expected<single_run_result>
single_run(const single_run_request& request);

} // namespace vmsystem
