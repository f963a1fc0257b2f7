#pragma once

#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/time.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vmsystem {

/// What one execution may use at most. Every value is at least 1.
struct limits_config {
  /// Processor time, in milliseconds.
  uint32_t cpu_ms = 2000;
  /// Time from the start of the script to its end, in milliseconds.
  uint32_t wall_ms = 5000;
  /// The JavaScript heap of the session, in MiB.
  uint32_t mem_mb = 128;
  /// Events, with the echo of the input and the value.
  uint32_t max_events = 50000;
  /// Bytes of all payloads that the script causes, in KiB.
  uint32_t max_output_kb = 256;
};

/// The largest limits that a template may ask for on this server.
struct limits_maximum {
  uint32_t cpu_ms = 600000;
  uint32_t wall_ms = 3600000;
  uint32_t mem_mb = 2048;
  uint32_t max_events = 1000000;
  uint32_t max_output_kb = 65536;
};

/// Where `require` and `import` look for files.
struct resolver_config {
  /// Folders of the worktree, in order; relative, in normal form.
  std::vector<std::string> roots{"."};
  /// Endings that are tried, in order; each begins with a dot.
  std::vector<std::string> extensions{".js", ".mjs"};
  /// Whether `/lib/x.js` means a file below the worktree's root.
  bool allow_absolute_repo_imports = true;
};

/// What the language looks like to a script.
struct runtime_config {
  /// Files that use `import` or `export` run as modules.
  bool esm = true;
  /// Scripts run in strict mode; libraries never do.
  bool strict = true;
  /// There is a `console`.
  bool console = true;
  /// Chance is the same in each session: it follows from `seed`.
  bool seeded = false;
  /// -(2^53-1) to 2^53-1.
  int64_t seed = 0;
  /// What the clock shows when a session's first script runs, from where it
  /// goes on; after 1970 and before 2262. Not set: the machine's clock.
  timestamp now;
};

/// The settings of one template.
struct template_settings {
  /// The template; `vm_id` in the document.
  template_id vm_id;
  limits_config limits;
  resolver_config resolver;
  runtime_config runtime;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, limits_config& x) {
  return f(x.cpu_ms, x.wall_ms, x.mem_mb, x.max_events, x.max_output_kb);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, resolver_config& x) {
  return f(x.roots, x.extensions, x.allow_absolute_repo_imports);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, runtime_config& x) {
  return f(x.esm, x.strict, x.console, x.seeded, x.seed, x.now);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, template_settings& x) {
  return f(x.vm_id, x.limits, x.resolver, x.runtime);
}

} // namespace vmsystem
