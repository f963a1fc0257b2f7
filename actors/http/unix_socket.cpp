#include "vmsystem/actors/http/unix_socket.hpp"

#include "vmsystem/actors/http/fd_guard.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace vmsystem::http {

namespace {

/// How long another server that starts in the same folder is waited for.
constexpr std::chrono::milliseconds lock_patience{5000};
constexpr std::chrono::milliseconds look_again{10};

constexpr std::size_t max_path_bytes = sizeof(sockaddr_un::sun_path) - 1;

sockaddr_un address_of(const std::string& path) {
  sockaddr_un result{};
  result.sun_family = AF_UNIX;
  std::memcpy(result.sun_path, path.data(), path.size());
  return result;
}

int new_socket() {
  return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

failure cannot_listen(const std::string& path, const std::string& why) {
  return fail(ec::internal, "cannot listen on " + std::string{unix_prefix}
                              + path + ": " + why);
}

failure cannot_listen(const std::string& path, int error) {
  return cannot_listen(path, std::strerror(error));
}

bool lock_folder(int fd) {
  const auto end = std::chrono::steady_clock::now() + lock_patience;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if ((errno != EWOULDBLOCK && errno != EINTR)
        || std::chrono::steady_clock::now() >= end)
      return false;
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

/// Whether the socket at `path` is one that a server left behind.
bool is_stale(const std::string& path) {
  const fd_guard probe{new_socket()};
  const auto address = address_of(path);
  return probe.get() >= 0
         && ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address),
                      sizeof(address))
              != 0
         && errno == ECONNREFUSED;
}

/// Makes room for a socket at `path`. Errors: internal.
expected<void> remove_stale(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0)
    return success();
  if (!S_ISSOCK(found.st_mode))
    return cannot_listen(path, "there is a file that is no socket; give "
                               "another path");
  if (!is_stale(path))
    return cannot_listen(path, "it is in use: stop what listens there, or give "
                               "another path");
  if (::unlink(path.c_str()) != 0)
    return cannot_listen(path, errno);
  return success();
}

} // namespace

socket_file::socket_file(std::string path) : path_{std::move(path)} {
  struct stat now {};
  if (::lstat(path_.c_str(), &now) == 0) {
    device_ = now.st_dev;
    number_ = now.st_ino;
  }
}

socket_file::~socket_file() {
  struct stat now {};
  if (number_ != 0 && ::lstat(path_.c_str(), &now) == 0 && now.st_dev == device_
      && now.st_ino == number_)
    ::unlink(path_.c_str());
}

expected<void> check_socket_path(std::string_view path) {
  if (path.empty() || path.find('\0') != std::string_view::npos)
    return fail(ec::validation_error, "a Unix socket needs a path");
  if (path.size() > max_path_bytes)
    return fail(ec::validation_error, "the path of a Unix socket has at most "
                                        + std::to_string(max_path_bytes)
                                        + " bytes");
  return success();
}

expected<listening_unix_socket> listen_on_path(const std::string& path,
                                               mode_t mode, int backlog) {
  if (auto outcome = check_socket_path(path); !outcome)
    return outcome.error();
  // Of two servers that find a socket that nobody listens on, the second would
  // take away the new one of the first.
  auto folder = std::filesystem::path{path}.parent_path();
  if (folder.empty())
    folder = ".";
  const fd_guard lock{
    ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (lock.get() < 0 || !lock_folder(lock.get()))
    return cannot_listen(path, errno);
  if (auto outcome = remove_stale(path); !outcome)
    return outcome.error();
  fd_guard made{new_socket()};
  const auto address = address_of(path);
  if (made.get() < 0
      || ::bind(made.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof(address))
           != 0)
    return cannot_listen(path, errno);
  listening_unix_socket result;
  result.file = std::make_unique<socket_file>(path);
  // Nobody can connect before it listens.
  if (::chmod(path.c_str(), mode) != 0 || ::listen(made.get(), backlog) != 0)
    return cannot_listen(path, errno);
  result.fd = made.release();
  return result;
}

} // namespace vmsystem::http
