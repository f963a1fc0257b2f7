#include "vmsystem/pipeline/loading.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace vmsystem {

namespace {

/// Owns a file descriptor.
class descriptor {
public:
  explicit descriptor(int fd) noexcept : fd_{fd} {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept {
    return fd_;
  }
  [[nodiscard]] bool valid() const noexcept {
    return fd_ >= 0;
  }

private:
  int fd_;
};

std::string reason(int error) {
  return std::generic_category().message(error);
}

int open_worktree(const std::string& worktree) noexcept {
  return ::open(worktree.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

failure no_worktree(const std::string& worktree, int error) {
  return fail(ec::worktree_not_found,
              "worktree \"" + worktree
                + "\" cannot be opened as a directory: " + reason(error));
}

int open_beneath(int folder, const std::string& path) noexcept {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (;;) {
    const long fd
      = ::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof(how));
    // EAGAIN: something was renamed while the kernel resolved the path.
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
      return static_cast<int>(fd);
  }
}

failure open_failure(const std::string& path, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return fail(ec::file_not_found,
                  "file \"" + path + "\" is not in the worktree");
    case EXDEV:
    case ELOOP:
      return fail(ec::invalid_path,
                  "\"" + path + "\" leaves the worktree by a symlink");
    case EACCES:
    case ENAMETOOLONG:
    case ENXIO:
      return fail(ec::invalid_path,
                  "\"" + path + "\" cannot be opened: " + reason(error));
    case ENOSYS:
      return fail(ec::internal,
                  "this kernel lacks openat2 (Linux 5.6 or newer is needed)");
    default:
      return fail(ec::internal,
                  "opening \"" + path + "\" failed: " + reason(error));
  }
}

failure too_large(const std::string& path, uint32_t max_bytes) {
  return fail(ec::payload_too_large, "\"" + path + "\" is larger than "
                                       + std::to_string(max_bytes)
                                       + " bytes, the server's bound");
}

} // namespace

expected<void> check_worktree(const std::string& worktree) {
  const descriptor folder{open_worktree(worktree)};
  if (!folder.valid())
    return no_worktree(worktree, errno);
  return success();
}

expected<std::string> load_source(const std::string& worktree,
                                  const std::string& path, uint32_t max_bytes) {
  const descriptor folder{open_worktree(worktree)};
  if (!folder.valid())
    return no_worktree(worktree, errno);
  const descriptor file{open_beneath(folder.get(), path)};
  if (!file.valid())
    return open_failure(path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0)
    return open_failure(path, errno);
  if (!S_ISREG(status.st_mode))
    return fail(ec::invalid_path, "\"" + path + "\" is not a regular file");
  if (status.st_size > static_cast<off_t>(max_bytes))
    return too_large(path, max_bytes);
  // One byte more than the size shows whether the file grew meanwhile.
  std::string text(static_cast<std::size_t>(status.st_size) + 1, '\0');
  std::size_t filled = 0;
  for (;;) {
    const auto got
      = ::read(file.get(), text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return open_failure(path, errno);
    if (got == 0)
      break;
    filled += static_cast<std::size_t>(got);
    if (filled > max_bytes)
      return too_large(path, max_bytes);
    if (filled == text.size())
      text.resize(text.size() * 2);
  }
  text.resize(filled);
  return text;
}

} // namespace vmsystem
