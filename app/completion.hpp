#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace vmsystem {

/// Scripts that have a shell complete the commands and flags of a program, the
/// values of flags that have few, and names of files elsewhere. All of them are
/// made of `completion_table_of`.
[[nodiscard]] std::string bash_completion(const CLI::App& root);
[[nodiscard]] std::string fish_completion(const CLI::App& root);
[[nodiscard]] std::string zsh_completion(const CLI::App& root);

} // namespace vmsystem
