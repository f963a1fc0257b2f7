#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace vmsystem {

/// Lays out `--help` like a manual page of at most 80 columns. The first line
/// of an application's description is its summary; the rest is the text of
/// DESCRIPTION. The footer is the text of EXAMPLE.
class manual_formatter : public CLI::FormatterBase {
public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
};

/// What a command does, in a line.
[[nodiscard]] std::string summary_of(const CLI::App& app);

/// The name of a command's manual page: `vm-system-exec-repl`.
[[nodiscard]] std::string manual_page_name(const CLI::App& app);

/// What `--help` says, as a source of man(1).
[[nodiscard]] std::string manual_page(const CLI::App& app);

/// The commands right below this one.
[[nodiscard]] std::vector<const CLI::App*> commands_of(const CLI::App& app);

/// What begins with `-`, for this command alone.
[[nodiscard]] std::vector<const CLI::Option*> flags_of(const CLI::App& app);

} // namespace vmsystem
