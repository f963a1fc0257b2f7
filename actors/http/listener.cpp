#include "vmsystem/actors/http/listener.hpp"

#include "vmsystem/actors/http/fd_guard.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace vmsystem::http {

namespace {

constexpr int backlog = 4096;

/// The numeric form of an address, as the sockets API wants it.
struct socket_address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  sockaddr* get() noexcept {
    return reinterpret_cast<sockaddr*>(&storage);
  }
};

bool resolve(const endpoint& where, socket_address& out) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* found = nullptr;
  const auto port = std::to_string(where.port);
  if (getaddrinfo(where.address.c_str(), port.c_str(), &hints, &found) != 0)
    return false;
  std::memcpy(&out.storage, found->ai_addr, found->ai_addrlen);
  out.size = found->ai_addrlen;
  freeaddrinfo(found);
  return true;
}

uint16_t port_of(socket_address& x) {
  if (x.storage.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<sockaddr_in6*>(x.get())->sin6_port);
  return ntohs(reinterpret_cast<sockaddr_in*>(x.get())->sin_port);
}

/// @returns nothing for what is no address of IPv4 or IPv6.
std::optional<endpoint> endpoint_of(socket_address& x) {
  const auto family = x.storage.ss_family;
  std::array<char, NI_MAXHOST> host{};
  if ((family != AF_INET && family != AF_INET6)
      || getnameinfo(x.get(), x.size, host.data(), host.size(), nullptr, 0,
                     NI_NUMERICHOST)
           != 0)
    return std::nullopt;
  return endpoint{host.data(), port_of(x)};
}

/// What a socket is bound to; nothing for what is no socket of IPv4 or IPv6.
std::optional<endpoint> bound_endpoint(int fd) {
  socket_address bound;
  bound.size = sizeof(bound.storage);
  if (getsockname(fd, bound.get(), &bound.size) != 0)
    return std::nullopt;
  return endpoint_of(bound);
}

std::string unix_peer_of(int fd) {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return "-";
  return std::string{unix_prefix} + "uid=" + std::to_string(peer.uid);
}

expected<endpoint> parse_unix(std::string_view path) {
  if (auto outcome = check_socket_path(path); !outcome)
    return outcome.error();
  endpoint result;
  result.unix_path = path;
  return result;
}

expected<listening_socket> listen_on_unix(const endpoint& where, mode_t mode) {
  auto made = listen_on_path(where.unix_path, mode, backlog);
  if (!made)
    return made.error();
  listening_socket result;
  result.fd = made.value().fd;
  result.bound = where;
  result.file = std::move(made.value().file);
  return result;
}

bool has_option(int fd, int option, int wanted) {
  int value = 0;
  socklen_t size = sizeof(value);
  return ::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0
         && value == wanted;
}

bool set_flags(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags >= 0 && ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0
         && ::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

failure cannot_listen(const endpoint& where, int error) {
  const auto place = where.to_string();
  switch (error) {
    case EADDRINUSE:
      return fail(ec::internal,
                  place
                    + " is in use: stop what listens there, or give another "
                      "address or port (port 0 takes a free one)");
    case EACCES:
      return fail(ec::internal,
                  place + " is not permitted: give a port from 1024 on");
    case EADDRNOTAVAIL:
      return fail(ec::validation_error,
                  place + " is not an address of this machine");
    default:
      return fail(ec::internal,
                  "cannot listen on " + place + ": " + std::strerror(error));
  }
}

} // namespace

std::string endpoint::to_string() const {
  if (is_unix())
    return std::string{unix_prefix} + unix_path;
  const bool v6 = address.find(':') != std::string::npos;
  return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

bool endpoint::is_loopback() const {
  return is_unix() || address == "::1" || address.rfind("127.", 0) == 0;
}

std::string endpoint::url() const {
  return is_unix() ? to_string() : "http://" + to_string();
}

expected<endpoint> endpoint::parse(std::string_view text) {
  const auto malformed = [text] {
    return fail(ec::validation_error,
                "`" + std::string{text}
                  + "` is not an address and port, such as 127.0.0.1:3210 or "
                    "[::1]:3210, nor unix:PATH");
  };
  if (text.substr(0, unix_prefix.size()) == unix_prefix)
    return parse_unix(text.substr(unix_prefix.size()));
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return malformed();
  auto address = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  endpoint result;
  const auto* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, result.port);
  if (error != std::errc{} || end != last)
    return malformed();
  const bool brackets
    = address.size() > 2 && address.front() == '[' && address.back() == ']';
  if (brackets)
    address = address.substr(1, address.size() - 2);
  if (brackets != (address.find(':') != std::string_view::npos))
    return malformed();
  result.address = address == "localhost" ? "127.0.0.1" : address;
  socket_address resolved;
  if (result.address.empty() || !resolve(result, resolved))
    return malformed();
  return result;
}

expected<listening_socket> listen_on(const endpoint& where,
                                     mode_t socket_mode) {
  if (where.is_unix())
    return listen_on_unix(where, socket_mode);
  socket_address address;
  if (!resolve(where, address))
    return fail(ec::validation_error,
                "`" + where.address + "` is not an IP address");
  const int fd = ::socket(address.storage.ss_family,
                          SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return cannot_listen(where, errno);
  fd_guard guard{fd};
  // On Linux this permits to bind while old connections linger, but not while
  // somebody else listens.
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(fd, address.get(), address.size) != 0
      || ::listen(fd, backlog) != 0)
    return cannot_listen(where, errno);
  const auto bound = bound_endpoint(fd);
  if (!bound)
    return cannot_listen(where, errno);
  listening_socket result;
  result.bound = where;
  result.bound.port = bound->port;
  result.fd = guard.release();
  return result;
}

std::string peer_of(int fd) {
  socket_address peer;
  peer.size = sizeof(peer.storage);
  if (getpeername(fd, peer.get(), &peer.size) != 0)
    return "-";
  if (peer.storage.ss_family == AF_UNIX)
    return unix_peer_of(fd);
  const auto from = endpoint_of(peer);
  return from ? from->to_string() : "-";
}

expected<listening_socket> adopt_listener(int fd) {
  auto bound = bound_endpoint(fd);
  if (!bound || !has_option(fd, SO_TYPE, SOCK_STREAM)
      || !has_option(fd, SO_ACCEPTCONN, 1) || !set_flags(fd))
    return fail(ec::validation_error, "descriptor " + std::to_string(fd)
                                        + " is not a TCP socket that listens");
  listening_socket result;
  result.fd = fd;
  result.bound = std::move(*bound);
  return result;
}

} // namespace vmsystem::http
