#pragma once

#include "vmsystem/app/json_value.hpp"
#include "vmsystem/models/failure.hpp"

#include <boost/outcome/config.hpp>
#include <boost/outcome/result.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace vmsystem {

/// Why a request failed, in the server's words where there are any.
struct request_error {
  /// As in the error envelope; `UNREACHABLE` when there is no server,
  /// `UNEXPECTED_ANSWER` when it is none of ours.
  std::string code;
  std::string message;
  /// The envelope's details.
  json_value details;
};

/// The same as a failure; a code that is none of ours is `internal`.
[[nodiscard]] failure as_failure(const request_error& why);
[[nodiscard]] request_error as_request_error(const failure& why);

/// A `T`, or why the request failed.
template <class T>
using answer = BOOST_OUTCOME_V2_NAMESPACE::basic_result<
  T, request_error,
  BOOST_OUTCOME_V2_NAMESPACE::policy::throw_bad_result_access<request_error,
                                                              void>>;

/// Where a server is, and what it asks for.
struct server_address {
  /// Such as `http://127.0.0.1:3210`, with or without a path in front of
  /// `/api/v1`; or `unix:/run/vm-system.sock`.
  std::string url;
  /// Empty for a server that asks for none.
  std::string token;
};

/// Speaks to a server over HTTP. Used by one thread.
class client {
public:
  explicit client(const server_address& server);

  ~client();

  client(client&&) noexcept;

  client& operator=(client&&) noexcept;

  /// Paths begin after `/api/v1`. The answer is the body of a 2xx response.
  [[nodiscard]] answer<json_value> get(const std::string& path);
  [[nodiscard]] answer<json_value> post(const std::string& path,
                                        const std::string& body);
  [[nodiscard]] answer<json_value> put(const std::string& path,
                                       const std::string& body);
  [[nodiscard]] answer<json_value> remove(const std::string& path);

  /// Posts a body of job lines whose length nobody knows yet.
  /// @param next gives the next piece; an empty one is the last, nothing ends
  ///             the upload without an answer.
  [[nodiscard]] answer<json_value>
  upload(const std::string& path,
         const std::function<std::optional<std::string>()>& next);

  /// As `get`, but takes the body of any response: `/ready` answers 503 with a
  /// document that is no error envelope.
  [[nodiscard]] answer<json_value> get_any(const std::string& path);

  /// As `get`, for what is no JSON document. Paths begin at the server's root.
  [[nodiscard]] answer<std::string> get_text(const std::string& path);

  /// How long an answer may take from now on.
  void set_patience(std::chrono::milliseconds longest);

private:
  struct impl;

  std::unique_ptr<impl> impl_;
};

/// The id of an execution that was stopped for its output, which a server
/// answers with an error. Nothing for other errors.
[[nodiscard]] std::optional<std::string>
stopped_execution(const request_error& error);

/// Percent-encodes what stands between two slashes of a path, or after the
/// equals sign of a query.
[[nodiscard]] std::string encoded(std::string_view text);

} // namespace vmsystem
