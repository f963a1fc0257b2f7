#include "vmsystem/models/error_code.hpp"

#include <array>

namespace vmsystem {

namespace {

constexpr std::array rows{
  error_row{ec::validation_error, "VALIDATION_ERROR", 400,
            "a required field is missing or empty, a malformed id, a bad "
            "query parameter"},
  error_row{ec::invalid_request, "INVALID_REQUEST", 400,
            "malformed JSON or HTTP, an unknown field, a wrong type"},
  error_row{ec::unauthorized, "UNAUTHORIZED", 401,
            "the token is missing or wrong"},
  error_row{ec::forbidden, "FORBIDDEN", 403, "the token lacks the scope"},
  error_row{ec::not_found, "NOT_FOUND", 404, "there is no such route"},
  error_row{ec::template_not_found, "TEMPLATE_NOT_FOUND", 404,
            "there is no template with this id"},
  error_row{ec::session_not_found, "SESSION_NOT_FOUND", 404,
            "there is no session with this id, or it is not live"},
  error_row{ec::execution_not_found, "EXECUTION_NOT_FOUND", 404,
            "there is no execution with this id"},
  error_row{ec::batch_not_found, "BATCH_NOT_FOUND", 404,
            "there is no batch with this id"},
  error_row{ec::file_not_found, "FILE_NOT_FOUND", 404,
            "the file to run, or a startup file, is not in the worktree"},
  error_row{ec::method_not_allowed, "METHOD_NOT_ALLOWED", 405,
            "the route has other methods; `Allow` names them"},
  error_row{ec::session_not_ready, "SESSION_NOT_READY", 409,
            "the session's status is not `ready`"},
  error_row{ec::session_busy, "SESSION_BUSY", 409,
            "an execution is running and the request does not wait"},
  error_row{ec::template_exists, "TEMPLATE_EXISTS", 409,
            "a template with this name exists"},
  error_row{ec::capability_exists, "CAPABILITY_EXISTS", 409,
            "the template has a capability of this kind and name"},
  error_row{ec::startup_file_exists, "STARTUP_FILE_EXISTS", 409,
            "the template has a startup file with this path"},
  error_row{ec::idempotency_conflict, "IDEMPOTENCY_CONFLICT", 409,
            "the idempotency key is in flight, or was used with another body"},
  error_row{ec::payload_too_large, "PAYLOAD_TOO_LARGE", 413,
            "the body, or the file to run, is larger than the server takes"},
  error_row{ec::uri_too_long, "URI_TOO_LONG", 414,
            "the request target is too long"},
  error_row{ec::headers_too_large, "HEADERS_TOO_LARGE", 431,
            "the headers are too many or too long"},
  error_row{ec::invalid_path, "INVALID_PATH", 422,
            "an absolute path, `..`, or a symlink that leaves the worktree"},
  error_row{ec::output_limit_exceeded, "OUTPUT_LIMIT_EXCEEDED", 422,
            "more events or output than the limits allow; the execution was "
            "stopped there and is recorded"},
  error_row{ec::startup_mode_unsupported, "STARTUP_MODE_UNSUPPORTED", 422,
            "a startup mode other than `eval`"},
  error_row{ec::startup_failed, "STARTUP_FAILED", 422,
            "a startup file threw or hit a limit; the session is recorded "
            "`crashed`"},
  error_row{ec::module_not_allowed, "MODULE_NOT_ALLOWED", 422,
            "a JavaScript built-in, an unknown native module, or one that "
            "this server forbids"},
  error_row{
    ec::library_not_found, "LIBRARY_NOT_FOUND", 422,
    "the library is neither in the catalogue nor in the cache, or its file "
    "is not the one that was put there"},
  error_row{ec::engine_unsupported, "ENGINE_UNSUPPORTED", 422,
            "an engine other than `quickjs` and its alias `goja`"},
  error_row{ec::worktree_not_found, "WORKTREE_NOT_FOUND", 422,
            "the worktree path is not an existing absolute directory"},
  error_row{ec::too_many_requests, "TOO_MANY_REQUESTS", 429,
            "a queue of this client or session is full, or a limit of the "
            "token is reached; see `Retry-After`"},
  error_row{ec::overloaded, "OVERLOADED", 503,
            "a queue of the server is full, or it drains; see `Retry-After`"},
  error_row{ec::internal, "INTERNAL", 500,
            "everything else, with the reason; never something that a client "
            "caused"},
  error_row{ec::capability_not_found, "CAPABILITY_NOT_FOUND", 404,
            "the template has no capability with this id"},
  error_row{ec::startup_file_not_found, "STARTUP_FILE_NOT_FOUND", 404,
            "the template has no startup file with this id"},
  error_row{ec::library_failed, "LIBRARY_FAILED", 422,
            "a library threw or exceeded a bound while it was loaded, or did "
            "not set its global"},
};

constexpr bool in_code_order() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (static_cast<std::size_t>(rows[i].code) != i + 1)
      return false;
  return true;
}

static_assert(in_code_order(), "row_of() indexes the table by the code");

} // namespace

error_rows error_table() noexcept {
  return {rows.data(), rows.data() + rows.size()};
}

const error_row& row_of(ec code) noexcept {
  auto index = static_cast<std::size_t>(code);
  if (index == 0 || index > rows.size())
    index = static_cast<std::size_t>(ec::internal);
  return rows[index - 1];
}

std::string_view to_string_view(ec code) noexcept {
  return row_of(code).name;
}

ec error_code_of(std::string_view name) noexcept {
  for (const auto& row : rows)
    if (row.name == name)
      return row.code;
  return ec::internal;
}

} // namespace vmsystem
