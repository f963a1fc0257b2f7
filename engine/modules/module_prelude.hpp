#pragma once

#include <string_view>
#include <vector>

namespace vmsystem::engine::detail {

/// The texts of `realm.js`, which runs in the scripts' realm, and of the files
/// that run in the prelude's and make `require` and the host's modules of it.
[[nodiscard]] std::vector<std::string_view> module_prelude_sources();

} // namespace vmsystem::engine::detail
