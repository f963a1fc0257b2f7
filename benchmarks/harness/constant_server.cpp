#include "vmsystem/benchmarks/harness/constant_server.hpp"

#include "vmsystem/actors/http/listener.hpp"

#include <array>
#include <unordered_map>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

namespace vmsystem::bench {

namespace {

bool watch(const descriptor& poll, int fd) {
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.fd = fd;
  return epoll_ctl(poll.get(), EPOLL_CTL_ADD, fd, &wanted) == 0;
}

} // namespace

expected<std::unique_ptr<constant_server>>
constant_server::start(std::string answer) {
  auto socket = http::listen_on({"127.0.0.1", 0});
  if (!socket)
    return socket.error();
  descriptor listening{socket.value().fd};
  descriptor poll{epoll_create1(EPOLL_CLOEXEC)};
  descriptor stop{eventfd(0, EFD_CLOEXEC)};
  if (!watch(poll, listening.get()) || !watch(poll, stop.get()))
    return system_failure("epoll_ctl");
  return std::make_unique<constant_server>(std::move(listening),
                                           std::move(poll), std::move(stop),
                                           socket.value().bound.port,
                                           std::move(answer));
}

constant_server::constant_server(descriptor listening, descriptor poll,
                                 descriptor stop, uint16_t port,
                                 std::string answer)
  : listening_{std::move(listening)},
    poll_{std::move(poll)},
    stop_{std::move(stop)},
    port_{port},
    answer_{std::move(answer)},
    thread_{[this] { serve(); }} {}

constant_server::~constant_server() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

void constant_server::serve() {
  std::unordered_map<int, descriptor> clients;
  std::array<epoll_event, 64> events;
  std::array<char, 4096> buffer;
  for (;;) {
    const auto count = epoll_wait(poll_.get(), events.data(),
                                  static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == stop_.get())
        return;
      if (fd == listening_.get()) {
        descriptor client{accept4(fd, nullptr, nullptr, SOCK_CLOEXEC)};
        const int on = 1;
        setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (watch(poll_, client.get()))
          clients.emplace(client.get(), std::move(client));
        continue;
      }
      const auto& client = clients[fd];
      if (recv(fd, buffer.data(), buffer.size(), 0) <= 0
          || !send_all(client, answer_))
        clients.erase(fd);
    }
  }
}

} // namespace vmsystem::bench
