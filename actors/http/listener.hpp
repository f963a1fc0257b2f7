#pragma once

#include "vmsystem/models/failure.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace vmsystem::http {

/// An address to listen on.
struct endpoint {
  /// An IPv4 or IPv6 address, without brackets.
  std::string address;
  /// 0 means that the system chooses.
  uint16_t port = 0;

  /// As in `127.0.0.1:3210` and `[::1]:3210`.
  [[nodiscard]] std::string to_string() const;

  /// Whether only this machine can reach it.
  [[nodiscard]] bool is_loopback() const;

  /// Reads the form of `to_string()`; `localhost` stands for 127.0.0.1.
  /// Errors: validation_error.
  [[nodiscard]] static expected<endpoint> parse(std::string_view text);
};

/// A socket that listens. Whoever has it closes it.
struct listening_socket {
  int fd = -1;
  /// With the port that was bound.
  endpoint bound;
};

/// Binds `where` and listens, without blocking calls later on. Errors:
/// validation_error, when the address is none of this machine; internal with
/// the way out, when it is taken or not permitted.
[[nodiscard]] expected<listening_socket> listen_on(const endpoint& where);

/// Takes over a socket that listens already, as a service manager hands one
/// over, and makes it one of those that do not block. Errors: validation_error,
/// when it is no TCP socket that listens; it is left as it is then.
[[nodiscard]] expected<listening_socket> adopt_listener(int fd);

} // namespace vmsystem::http
