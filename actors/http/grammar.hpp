#pragma once

#include <string_view>

namespace vmsystem::http {

/// Whether `c` can stand in a token, such as a field's name.
[[nodiscard]] bool is_token_char(char c) noexcept;

/// Whether `text` can stand in a field's value: no control characters but
/// tabs.
[[nodiscard]] bool is_field_text(std::string_view text) noexcept;

/// Whether `line` is `name: value` with a token as name and nothing between it
/// and the colon; a continuation line is not.
[[nodiscard]] bool is_field_line(std::string_view line) noexcept;

/// Whether `text` can be the value of `Host`.
[[nodiscard]] bool is_host(std::string_view text) noexcept;

/// Whether `text` has 1 to 128 visible ASCII characters, so that it can be
/// given back as `X-Request-Id`.
[[nodiscard]] bool is_request_id(std::string_view text) noexcept;

/// Whether `text` is `wanted`, which is in lower case, in any case.
[[nodiscard]] bool equals_any_case(std::string_view text,
                                   std::string_view wanted) noexcept;

} // namespace vmsystem::http
