#pragma once

#include "vmsystem/engine/guest.hpp"

#include <string_view>

namespace vmsystem::engine::detail {

/// `JS_ThrowTypeError` and its like.
using thrower = uint64_t (*)(Z_qw_instance_t*, uint32_t, uint32_t, uint32_t);

/// Throws an error of the scripts' realm. The engine cuts the text off after
/// 255 bytes. Inside of `enter` only, as all of these.
/// @returns the exception.
js_value throw_text(guest& owner, thrower kind, std::string_view text);

/// Makes an `Error` of the scripts' realm with the whole message, a `code` and
/// the script's stack.
/// @returns the error; an exception when there is no memory.
[[nodiscard]] js_value new_error(guest& owner, std::string_view message,
                                 std::string_view code);

/// Throws what `new_error` makes.
/// @returns the exception.
js_value throw_error(guest& owner, std::string_view message,
                     std::string_view code);

} // namespace vmsystem::engine::detail
