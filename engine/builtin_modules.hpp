#pragma once

#include <string_view>
#include <vector>

namespace vmsystem::engine {

/// The CommonJS text of a module that every template has without being
/// configured, such as `path`; scripts load it with `require` or `import`.
/// @param name without the prefix `node:`.
/// @returns the text, which lives as long as the program; empty when there is
///          no such module.
[[nodiscard]] std::string_view
builtin_module_source(std::string_view name) noexcept;

/// The names of all of them.
[[nodiscard]] const std::vector<std::string_view>& builtin_module_names();

} // namespace vmsystem::engine
