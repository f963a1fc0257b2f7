#pragma once

#include "vmsystem/actors/http/access.hpp"
#include "vmsystem/models/failure.hpp"

#include <string>

namespace vmsystem {

/// Reads the tokens of a file. Errors: file_not_found, payload_too_large, or
/// validation_error, naming the file and the line.
[[nodiscard]] expected<http::access_list>
read_token_file(const std::string& path);

/// Adds a token to a file, which is made when it is missing. Errors: those of
/// `read_token_file`; validation_error for a name that is there already;
/// internal when it cannot be written.
[[nodiscard]] expected<void> add_to_token_file(const std::string& path,
                                               const http::access_token& added);

/// A new token: 32 random bytes as text. Errors: internal.
[[nodiscard]] expected<std::string> make_token();

} // namespace vmsystem
