#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vmsystem {

/// What stands between two event documents of a chunk and of a served array.
inline constexpr std::string_view event_separator = ",\n";

/// Appends documents to an array whose end is still open.
void append_document(std::string& array, std::string_view documents);

/// How many event documents a chunk holds: one more than it has newlines, and
/// none when it is empty.
[[nodiscard]] uint32_t count_events(std::string_view chunk) noexcept;

/// Some consecutive event documents of a chunk, as they stand there.
struct event_slice {
  std::string_view text;
  uint32_t count = 0;
};

/// The events of `chunk` behind the first `skip`, at most `limit` of them; 0
/// means all.
[[nodiscard]] event_slice slice_events(std::string_view chunk, uint32_t skip,
                                       uint32_t limit) noexcept;

} // namespace vmsystem
