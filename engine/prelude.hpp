#pragma once

#include <string_view>

namespace vmsystem::engine::detail {

/// The text of `prelude.js`, which is compiled in.
[[nodiscard]] std::string_view prelude_source() noexcept;

} // namespace vmsystem::engine::detail
