#pragma once

#include "vmsystem/models/execution.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/session.hpp"
#include "vmsystem/models/settings.hpp"
#include "vmsystem/models/template.hpp"

#include <array>
#include <string>
#include <string_view>

namespace vmsystem {

/// Longest name of a template, capability, module or library, in bytes.
inline constexpr std::size_t max_name_bytes = 256;

/// Longest path, in bytes.
inline constexpr std::size_t max_path_bytes = 4096;

/// The native modules of the host that a template may expose.
inline constexpr std::array<std::string_view, 3> native_modules{"database",
                                                                "exec", "fs"};

/// The path without `.` and empty segments, relative to the worktree. Errors:
/// validation_error when it is empty; invalid_path for an absolute path, a
/// `..` segment, a NUL byte, a folder, or one that is too long.
[[nodiscard]] expected<std::string> normal_path(std::string_view path);

/// Checks a name. Errors: validation_error.
[[nodiscard]] expected<void> check_name(std::string_view what,
                                        std::string_view name);

/// Checks the engine's name; empty stands for `quickjs`. Errors:
/// engine_unsupported.
[[nodiscard]] expected<void> check_engine(std::string_view engine);

/// Checks a native module's name. Errors: module_not_allowed.
[[nodiscard]] expected<void> check_module(std::string_view name);

/// Checks limits against 1 and the server's maximum. Errors:
/// validation_error, naming the first field that is out of bounds.
[[nodiscard]] expected<void> check_limits(const limits_config& limits,
                                          const limits_maximum& maximum);

/// Checks roots and extensions. Errors: validation_error, invalid_path.
[[nodiscard]] expected<void> check_resolver(const resolver_config& resolver);

/// Checks what a request carries into a record, whoever sent it: texts that are
/// UTF-8, arguments and environment that are JSON objects or absent. Errors:
/// invalid_request.
[[nodiscard]] expected<void> check_request(const execution_request& request);

/// Checks that all fields are there and no longer than they may be. Errors:
/// validation_error.
[[nodiscard]] expected<void> check_session(const session_spec& spec);

/// Merges `{"limits"?,"resolver"?,"runtime"?}` field by field. `settings` is
/// unchanged when it fails. Errors: invalid_request, validation_error.
[[nodiscard]] expected<void> merge_settings(template_settings& settings,
                                            std::string_view patch,
                                            const limits_maximum& maximum);

} // namespace vmsystem
