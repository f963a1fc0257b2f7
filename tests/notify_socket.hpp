#pragma once

#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <system_error>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace vmsystem::test {

/// The socket on which a service manager hears how its services are.
class notify_socket {
public:
  /// @param name a path, or `@` and a name. Throws `std::system_error`.
  explicit notify_socket(const std::string& name)
    : fd_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (name.front() == '@')
      address.sun_path[0] = '\0';
    const auto size = offsetof(sockaddr_un, sun_path) + name.size();
    if (fd_ < 0
        || ::bind(fd_, reinterpret_cast<const sockaddr*>(&address),
                  static_cast<socklen_t>(size))
             != 0)
      throw std::system_error{errno, std::generic_category(), name};
  }

  notify_socket(const notify_socket&) = delete;

  notify_socket& operator=(const notify_socket&) = delete;

  ~notify_socket() {
    ::close(fd_);
  }

  /// Waits for what is said next; empty when nothing is within `most_ms`.
  [[nodiscard]] std::string next(int most_ms = 60000) const {
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, most_ms) != 1)
      return {};
    std::array<char, 4096> text{};
    const auto size = ::recv(fd_, text.data(), text.size(), 0);
    return size > 0 ? std::string{text.data(), static_cast<std::size_t>(size)}
                    : std::string{};
  }

private:
  int fd_;
};

} // namespace vmsystem::test
