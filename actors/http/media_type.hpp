#pragma once

#include <cstdint>
#include <string_view>

namespace vmsystem::http {

inline constexpr std::string_view json_type = "application/json";
inline constexpr std::string_view ndjson_type = "application/x-ndjson";
inline constexpr std::string_view event_stream_type = "text/event-stream";

/// Whether the value of `Content-Type` is `wanted`, which is in lower case,
/// with whatever parameters.
[[nodiscard]] bool is_media_type(std::string_view content_type,
                                 std::string_view wanted) noexcept;

/// The weight that the value of `Accept` gives to `wanted`, which is in lower
/// case, in thousandths. 0 when it does not name it: ranges such as `*/*` do
/// not count.
[[nodiscard]] uint16_t weight_of(std::string_view accept,
                                 std::string_view wanted) noexcept;

/// Whether the client asks for `wanted` and does not like JSON better. Whoever
/// names neither gets JSON.
[[nodiscard]] bool prefers(std::string_view accept,
                           std::string_view wanted) noexcept;

/// Whether the value of `Prefer` has the preference `wanted`, which is in lower
/// case, with whatever parameters.
[[nodiscard]] bool has_preference(std::string_view prefer,
                                  std::string_view wanted) noexcept;

} // namespace vmsystem::http
