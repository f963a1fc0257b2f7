#pragma once

#include "vmsystem/actors/http/unix_socket.hpp"
#include "vmsystem/models/failure.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace vmsystem::http {

/// An address to listen on.
struct endpoint {
  /// An IPv4 or IPv6 address, without brackets.
  std::string address;
  /// 0 means that the system chooses.
  uint16_t port = 0;
  /// The path of a Unix socket, which stands instead of address and port; empty
  /// for none.
  std::string unix_path{};

  [[nodiscard]] bool is_unix() const noexcept {
    return !unix_path.empty();
  }

  /// As in `127.0.0.1:3210`, `[::1]:3210` and `unix:/run/vm-system.sock`.
  [[nodiscard]] std::string to_string() const;

  /// What a client is told, as in `http://127.0.0.1:3210` and
  /// `unix:/run/vm-system.sock`.
  [[nodiscard]] std::string url() const;

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
  /// The file of a Unix socket; null for other addresses.
  std::shared_ptr<socket_file> file;
};

/// The permissions of a Unix socket: none but those of its owner.
inline constexpr mode_t private_socket_mode = 0600;

/// Binds `where` and listens, without blocking calls later on. A Unix socket
/// that nobody listens on is replaced. Errors: validation_error, when the
/// address is none of this machine; internal with the way out, when it is taken
/// or not permitted.
/// @param socket_mode the permissions of a Unix socket.
[[nodiscard]] expected<listening_socket>
listen_on(const endpoint& where, mode_t socket_mode = private_socket_mode);

/// Who is at the other end of a connection: an address and port, or the user of
/// the process that opened a Unix socket, as in `unix:uid=1000`; `-` when
/// nobody is any more.
[[nodiscard]] std::string peer_of(int fd);

/// Takes over a socket that listens already, as a service manager hands one
/// over, and makes it one of those that do not block. Errors: validation_error,
/// when it is no TCP socket that listens; it is left as it is then.
[[nodiscard]] expected<listening_socket> adopt_listener(int fd);

} // namespace vmsystem::http
