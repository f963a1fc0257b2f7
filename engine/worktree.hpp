#pragma once

#include "vmsystem/models/failure.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <sys/types.h>

namespace vmsystem::engine {

/// Owns a file descriptor.
class descriptor {
public:
  /// @param fd negative for none.
  explicit descriptor(int fd = -1) noexcept : fd_{fd} {}

  descriptor(descriptor&& other) noexcept;

  descriptor& operator=(descriptor&& other) noexcept;

  ~descriptor();

  [[nodiscard]] int get() const noexcept {
    return fd_;
  }

  [[nodiscard]] bool valid() const noexcept {
    return fd_ >= 0;
  }

  /// Gives it away.
  int release() noexcept {
    return std::exchange(fd_, -1);
  }

private:
  int fd_;
};

/// The folder of a session. The kernel resolves each path beneath it, so that
/// neither `..` nor a symlink nor a race leaves it. All functions block on the
/// disk; any number of threads may call them.
///
/// Paths are relative to the folder; `.` is the folder itself. Functions that
/// return an `int` return 0 or the number of the error as in `errno`: `EXDEV`
/// and `ELOOP` for a path that leaves the folder, `EINVAL` for one with a NUL.
class worktree {
public:
  /// @param path absolute.
  /// Errors: worktree_not_found; overloaded, when descriptors ran out.
  [[nodiscard]] static expected<worktree> open(const std::string& path);

  /// Opens what is there, or a new file. Never waits for the other end of a
  /// pipe.
  /// @param flags those of `open`.
  [[nodiscard]] int open_file(const std::string& path, int flags, mode_t mode,
                              descriptor& to) const;

  /// Reads a regular file.
  /// @returns also `EISDIR`, `EINVAL` for what is neither file nor folder, and
  ///          `EFBIG` for a file of more than `max_bytes`.
  [[nodiscard]] int read_file(const std::string& path, std::size_t max_bytes,
                              std::string& to) const;

  /// Writes a regular file.
  /// @param flags `O_CREAT`, `O_TRUNC`, `O_APPEND`, `O_EXCL`.
  [[nodiscard]] int write_file(const std::string& path, int flags, mode_t mode,
                               std::string_view bytes) const;

  /// What `stat` says, or `lstat` when links are not followed.
  [[nodiscard]] int status(const std::string& path, bool follow,
                           struct stat& to) const;

  /// Where a path leads once all links are followed: relative, in normal form.
  [[nodiscard]] int real_path(const std::string& path, std::string& to) const;

  /// A folder in it as a worktree of its own.
  [[nodiscard]] int open_folder(const std::string& path, worktree& to) const;

  /// An entry of a folder.
  struct entry {
    std::string name;
    /// The `DT_` constant.
    unsigned char type = 0;
  };

  /// The entries of a folder but `.` and `..`, in order of their names.
  /// @returns also `EOVERFLOW` when there are more than `max_entries`.
  [[nodiscard]] int list(const std::string& path, std::size_t max_entries,
                         std::vector<entry>& to) const;

  /// Makes a folder, whose parent is there.
  [[nodiscard]] int make_folder(const std::string& path, mode_t mode) const;

  /// Removes a file, a link or, with `folder`, an empty folder.
  [[nodiscard]] int remove(const std::string& path, bool folder) const;

  /// Renames, and replaces what `to` names.
  [[nodiscard]] int rename(const std::string& from,
                           const std::string& to) const;

  /// One that is not open: all its functions return `EBADF`.
  worktree() noexcept = default;

private:
  explicit worktree(descriptor folder) noexcept;

  /// The folder that a path's last part is in.
  [[nodiscard]] int open_parent(const std::string& path, descriptor& parent,
                                std::string& name) const;

  descriptor folder_;
};

} // namespace vmsystem::engine
