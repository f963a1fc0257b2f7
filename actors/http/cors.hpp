#pragma once

#include "vmsystem/models/failure.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace vmsystem::http {

/// Reads an origin as browsers send it, such as `https://example.org:8443`, in
/// lower case. Errors: validation_error, for other texts, `*` and `null`.
[[nodiscard]] expected<std::string> read_origin(std::string_view text);

/// Whether `origin` is one of `allowed`, which are in lower case.
[[nodiscard]] bool is_allowed_origin(std::string_view origin,
                                     const std::vector<std::string>& allowed);

/// The header lines by which pages of an allowed origin may read an answer.
[[nodiscard]] std::string cors_lines(std::string_view origin);

/// The further lines for the question what such pages may send.
/// @param methods those of the route.
[[nodiscard]] std::string preflight_lines(std::string_view methods);

/// The line by which caches keep answers to different origins apart.
inline constexpr std::string_view vary_line = "Vary: Origin\r\n";

} // namespace vmsystem::http
