#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vmsystem::engine::detail {

/// Appends text from the guest as valid UTF-8: what is no character, also a
/// lone surrogate, becomes U+FFFD. Appends at most `max_bytes`, and never half
/// a character.
void append_valid_utf8(std::string& out, std::string_view text,
                       std::size_t max_bytes);

/// Cuts `text` to at most `max_bytes`, at the border of a character.
void truncate_utf8(std::string& text, std::size_t max_bytes);

} // namespace vmsystem::engine::detail
