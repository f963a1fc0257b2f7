#pragma once

#include "vmsystem/app/command.hpp"
#include "vmsystem/app/config.hpp"
#include "vmsystem/app/json_value.hpp"

namespace vmsystem {

/// Prints an execution: id, status, result or error, an empty line and the
/// events; as JSON, one object with `execution` and `events`.
/// @returns `script_failed` when it did not end well.
exit_code print_execution(const json_value& execution, const json_value& events,
                          const global_options& options);

/// Prints a line `[seq] type: payload` for each event.
void print_events(const json_value& events);

/// Prints the line of a console event as it is: to stderr what
/// `console.warn` and `console.error` print, to stdout the rest. Does nothing
/// for other events.
void print_console(const json_value& event);

/// Whether it ended well.
[[nodiscard]] exit_code exit_code_of(const json_value& execution);

} // namespace vmsystem
