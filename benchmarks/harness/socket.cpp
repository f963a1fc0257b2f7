#include "vmsystem/benchmarks/harness/socket.hpp"

#include <string>
#include <system_error>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vmsystem::bench {

descriptor::~descriptor() {
  if (fd_ >= 0)
    ::close(fd_);
}

failure system_failure(std::string_view call) {
  return fail(ec::internal, std::string{call} + ": "
                              + std::generic_category().message(errno));
}

expected<descriptor> connect_to_loopback(uint16_t port) {
  descriptor result{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(result.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof address)
      != 0)
    return system_failure("connect");
  const int on = 1;
  if (::setsockopt(result.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
    return system_failure("setsockopt");
  return result;
}

expected<void> send_all(const descriptor& to, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent
      = ::send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR)
      return system_failure("send");
    if (sent > 0)
      bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return success();
}

} // namespace vmsystem::bench
