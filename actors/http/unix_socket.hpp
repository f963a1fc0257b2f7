#pragma once

#include "vmsystem/models/failure.hpp"

#include <memory>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace vmsystem::http {

/// What the address of a Unix socket begins with, in front of its path.
inline constexpr std::string_view unix_prefix = "unix:";

/// The file of a Unix socket, which is removed at the end unless another one
/// has taken its place.
class socket_file {
public:
  /// The file at `path` as it is now.
  explicit socket_file(std::string path);
  socket_file(const socket_file&) = delete;
  socket_file& operator=(const socket_file&) = delete;
  ~socket_file();

private:
  std::string path_;
  dev_t device_ = 0;
  ino_t number_ = 0;
};

/// A Unix socket that listens. Whoever has it closes `fd`.
struct listening_unix_socket {
  int fd = -1;
  std::unique_ptr<socket_file> file;
};

/// Whether a Unix socket can have this path. Errors: validation_error.
[[nodiscard]] expected<void> check_socket_path(std::string_view path);

/// Makes a socket at `path` whose file has the permissions `mode`, and listens.
/// A socket that is there and that nobody listens on is replaced. Errors:
/// validation_error, for a path that is too long; internal with the way out,
/// when somebody listens there, when the file is no socket, or when the folder
/// does not permit it.
[[nodiscard]] expected<listening_unix_socket>
listen_on_path(const std::string& path, mode_t mode, int backlog);

} // namespace vmsystem::http
