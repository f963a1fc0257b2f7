#include "vmsystem/benchmarks/harness/http_load.hpp"

#include "vmsystem/benchmarks/harness/socket.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace vmsystem::bench {

namespace {

constexpr int silence_ms = 10000;

struct client {
  descriptor socket;
  /// What came of the answer so far.
  std::string input;
  clock::time_point sent;
};

/// Reads a decimal number at the beginning of a text.
std::optional<std::size_t> number_at(std::string_view text) {
  std::size_t result = 0;
  const auto [end, error]
    = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc{})
    return std::nullopt;
  return result;
}

/// Takes an answer apart; nothing as long as it is not complete. Errors:
/// internal, when it is none that a client could read.
expected<std::optional<http_answer>> read_answer(std::string_view input) {
  constexpr std::string_view version = "HTTP/1.1 ";
  constexpr std::string_view length_name = "\r\nContent-Length: ";
  const auto head_end = input.find("\r\n\r\n");
  if (head_end == std::string_view::npos)
    return std::optional<http_answer>{};
  const auto head = input.substr(0, head_end);
  const auto length_at = head.find(length_name);
  if (head.substr(0, version.size()) != version
      || length_at == std::string_view::npos)
    return fail(ec::internal, "not an answer: " + std::string{head});
  const auto status = number_at(head.substr(version.size()));
  const auto length = number_at(head.substr(length_at + length_name.size()));
  if (!status || !length)
    return fail(ec::internal, "not an answer: " + std::string{head});
  const auto body = input.substr(head_end + 4);
  if (body.size() < *length)
    return std::optional<http_answer>{};
  if (body.size() > *length)
    return fail(ec::internal, "more bytes came than one answer has");
  return std::optional<http_answer>{
    http_answer{static_cast<uint32_t>(*status), body}};
}

class http_load {
public:
  http_load(const load_limit& limit, http_dialogue& dialogue)
    : dialogue_{dialogue},
      poll_{epoll_create1(EPOLL_CLOEXEC)},
      budget_{limit} {}

  expected<void> connect(uint16_t port, uint32_t clients) {
    clients_.resize(clients);
    for (uint32_t i = 0; i < clients; ++i) {
      auto socket = connect_to_loopback(port);
      if (!socket)
        return socket.error();
      clients_[i].socket = std::move(socket).value();
      epoll_event wanted{};
      wanted.events = EPOLLIN;
      wanted.data.u32 = i;
      if (epoll_ctl(poll_.get(), EPOLL_CTL_ADD, clients_[i].socket.get(),
                    &wanted)
          != 0)
        return system_failure("epoll_ctl");
    }
    return success();
  }

  expected<load_result> run() {
    for (uint32_t i = 0; i < clients_.size(); ++i)
      if (auto sent = send_next(i); !sent)
        return sent.error();
    std::array<epoll_event, 64> events;
    while (in_flight_ > 0) {
      const auto count
        = epoll_wait(poll_.get(), events.data(),
                     static_cast<int>(events.size()), silence_ms);
      if (count == 0)
        return fail(ec::internal, "no answer came for ten seconds");
      if (count < 0 && errno != EINTR)
        return system_failure("epoll_wait");
      for (int i = 0; i < count; ++i)
        if (auto handled
            = receive(events[static_cast<std::size_t>(i)].data.u32);
            !handled)
          return handled.error();
    }
    result_.elapsed = clock::now() - budget_.start();
    result_.processor = process_time() - budget_.process_start();
    return result_;
  }

private:
  expected<void> send_next(uint32_t index) {
    auto& self = clients_[index];
    self.sent = clock::now();
    if (!budget_.take(self.sent))
      return success();
    ++in_flight_;
    return send_all(self.socket, dialogue_.next_request(index));
  }

  expected<void> receive(uint32_t index) {
    auto& self = clients_[index];
    const auto got
      = recv(self.socket.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got == 0)
      return fail(ec::internal, "the server closed a connection");
    if (got < 0)
      return errno == EAGAIN ? expected<void>{success()}
                             : expected<void>{system_failure("recv")};
    const std::string_view bytes{buffer_.data(), static_cast<std::size_t>(got)};
    if (self.input.empty())
      return take(index, bytes);
    self.input += bytes;
    return take(index, self.input);
  }

  /// Handles an answer that is complete; keeps one that is not.
  expected<void> take(uint32_t index, std::string_view input) {
    auto& self = clients_[index];
    auto answer = read_answer(input);
    if (!answer)
      return answer.error();
    if (!answer.value()) {
      if (self.input.empty())
        self.input = input;
      return success();
    }
    result_.latency.add(clock::now() - self.sent);
    ++result_.answers;
    --in_flight_;
    auto checked = dialogue_.check(index, *answer.value());
    self.input.clear();
    if (!checked)
      return checked;
    return send_next(index);
  }

  http_dialogue& dialogue_;
  descriptor poll_;
  std::vector<client> clients_;
  load_budget budget_;
  uint32_t in_flight_ = 0;
  std::array<char, 64 * 1024> buffer_;
  load_result result_;
};

} // namespace

std::string http_request(std::string_view method, std::string_view path,
                         std::string_view body) {
  std::string result{method};
  result.append(" ").append(path).append(" HTTP/1.1\r\nHost: localhost\r\n");
  if (!body.empty())
    result.append("Content-Type: application/json\r\nContent-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n");
  return result.append("\r\n").append(body);
}

expected<load_result> run_http_load(uint16_t port, uint32_t clients,
                                    const load_limit& limit,
                                    http_dialogue& dialogue) {
  http_load load{limit, dialogue};
  if (auto connected = load.connect(port, clients); !connected)
    return connected.error();
  return load.run();
}

} // namespace vmsystem::bench
