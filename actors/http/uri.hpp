#pragma once

#include "vmsystem/models/failure.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vmsystem::http {

/// The parts of a request target. Both are still percent-encoded.
struct target_parts {
  /// Begins with `/`, or is `*`.
  std::string_view path;
  /// Without the `?`.
  std::string_view query;
};

/// Splits a target in origin-form (`/a?b`), absolute-form (`http://h/a?b`) or
/// asterisk-form. Errors: invalid_request.
[[nodiscard]] expected<target_parts> split_target(std::string_view target);

/// What a plus sign means.
enum class plus_sign : bool {
  itself,
  space,
};

/// Decodes `%XX`. Nothing when an escape is incomplete or not hexadecimal, or
/// when the result is not UTF-8 or has a NUL.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text,
                                                        plus_sign plus);

/// The parameters of a query string, decoded.
class query_string {
public:
  /// Errors: invalid_request, for a malformed escape.
  [[nodiscard]] static expected<query_string> parse(std::string_view text);

  /// The value of the first parameter with this name; nothing when there is
  /// none or it is empty.
  [[nodiscard]] std::optional<std::string_view>
  find(std::string_view name) const;

  /// The name of the first parameter that is not among `known`, or stands
  /// there a second time.
  [[nodiscard]] std::optional<std::string_view>
  find_unknown(std::initializer_list<std::string_view> known) const;

private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

} // namespace vmsystem::http
