#pragma once

#include "vmsystem/benchmarks/harness/context.hpp"
#include "vmsystem/benchmarks/workloads/user_script.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace vmsystem::bench {

/// What the command line asks for.
struct arguments {
  bench_options options;
  /// Names of workloads and groups; empty: all, or none beside a script.
  std::vector<std::string> only;
  bool list = false;
  /// Its file is empty when none is to be measured.
  user_script script;
  /// Files to write; empty: none.
  std::filesystem::path json_file;
  std::filesystem::path html_file;
  /// The run to compare with; empty: none.
  std::filesystem::path baseline_file;
  /// How many times worse than the baseline a figure may be; at least 1.
  double factor = 1.5;
};

/// Adds the flags to `app`, whose parsing fills `to`, which must live as long.
void describe(CLI::App& app, arguments& to);

} // namespace vmsystem::bench
