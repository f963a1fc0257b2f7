#include "client.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace vmsystem {

std::string http_request(std::string_view method, std::string_view path,
                         std::string_view body, std::string_view headers) {
  std::string result;
  result.append(method).append(" ").append(path).append(" HTTP/1.1\r\n");
  result.append("Host: localhost\r\n").append(headers);
  if (!body.empty())
    result += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return result.append("\r\n").append(body);
}

std::optional<std::string> http_answer::field(std::string_view name) const {
  const auto start = "\r\n" + std::string{name} + ": ";
  const auto at = head.find(start);
  if (at == std::string::npos)
    return std::nullopt;
  const auto from = at + start.size();
  return head.substr(from, head.find('\r', from) - from);
}

http_client::http_client(const http::endpoint& server) {
  const bool v6 = server.address.find(':') != std::string::npos;
  fd_ = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{10, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  int connected = -1;
  if (v6) {
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(server.port);
    ::inet_pton(AF_INET6, server.address.c_str(), &to.sin6_addr);
    connected = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to));
  } else {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(server.port);
    ::inet_pton(AF_INET, server.address.c_str(), &to.sin_addr);
    connected = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to));
  }
  if (connected != 0) {
    ::close(fd_);
    throw std::runtime_error{"cannot connect to " + server.to_string()};
  }
}

http_client::~http_client() {
  if (fd_ >= 0)
    ::close(fd_);
}

bool http_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

bool http_client::fill() {
  std::array<char, 65536> buffer;
  const auto size = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (size <= 0)
    return false;
  input_.append(buffer.data(), static_cast<std::size_t>(size));
  return true;
}

std::optional<std::string> http_client::take(std::size_t size) {
  while (input_.size() < size)
    if (!fill())
      return std::nullopt;
  auto result = input_.substr(0, size);
  input_.erase(0, size);
  return result;
}

std::optional<std::string> http_client::take_line() {
  auto end = std::string::npos;
  while ((end = input_.find("\r\n")) == std::string::npos)
    if (!fill())
      return std::nullopt;
  auto line = take(end + 2);
  line->resize(end);
  return line;
}

std::optional<http_answer> http_client::receive_head() {
  http_answer result;
  for (;;) {
    const auto line = take_line();
    if (!line)
      return std::nullopt;
    result.head += *line + "\r\n";
    if (line->empty())
      break;
  }
  result.status = std::stoi(result.head.substr(9, 3));
  return result;
}

std::optional<std::string> http_client::receive_chunk() {
  const auto size = take_line();
  if (!size)
    return std::nullopt;
  auto data = take(std::stoul(*size, nullptr, 16));
  if (!data || !take_line())
    return std::nullopt;
  return data;
}

std::optional<http_answer> http_client::receive(bool no_body) {
  auto result = receive_head();
  if (!result || no_body)
    return result;
  if (result->field("Transfer-Encoding")) {
    for (;;) {
      const auto chunk = receive_chunk();
      if (!chunk)
        return std::nullopt;
      if (chunk->empty())
        return result;
      result->body += *chunk;
    }
  }
  const auto length = result->field("Content-Length");
  auto body = take(length ? std::stoul(*length) : 0);
  if (!body)
    return std::nullopt;
  result->body = std::move(*body);
  return result;
}

std::optional<http_answer>
http_client::ask(std::string_view method, std::string_view path,
                 std::string_view body, std::string_view headers) {
  send(http_request(method, path, body, headers));
  return receive(method == "HEAD");
}

std::string http_client::receive_rest() {
  while (fill()) {}
  return std::exchange(input_, {});
}

void http_client::set_send_patience(std::chrono::milliseconds time) {
  const timeval patience{0, static_cast<suseconds_t>(time.count() * 1000)};
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

bool http_client::at_end() {
  return input_.empty() && !fill();
}

bool http_client::readable(int timeout_ms) {
  pollfd wait{fd_, POLLIN, 0};
  return !input_.empty() || ::poll(&wait, 1, timeout_ms) > 0;
}

void http_client::end() {
  ::shutdown(fd_, SHUT_WR);
}

void http_client::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  ::close(fd_);
  fd_ = -1;
}

} // namespace vmsystem
