#pragma once

#include "vmsystem/app/json_value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

/// What may be completed: a name, or a property of what a chain of names leads
/// to.
struct completion_place {
  /// `["a", "b"]` for `a.b.c`; empty for a name.
  std::vector<std::string> path;
  /// What is typed of the name so far; may be empty behind a dot.
  std::string start;
};

/// @param text all that stands in front of the cursor.
/// @returns nothing where no name stands, as in a string.
[[nodiscard]] std::optional<completion_place>
completion_place_in(std::string_view text);

/// A script that gives the names which could stand there, at most 500, as an
/// array. It runs no getter and changes nothing.
/// @param own_last whether `_` is the session's last value: its getter is ours.
[[nodiscard]] std::string completion_script(const completion_place& place,
                                            bool own_last);

/// The names that such a script gave, sorted.
/// @param record of its execution.
[[nodiscard]] std::vector<std::string> completions_in(const json_value& record);

/// What all names begin with.
[[nodiscard]] std::string common_start(const std::vector<std::string>& names);

} // namespace vmsystem
