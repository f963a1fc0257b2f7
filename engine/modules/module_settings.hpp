#pragma once

#include "vmsystem/models/settings.hpp"

#include <string>
#include <vector>

namespace vmsystem::engine {

/// What scripts may do with files of their worktree.
struct file_grant {
  bool write = false;
  /// Files, and folders with all that is in them; relative to the worktree, in
  /// normal form. `.` is all of it.
  std::vector<std::string> paths{"."};
};

/// What the scripts of an image may load, and with what right.
struct module_settings {
  resolver_config resolver;

  /// Names of the host's modules that scripts may load, such as `fs`.
  std::vector<std::string> exposed;

  /// What the module `fs` may do: what any of them grants.
  std::vector<file_grant> files{{true, {"."}}};
};

} // namespace vmsystem::engine
