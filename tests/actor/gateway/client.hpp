#pragma once

#include "vmsystem/actors/http/listener.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace vmsystem {

/// An answer as it came over the wire.
struct http_answer {
  int status = 0;
  /// With the status line and the empty line.
  std::string head;
  std::string body;

  /// The value of a header field; nothing when it is not there.
  [[nodiscard]] std::optional<std::string> field(std::string_view name) const;
};

/// A client that can send anything. Every wait ends after ten seconds, as if
/// the server had closed the connection.
class http_client {
public:
  explicit http_client(const http::endpoint& server);
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;
  ~http_client();

  /// Sends as much as the server takes.
  /// @returns whether that was everything.
  bool send(std::string_view bytes);

  /// The next answer; nothing when the connection ends before it is complete.
  /// `no_body` for answers to HEAD.
  std::optional<http_answer> receive(bool no_body = false);

  /// The header of the next answer.
  std::optional<http_answer> receive_head();

  /// The next chunk of a body in chunks: empty behind the last one. Nothing
  /// when the connection ends before.
  std::optional<std::string> receive_chunk();

  /// Sends a request with this body and takes its answer.
  std::optional<http_answer> ask(std::string_view method, std::string_view path,
                                 std::string_view body = {},
                                 std::string_view headers = {});

  /// All that comes until the server closes the connection.
  std::string receive_rest();

  /// How long `send()` waits for the server to take more.
  void set_send_patience(std::chrono::milliseconds time);

  /// Whether the server closed the connection and sent nothing before.
  bool at_end();

  /// Whether something can be read within this time.
  bool readable(int timeout_ms);

  /// Ends the sending side.
  void end();

  /// Ends the connection with a reset.
  void reset();

private:
  /// @returns whether more came.
  bool fill();
  /// The next bytes; nothing when the connection ends before.
  std::optional<std::string> take(std::size_t size);
  std::optional<std::string> take_line();

  int fd_;
  std::string input_;
};

/// A request as it goes over the wire.
std::string http_request(std::string_view method, std::string_view path,
                         std::string_view body = {},
                         std::string_view headers = {});

} // namespace vmsystem
