#pragma once

#include "vmsystem/app/client.hpp"
#include "vmsystem/app/command.hpp"
#include "vmsystem/app/config.hpp"
#include "vmsystem/app/output.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/json_text.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

// One function for each group of commands. `options` must outlive the command
// line; its values are those of the flags when a command runs.

void add_template_commands(command root, const global_options& options);
void add_session_commands(command root, const global_options& options);
void add_exec_commands(command root, const global_options& options);
void add_ops_commands(command root, const global_options& options);
void add_serve_command(command root, const global_options& options);
void add_run_command(command root, const global_options& options);
void add_repl_command(command root, const global_options& options);
void add_libs_commands(command root, const global_options& options);
void add_batch_commands(command root, const global_options& options);
void add_token_commands(command root);
void add_db_commands(command root, const global_options& options);
void add_top_command(command root, const global_options& options);
void add_doctor_command(command root, const global_options& options);

/// What tells of all commands of `program`, which must outlive it.
void add_documentation_commands(command_line& program);

/// `batch run`, below the group.
void add_batch_run_command(command group, const global_options& options);

/// Shows what a server answered: the error, or the document as JSON, or what
/// `print_text` makes of it.
template <class PrintText>
exit_code show(const answer<json_value>& answered,
               const global_options& options, PrintText print_text) {
  if (!answered)
    return print_error(answered.error());
  if (options.format() == output_format::json)
    print_line(answered.value().raw());
  else
    print_text(answered.value());
  return exit_code::ok;
}

/// The value of a flag that holds JSON, such as `--args`. Errors:
/// validation_error, naming the flag.
[[nodiscard]] expected<json_text> json_of_flag(std::string_view flag,
                                               const std::string& text);

/// A JSON object of `KEY=VALUE` pairs; values that are JSON stay what they
/// are, others are strings. Errors: validation_error, naming the flag.
[[nodiscard]] expected<json_text>
json_of_pairs(std::string_view flag, const std::vector<std::string>& pairs);

} // namespace vmsystem
