#pragma once

#include <string>
#include <string_view>

namespace vmsystem {

/// How a result is shown to a person: a string in quotes, all else as its
/// preview.
/// @param type the name of the value's type.
/// @param preview the value's preview.
[[nodiscard]] std::string shown_value(std::string_view type,
                                      std::string_view preview);

/// The text of a value with colours for strings, numbers, names of functions
/// and so on, as escape sequences of a terminal.
[[nodiscard]] std::string coloured_value(std::string_view text);

/// `text` in the colour of errors.
[[nodiscard]] std::string coloured_error(std::string_view text);

/// `text` in the colour of what matters less.
[[nodiscard]] std::string dimmed(std::string_view text);

} // namespace vmsystem
