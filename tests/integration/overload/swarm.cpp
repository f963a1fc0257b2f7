#include "swarm.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vmsystem::test {

namespace {

constexpr int turn_ms = 10;

/// Whether `text` holds a whole answer whose length it names.
bool is_whole_answer(std::string_view text) {
  constexpr std::string_view field = "Content-Length: ";
  const auto end = text.find("\r\n\r\n");
  const auto at = text.find(field);
  if (end == std::string_view::npos || at > end)
    return false;
  const auto size = std::stoul(std::string{text.substr(at + field.size(), 12)});
  return text.size() >= end + 4 + size;
}

} // namespace

swarm::~swarm() {
  leave();
}

void swarm::add(const swarm_plan& plan) {
  client x;
  x.plan = plan;
  x.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port_);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  setsockopt(x.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (x.fd < 0
      || (connect(x.fd, reinterpret_cast<const sockaddr*>(&where),
                  sizeof(where))
            != 0
          && errno != EINPROGRESS))
    throw std::system_error{errno, std::generic_category(), "connect"};
  clients_.push_back(std::move(x));
}

void swarm::send_some(client& x) {
  const auto size = std::min(x.plan.bytes->size() - x.sent, x.plan.pace);
  const auto sent
    = ::send(x.fd, x.plan.bytes->data() + x.sent, size, MSG_NOSIGNAL);
  if (sent > 0)
    x.sent += static_cast<std::size_t>(sent);
  else if (sent < 0 && errno != EAGAIN)
    // The server takes no more, but may have answered.
    x.sent = x.plan.bytes->size();
}

void swarm::read_some(client& x) {
  char buffer[65536];
  const auto got = recv(x.fd, buffer, sizeof(buffer), 0);
  if (got > 0)
    x.received.append(buffer, static_cast<std::size_t>(got));
  else if (got == 0 || errno != EAGAIN)
    x.ended = true;
}

void swarm::turn() {
  std::vector<pollfd> wanted;
  std::vector<std::size_t> whose;
  bool paced = false;
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    const auto& x = clients_[i];
    const bool sends = x.sent < x.plan.bytes->size();
    const int events = (sends ? POLLOUT : 0) | (x.plan.reads ? POLLIN : 0);
    if (x.fd < 0 || x.ended || events == 0)
      continue;
    paced = paced || (sends && x.plan.pace != SIZE_MAX);
    wanted.push_back({x.fd, static_cast<short>(events), 0});
    whose.push_back(i);
  }
  poll(wanted.data(), wanted.size(), turn_ms);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto& x = clients_[whose[i]];
    if ((wanted[i].revents & POLLOUT) != 0)
      send_some(x);
    if ((wanted[i].revents & ~POLLOUT) != 0)
      read_some(x);
  }
  // Slow ones are never in a hurry.
  if (paced)
    poll(nullptr, 0, turn_ms);
}

std::size_t swarm::ended() const noexcept {
  return static_cast<std::size_t>(std::count_if(
    clients_.begin(), clients_.end(), [](const client& x) { return x.ended; }));
}

std::size_t swarm::all_sent() const noexcept {
  return static_cast<std::size_t>(
    std::count_if(clients_.begin(), clients_.end(), [](const client& x) {
      return x.sent == x.plan.bytes->size();
    }));
}

std::size_t swarm::answered() const {
  return static_cast<std::size_t>(
    std::count_if(clients_.begin(), clients_.end(), [](const client& x) {
      return x.ended || is_whole_answer(x.received);
    }));
}

std::vector<std::string> swarm::received() const {
  std::vector<std::string> result;
  for (const auto& x : clients_)
    result.push_back(x.received);
  return result;
}

void swarm::leave() noexcept {
  for (auto& x : clients_)
    if (x.fd >= 0)
      close(x.fd);
  clients_.clear();
}

} // namespace vmsystem::test
