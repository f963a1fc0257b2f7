#pragma once

#include "vmsystem/app/json_value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vmsystem::test {

/// One answer as it came over the wire.
struct http_answer {
  int status = 0;
  /// The status line and the header lines.
  std::string head;
  std::string body;

  /// The value of a header field; empty when there is none.
  [[nodiscard]] std::string header(std::string_view name) const;
  /// The body; absent when it is not JSON.
  [[nodiscard]] json_value json() const;
  /// The code of an error envelope; empty for other bodies.
  [[nodiscard]] std::string code() const;
};

/// A connection that sends exactly the bytes it is told to. Everything throws
/// `std::runtime_error` when the server does not do its part within a minute.
class http_connection {
public:
  explicit http_connection(uint16_t port);
  /// Connects to a Unix socket.
  explicit http_connection(const std::string& socket_path);
  ~http_connection();
  http_connection(http_connection&& other) noexcept;
  http_connection(const http_connection&) = delete;
  http_connection& operator=(const http_connection&) = delete;

  void send(std::string_view bytes);

  /// Says that nothing more will be sent.
  void end_sending();

  /// Reads one answer; one to HEAD has no body.
  [[nodiscard]] http_answer receive(bool to_head = false);

  /// Reads the header of one answer.
  [[nodiscard]] http_answer receive_head();

  /// Reads one chunk of a body in chunks: empty behind the last one.
  [[nodiscard]] std::string receive_chunk();

  /// Whether the server has closed the connection, or does so.
  [[nodiscard]] bool ended();

  /// Ends the connection at once, with a reset.
  void reset();

  /// Sends a request and reads the answer. `headers` are whole lines; a body is
  /// JSON unless they say otherwise.
  [[nodiscard]] http_answer
  request(std::string_view method, std::string_view target,
          std::string_view body = {}, std::string_view headers = {});

  /// Sends a request and does not wait for the answer.
  void begin(std::string_view method, std::string_view target,
             std::string_view body = {}, std::string_view headers = {});

private:
  void wait_at_most_a_minute();
  void connect_to(const void* address, std::size_t size);
  /// @returns false at the end of the stream.
  bool read_more();
  std::string take(std::size_t size);
  std::string take_line();

  int fd_ = -1;
  std::string input_;
};

/// `text` as a JSON string, with its quotes. `text` is UTF-8.
[[nodiscard]] std::string json_quoted(std::string_view text);

} // namespace vmsystem::test
