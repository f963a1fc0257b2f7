#pragma once

#include "vmsystem/actors/http/connection.hpp"

#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/event_handler.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace vmsystem {

// The gateway's sockets. CAF's own scribe and doorman are not used because they
// take the end of a client's sending side for the end of the connection, so
// that its answers are lost; because every answer costs them three more system
// calls; and because their acceptor spins when descriptors run out. All of this
// runs on the thread of CAF's multiplexer only.

class http_socket;

/// Whoever has sockets.
class http_socket_owner : public http::request_sink {
public:
  /// Notes that an event is about to be handled.
  virtual void begin_event() = 0;
  /// The time at which the current event began.
  [[nodiscard]] virtual http::time_point event_time() const = 0;
  /// A buffer to receive into, shared by all sockets.
  virtual std::vector<char>& receive_buffer() = 0;
  /// Takes a new connection.
  virtual void on_accept(caf::io::network::native_socket fd) = 0;
  /// Descriptors or memory ran out: pause the listener for a while.
  virtual void on_exhausted() = 0;
  /// Looks at a socket whose connection may hold more or less than before.
  virtual void on_settled(http_socket& socket) = 0;
  /// Drops a socket that closed itself; it must live until the current events
  /// of the multiplexer were handled.
  virtual void on_closed(http_socket& socket) = 0;
};

/// One client's socket and its connection.
class http_socket final : public caf::io::network::event_handler,
                          public std::enable_shared_from_this<http_socket> {
public:
  /// Takes over `fd`. `owner` must outlive the call of `close()`.
  http_socket(caf::io::network::default_multiplexer& backend,
              caf::io::network::native_socket fd,
              const http::connection_context& context, uint64_t id,
              http_socket_owner& owner);

  [[nodiscard]] http::connection& wire() noexcept {
    return wire_;
  }

  /// Where the client is, for logs: its address and port, or the user of the
  /// process at the other end of a Unix socket.
  [[nodiscard]] std::string peer() const;

  /// Whether an event of this socket is being handled.
  [[nodiscard]] bool handling() const noexcept {
    return handling_;
  }

  /// Sends what can be sent and adapts to the state of the connection; may
  /// close. Does nothing while an event of this socket is being handled, which
  /// ends with the same.
  void settle();

  /// Stops all activity and tells the owner. The descriptor is closed with the
  /// object.
  void close();

  /// Bytes that were noted last.
  [[nodiscard]] std::size_t noted_bytes() const noexcept {
    return noted_bytes_;
  }

  /// Notes what the connection holds.
  /// @returns what was noted before.
  std::size_t note_bytes(std::size_t bytes) noexcept {
    return std::exchange(noted_bytes_, bytes);
  }

  void handle_event(caf::io::network::operation op) override;
  void removed_from_loop(caf::io::network::operation op) override;
  void graceful_shutdown() override;

private:
  void receive();
  /// @returns whether the socket still works.
  bool send_output();
  void set_interest(bool reads, bool writes);

  http::connection wire_;
  http_socket_owner& owner_;
  bool reads_ = false;
  bool writes_ = false;
  bool handling_ = false;
  bool closed_ = false;
  std::size_t noted_bytes_ = 0;
};

/// The socket that listens.
class http_listener final : public caf::io::network::event_handler {
public:
  /// Takes over `fd`. `owner` must outlive the last `pause()`.
  http_listener(caf::io::network::default_multiplexer& backend,
                caf::io::network::native_socket fd, http_socket_owner& owner);

  /// Accepts connections, until `pause()`.
  void resume();

  /// Leaves new connections to the kernel's queue.
  void pause();

  void handle_event(caf::io::network::operation op) override;
  void removed_from_loop(caf::io::network::operation op) override;
  void graceful_shutdown() override;

private:
  http_socket_owner& owner_;
  bool accepts_ = false;
};

} // namespace vmsystem
