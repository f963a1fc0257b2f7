#include "http.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace vmsystem::test {

namespace {

constexpr time_t patience_s = 60;

[[noreturn]] void throw_errno(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

std::string lower(std::string_view text) {
  std::string result{text};
  for (auto& character : result)
    character
      = static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
  return result;
}

} // namespace

std::string http_answer::header(std::string_view name) const {
  const auto wanted = "\r\n" + lower(name) + ':';
  const auto at = lower(head).find(wanted);
  if (at == std::string::npos)
    return {};
  const auto begin = head.find_first_not_of(' ', at + wanted.size());
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

json_value http_answer::json() const {
  return json_value::parse(body).value_or(json_value{});
}

std::string http_answer::code() const {
  return json().field("error").field("code").text();
}

http_connection::http_connection(uint16_t port)
  : fd_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  wait_at_most_a_minute();
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connect_to(&where, sizeof(where));
}

http_connection::http_connection(const std::string& socket_path)
  : fd_{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  wait_at_most_a_minute();
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  socket_path.copy(where.sun_path, sizeof(where.sun_path) - 1);
  connect_to(&where, sizeof(where));
}

void http_connection::wait_at_most_a_minute() {
  if (fd_ < 0)
    throw_errno("socket");
  timeval patience{};
  patience.tv_sec = patience_s;
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

void http_connection::connect_to(const void* address, std::size_t size) {
  if (connect(fd_, static_cast<const sockaddr*>(address),
              static_cast<socklen_t>(size))
      == 0)
    return;
  const int error = errno;
  close(fd_);
  errno = error;
  throw_errno("connect");
}

http_connection::~http_connection() {
  if (fd_ >= 0)
    close(fd_);
}

http_connection::http_connection(http_connection&& other) noexcept
  : fd_{std::exchange(other.fd_, -1)}, input_{std::move(other.input_)} {}

void http_connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0)
      throw_errno("send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void http_connection::end_sending() {
  shutdown(fd_, SHUT_WR);
}

bool http_connection::read_more() {
  char buffer[65536];
  const auto got = recv(fd_, buffer, sizeof(buffer), 0);
  if (got < 0 && errno != ECONNRESET)
    throw_errno("recv");
  if (got <= 0)
    return false;
  input_.append(buffer, static_cast<std::size_t>(got));
  return true;
}

std::string http_connection::take(std::size_t size) {
  while (input_.size() < size)
    if (!read_more())
      throw std::runtime_error{"the connection ended within an answer"};
  auto result = input_.substr(0, size);
  input_.erase(0, size);
  return result;
}

std::string http_connection::take_line() {
  std::size_t end = 0;
  while ((end = input_.find("\r\n")) == std::string::npos)
    if (!read_more())
      throw std::runtime_error{"the connection ended within an answer"};
  auto line = take(end + 2);
  line.resize(end);
  return line;
}

http_answer http_connection::receive_head() {
  std::size_t end = 0;
  while ((end = input_.find("\r\n\r\n")) == std::string::npos)
    if (!read_more())
      throw std::runtime_error{"the connection ended before an answer"};
  http_answer answer;
  answer.head = input_.substr(0, end + 2);
  input_.erase(0, end + 4);
  answer.status = std::stoi(answer.head.substr(9, 3));
  return answer;
}

std::string http_connection::receive_chunk() {
  const auto size = std::stoul(take_line(), nullptr, 16);
  auto data = take(size);
  take_line();
  return data;
}

http_answer http_connection::receive(bool to_head) {
  auto answer = receive_head();
  if (to_head || answer.status < 200)
    return answer;
  if (!answer.header("Transfer-Encoding").empty()) {
    for (auto part = receive_chunk(); !part.empty(); part = receive_chunk())
      answer.body += part;
    return answer;
  }
  const auto length = answer.header("Content-Length");
  if (!length.empty())
    answer.body = take(std::stoul(length));
  return answer;
}

void http_connection::reset() {
  const linger at_once{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close(std::exchange(fd_, -1));
}

bool http_connection::ended() {
  while (read_more()) {}
  return true;
}

void http_connection::begin(std::string_view method, std::string_view target,
                            std::string_view body, std::string_view headers) {
  std::string text{method};
  text.append(1, ' ').append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
  text.append(headers);
  if (!body.empty() || method == "POST" || method == "PUT") {
    if (headers.find("Content-Type:") == std::string_view::npos)
      text.append("Content-Type: application/json\r\n");
    text.append("Content-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n");
  }
  text.append("\r\n").append(body);
  send(text);
}

http_answer
http_connection::request(std::string_view method, std::string_view target,
                         std::string_view body, std::string_view headers) {
  begin(method, target, body, headers);
  return receive(method == "HEAD");
}

std::string json_quoted(std::string_view text) {
  std::string result = "\"";
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      result += '\\';
      result += character;
    } else if (byte < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", byte);
      result += escape;
    } else {
      result += character;
    }
  }
  return result + '"';
}

} // namespace vmsystem::test
