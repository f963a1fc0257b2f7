#pragma once

#include "vmsystem/models/failure.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace vmsystem::http {

/// The methods that routes can have.
enum class method : uint8_t {
  get = 0,
  head = 1,
  post = 2,
  put = 3,
  remove = 4,
  options = 5,
  /// Any other token.
  other = 6,
};

/// The name of a method on the wire; `?` for `other`.
[[nodiscard]] std::string_view name_of(method x) noexcept;

/// The method with this name; names are case-sensitive.
[[nodiscard]] method method_of(std::string_view name) noexcept;

/// One request, complete but for a body that comes in pieces. The views are
/// valid only while it is handed over.
struct request {
  http::method verb = method::other;
  /// As it was sent: origin-form, absolute-form or `*`.
  std::string_view target;
  /// Whether the version is 1.1; it is 1.0 otherwise.
  bool http11 = true;
  /// Whether the client wants to send more on this connection.
  bool keep_alive = true;
  /// The name and port by which the client calls this server; may be empty for
  /// 1.0.
  std::string_view host;
  /// The site of the page that has the browser ask; empty for other clients.
  std::string_view origin;
  std::string_view authorization;
  /// The client's `X-Request-Id`, when it is usable; empty otherwise.
  std::string_view request_id;
  /// The values of all `Accept` fields, joined by commas.
  std::string_view accept;
  std::string_view content_type;
  /// The values of all `Prefer` fields, joined by commas.
  std::string_view prefer;
  /// The values of all `Idempotency-Key` fields, joined by commas.
  std::string_view idempotency_key;
  std::string_view last_event_id;
  std::string_view body;
  /// Whether the body is not here but comes in pieces.
  bool in_pieces = false;
};

/// An answer, without what the connection adds: `Date`, `X-Request-Id`,
/// `Content-Length` and `Connection`.
struct response {
  uint16_t status = 200;
  /// Not sent for 204 and in answers to HEAD.
  std::string_view body;
  /// Further header lines, each with its CRLF.
  std::string_view headers;
  std::string_view content_type = "application/json";
};

/// Why a request could not be read. The connection is closed behind it.
struct read_failure {
  uint16_t status = 400;
  failure reason;
};

/// What `append_response` needs to know beside the answer itself.
struct response_frame {
  /// Given back as `X-Request-Id`; empty makes a new one.
  std::string_view request_id;
  /// The value of `Date`; empty leaves it out.
  std::string_view date;
  /// Further header lines, each with its CRLF.
  std::string_view headers{};
  /// Whether the body is left out, but not its length.
  bool head_only = false;
  /// Whether this is the last answer of the connection.
  bool close = false;
  /// Whether the client speaks 1.0 and must be told that it may go on.
  bool announce_keep_alive = false;
};

/// Appends the answer as it goes over the wire.
void append_response(std::string& out, const response& x,
                     const response_frame& frame);

/// Appends the header of an answer whose body follows in parts; the body of
/// `x` is not looked at. A client that speaks 1.0 finds the end of the body
/// where the connection ends.
void append_stream_head(std::string& out, const response& x,
                        const response_frame& frame, bool chunked);

/// Appends `data`, which is not empty, as a chunk.
void append_chunk(std::string& out, std::string_view data);

/// What comes with 429 and 503: when it is worth another try, in seconds.
inline constexpr std::string_view retry_after_line = "Retry-After: 1\r\n";

/// What ends a body in chunks.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

/// The current time as in `Sun, 06 Nov 1994 08:49:37 GMT`.
[[nodiscard]] std::string http_date();

} // namespace vmsystem::http
