#pragma once

#include <string_view>
#include <vector>

namespace vmsystem::engine::detail {

/// The texts of the files in `prelude/`, which are compiled in, in the order in
/// which they are evaluated. `values.js` says how.
[[nodiscard]] std::vector<std::string_view> prelude_sources();

} // namespace vmsystem::engine::detail
