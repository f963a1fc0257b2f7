#include "vmsystem/actors/http_socket.hpp"

#include "vmsystem/actors/http/listener.hpp"

#include <cerrno>
#include <exception>

#include <sys/socket.h>

namespace vmsystem {

using caf::io::network::default_multiplexer;
using caf::io::network::native_socket;
using caf::io::network::operation;

namespace {

/// Connections that are taken at a time, so that others get their turn.
constexpr int accepts_per_event = 64;

} // namespace

// -- one client ---------------------------------------------------------------

http_socket::http_socket(default_multiplexer& backend, native_socket fd,
                         const http::connection_context& context, uint64_t id,
                         http_socket_owner& owner)
  : event_handler{backend, fd},
    wire_{context, id, owner.event_time()},
    owner_{owner} {
  set_interest(true, false);
}

std::string http_socket::peer() const {
  return http::peer_of(fd());
}

void http_socket::handle_event(operation op) {
  if (closed_)
    return;
  owner_.begin_event();
  handling_ = true;
  try {
    switch (op) {
      case operation::read:
        receive();
        break;
      case operation::write:
        break;
      default:
        close();
        break;
    }
    handling_ = false;
    settle();
  } catch (const std::exception&) {
    // Out of memory, or a bug: this client is the only one who notices.
    handling_ = false;
    close();
  }
}

void http_socket::receive() {
  if (!reads_)
    return;
  auto& buffer = owner_.receive_buffer();
  const auto size = ::recv(fd(), buffer.data(), buffer.size(), 0);
  if (size > 0)
    wire_.receive({buffer.data(), static_cast<std::size_t>(size)},
                  owner_.event_time(), owner_);
  else if (size == 0)
    wire_.receive_end(owner_.event_time(), owner_);
  else if (errno != EAGAIN && errno != EINTR)
    close();
}

bool http_socket::send_output() {
  for (auto output = wire_.output(); !output.empty(); output = wire_.output()) {
    const auto size = ::send(fd(), output.data(), output.size(), MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR)
      continue;
    if (size < 0 && errno != EAGAIN)
      return false;
    wire_.sent(size < 0 ? 0 : static_cast<std::size_t>(size),
               owner_.event_time(), owner_);
    if (size < 0)
      break;
  }
  return true;
}

void http_socket::settle() {
  if (closed_ || handling_)
    return;
  // Bytes that were sent can make room for requests, which are answered here
  // and now.
  handling_ = true;
  const bool works = send_output();
  handling_ = false;
  if (works && wire_.wants_shutdown()) {
    ::shutdown(fd(), SHUT_WR);
    wire_.shutdown_done(owner_.event_time());
  }
  if (!works || wire_.finished())
    return close();
  set_interest(wire_.wants_read(), !wire_.output().empty());
  owner_.on_settled(*this);
}

void http_socket::close() {
  if (closed_)
    return;
  closed_ = true;
  set_interest(false, false);
  owner_.on_closed(*this);
}

void http_socket::set_interest(bool reads, bool writes) {
  if (reads != reads_) {
    reads_ = reads;
    if (reads)
      backend().add(operation::read, fd(), this);
    else
      backend().del(operation::read, fd(), this);
  }
  if (writes != writes_) {
    writes_ = writes;
    if (writes)
      backend().add(operation::write, fd(), this);
    else
      backend().del(operation::write, fd(), this);
  }
}

void http_socket::removed_from_loop(operation) {
  // The owner decides how long the socket lives.
}

void http_socket::graceful_shutdown() {
  close();
}

// -- the listener -------------------------------------------------------------

http_listener::http_listener(default_multiplexer& backend, native_socket fd,
                             http_socket_owner& owner)
  : event_handler{backend, fd}, owner_{owner} {}

void http_listener::resume() {
  if (accepts_)
    return;
  accepts_ = true;
  backend().add(operation::read, fd(), this);
}

void http_listener::pause() {
  if (!accepts_)
    return;
  accepts_ = false;
  backend().del(operation::read, fd(), this);
}

void http_listener::handle_event(operation op) {
  if (op != operation::read)
    return;
  owner_.begin_event();
  for (int i = 0; i < accepts_per_event && accepts_; ++i) {
    const int client
      = ::accept4(fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client >= 0) {
      owner_.on_accept(client);
      continue;
    }
    switch (errno) {
      case EAGAIN:
        return;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        owner_.on_exhausted();
        return;
      default:
        // This one connection is gone, or a signal came.
        break;
    }
  }
}

void http_listener::removed_from_loop(operation) {
  // The owner decides how long the socket lives.
}

void http_listener::graceful_shutdown() {
  pause();
}

} // namespace vmsystem
