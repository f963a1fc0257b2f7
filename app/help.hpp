#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace vmsystem {

/// Lays out `--help` like a manual page of at most 80 columns. The first line
/// of an application's description is its summary; the rest is the text of
/// DESCRIPTION. The footer is the text of EXAMPLE.
class manual_formatter : public CLI::FormatterBase {
public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
};

} // namespace vmsystem
