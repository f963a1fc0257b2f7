#include "vmsystem/app/service_manager.hpp"

#include "vmsystem/actors/http/fd_guard.hpp"

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace vmsystem {

namespace {

/// The first descriptor that a service manager hands over.
constexpr int first_descriptor = 3;

/// The value of a variable; empty when there is none.
std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

/// @returns nothing for what is not a decimal number.
std::optional<int> number_of(std::string_view text) {
  int result = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, result);
  if (error != std::errc{} || end != last)
    return std::nullopt;
  return result;
}

failure cannot_tell(std::string_view reason) {
  return fail(ec::internal,
              "the service manager cannot be told: " + std::string{reason});
}

/// Sends `lines` to the socket `name`, where `@` stands for the zero byte that
/// a name begins with which is no path.
expected<void> send_to(std::string_view name, std::string_view lines) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if ((name.front() != '/' && name.front() != '@')
      || name.size() >= sizeof(to.sun_path))
    return cannot_tell("NOTIFY_SOCKET is \"" + std::string{name} + '"');
  name.copy(to.sun_path, name.size());
  if (name.front() == '@')
    to.sun_path[0] = '\0';
  const auto size = offsetof(sockaddr_un, sun_path) + name.size();
  const http::fd_guard fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (fd.get() < 0
      || ::sendto(fd.get(), lines.data(), lines.size(), MSG_NOSIGNAL,
                  reinterpret_cast<const sockaddr*>(&to),
                  static_cast<socklen_t>(size))
           < 0)
    return cannot_tell(std::strerror(errno));
  return success();
}

} // namespace

bool has_service_manager() {
  return !variable("NOTIFY_SOCKET").empty();
}

expected<void> notify_service_manager(std::string_view lines) {
  const auto name = variable("NOTIFY_SOCKET");
  return name.empty() ? expected<void>{success()} : send_to(name, lines);
}

expected<std::optional<int>> socket_of_service_manager() {
  // A parent's socket is none of ours.
  if (number_of(variable("LISTEN_PID")) != ::getpid())
    return std::optional<int>{};
  const auto text = variable("LISTEN_FDS");
  const auto count = number_of(text);
  if (count == 0)
    return std::optional<int>{};
  if (count != 1)
    return fail(ec::validation_error, "the service manager hands over \""
                                        + std::string{text}
                                        + "\" sockets (LISTEN_FDS) instead of "
                                          "one");
  return std::optional<int>{first_descriptor};
}

} // namespace vmsystem
