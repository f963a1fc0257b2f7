#pragma once

#include "vmsystem/models/failure.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace vmsystem {

/// Writes a file so that nobody ever sees a part of it: under another name in
/// the same folder first, and flushed to the disk before it takes the name.
/// Errors: internal, naming the file.
[[nodiscard]] expected<void> write_whole_file(const std::string& path,
                                              std::string_view bytes);

/// Reads a file. Errors: file_not_found with the reason; payload_too_large when
/// it has more than `max_bytes`.
[[nodiscard]] expected<std::string> read_whole_file(const std::string& path,
                                                    std::size_t max_bytes);

} // namespace vmsystem
