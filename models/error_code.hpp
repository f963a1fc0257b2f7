#pragma once

#include "vmsystem/models/enum_names.hpp"

#include <cstdint>
#include <string_view>

namespace vmsystem {

/// What can go wrong, as clients see it. Values travel between processes:
/// append, never reorder. The table in `error_table()` says the rest.
enum class ec : uint8_t {
  /// No error; required by CAF to be 0.
  none = 0,
  validation_error = 1,
  invalid_request = 2,
  unauthorized = 3,
  forbidden = 4,
  not_found = 5,
  template_not_found = 6,
  session_not_found = 7,
  execution_not_found = 8,
  batch_not_found = 9,
  file_not_found = 10,
  method_not_allowed = 11,
  session_not_ready = 12,
  session_busy = 13,
  template_exists = 14,
  capability_exists = 15,
  startup_file_exists = 16,
  idempotency_conflict = 17,
  payload_too_large = 18,
  uri_too_long = 19,
  headers_too_large = 20,
  invalid_path = 21,
  output_limit_exceeded = 22,
  startup_mode_unsupported = 23,
  startup_failed = 24,
  module_not_allowed = 25,
  library_not_found = 26,
  engine_unsupported = 27,
  worktree_not_found = 28,
  too_many_requests = 29,
  overloaded = 30,
  internal = 31,
  capability_not_found = 32,
  startup_file_not_found = 33,
  library_failed = 34,
};

/// One row of the error table.
struct error_row {
  ec code;
  /// The name in the envelope, such as `SESSION_BUSY`.
  std::string_view name;
  /// The HTTP status.
  uint16_t status;
  /// When it happens, for the documents.
  std::string_view when;
};

/// All rows, one for each code but `none`, in the order of the codes.
struct error_rows {
  const error_row* first;
  const error_row* last;
  [[nodiscard]] const error_row* begin() const noexcept {
    return first;
  }
  [[nodiscard]] const error_row* end() const noexcept {
    return last;
  }
};

/// The one error table: code -> name -> HTTP status -> meaning.
[[nodiscard]] error_rows error_table() noexcept;

/// The row of `code`; `none` and unknown values give the row of `internal`.
[[nodiscard]] const error_row& row_of(ec code) noexcept;

/// The name in the envelope.
[[nodiscard]] std::string_view to_string_view(ec code) noexcept;

/// The code with this name; unknown names are `internal`.
[[nodiscard]] ec error_code_of(std::string_view name) noexcept;

} // namespace vmsystem
