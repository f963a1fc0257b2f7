#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vmsystem {

/// Characters of a text in UTF-8, not bytes.
[[nodiscard]] std::size_t width_of(std::string_view text);

/// At most `width` characters of a text; dots stand for what is left out, where
/// there is room for them.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);

} // namespace vmsystem
