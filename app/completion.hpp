#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace vmsystem {

/// A script for bash that completes the commands and flags of a program, the
/// values of flags that have few, and names of files elsewhere.
[[nodiscard]] std::string bash_completion(const CLI::App& root);

} // namespace vmsystem
