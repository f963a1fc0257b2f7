#pragma once

#include "vmsystem/app/client.hpp"
#include "vmsystem/app/command.hpp"
#include "vmsystem/app/json_value.hpp"
#include "vmsystem/models/failure.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

// Everything that is printed goes through these functions, to stdout unless
// they say otherwise.

/// Prints a line.
void print_line(std::string_view line);

/// Prints a line to stderr, behind what stdout has so far.
void print_error_line(std::string_view line);

/// Prints an object for people: a line `name: value` for each field, objects
/// and arrays of objects indented below their name.
void print_object(const json_value& object);

/// One column of a table: its heading, and the field that it shows; the field
/// of an inner object as `metrics.wall_ms`.
struct column {
  std::string_view heading;
  std::string_view field;
};

/// Prints an array of objects as a table. The last column is cut where it is
/// longer than a line of a terminal.
void print_table(const json_value& array, const std::vector<column>& columns);

/// `text` without what a terminal would obey: control characters become
/// escapes.
[[nodiscard]] std::string printable(std::string_view text);

/// Prints an error to stderr as `vm-system: CODE: message`.
exit_code print_error(std::string_view code, std::string_view message);
exit_code print_error(const request_error& error);
exit_code print_error(const failure& error);

/// Prints to stderr that the command line is wrong.
exit_code print_usage_error(std::string_view message);

/// Hands everything to the kernel.
/// @returns `so_far`, or `request_failed` when stdout did not take it all.
[[nodiscard]] exit_code finish_output(exit_code so_far);

} // namespace vmsystem
