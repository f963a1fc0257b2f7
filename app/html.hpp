#pragma once

#include <string>
#include <string_view>

namespace vmsystem {

/// `text` without markup: what HTML would read as such, between tags and in
/// attributes with quotes of either kind, becomes a character reference.
/// Control characters stay as they are.
[[nodiscard]] std::string escape_markup(std::string_view text);

} // namespace vmsystem
