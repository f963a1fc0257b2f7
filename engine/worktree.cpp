#include "vmsystem/engine/worktree.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>
#include <system_error>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace vmsystem::engine {

namespace {

/// How often a path is tried again that others rename meanwhile.
constexpr int max_attempts = 1000;

int open_beneath(int folder, const std::string& path, int flags, mode_t mode,
                 descriptor& to) {
  if (path.find('\0') != std::string::npos)
    return EINVAL;
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.mode = (flags & O_CREAT) != 0 ? mode & 07777u : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (int attempt = 1;; ++attempt) {
    const auto fd = static_cast<int>(
      ::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof(how)));
    if (fd >= 0) {
      to = descriptor{fd};
      return 0;
    }
    // EAGAIN: something was renamed while the kernel resolved the path.
    if ((errno != EAGAIN && errno != EINTR) || attempt == max_attempts)
      return errno;
  }
}

int must_be_regular(int fd, struct stat& status) {
  if (::fstat(fd, &status) != 0)
    return errno;
  if (S_ISDIR(status.st_mode))
    return EISDIR;
  return S_ISREG(status.st_mode) ? 0 : EINVAL;
}

int read_all(int fd, std::size_t size, std::size_t max_bytes, std::string& to) {
  // One byte more than the size shows whether the file grew meanwhile.
  to.resize(size + 1);
  std::size_t filled = 0;
  for (;;) {
    const auto got = ::read(fd, to.data() + filled, to.size() - filled);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return errno;
    if (got == 0)
      break;
    filled += static_cast<std::size_t>(got);
    if (filled > max_bytes)
      return EFBIG;
    if (filled == to.size())
      to.resize(to.size() * 2);
  }
  to.resize(filled);
  return 0;
}

int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return errno;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return 0;
}

/// The path of what a descriptor names, as the kernel knows it; empty when it
/// tells none.
std::string path_of(int fd) {
  std::string path(PATH_MAX, '\0');
  const auto link = "/proc/self/fd/" + std::to_string(fd);
  const auto size = ::readlink(link.c_str(), path.data(), path.size());
  path.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return path;
}

} // namespace

descriptor::descriptor(descriptor&& other) noexcept
  : fd_{std::exchange(other.fd_, -1)} {}

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

descriptor::~descriptor() {
  if (fd_ >= 0)
    ::close(fd_);
}

worktree::worktree(descriptor folder) noexcept : folder_{std::move(folder)} {}

expected<worktree> worktree::open(const std::string& path) {
  descriptor folder{::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!folder.valid()) {
    const int error = errno;
    // Nothing is wrong with the folder then.
    const bool exhausted = error == EMFILE || error == ENFILE;
    return fail(exhausted ? ec::overloaded : ec::worktree_not_found,
                "worktree \"" + path + "\" cannot be opened as a directory: "
                  + std::generic_category().message(error));
  }
  return worktree{std::move(folder)};
}

int worktree::open_file(const std::string& path, int flags, mode_t mode,
                        descriptor& to) const {
  return open_beneath(folder_.get(), path, flags | O_NONBLOCK | O_NOCTTY, mode,
                      to);
}

int worktree::read_file(const std::string& path, std::size_t max_bytes,
                        std::string& to) const {
  descriptor file;
  if (const auto error = open_file(path, O_RDONLY, 0, file); error != 0)
    return error;
  struct stat status {};
  if (const auto error = must_be_regular(file.get(), status); error != 0)
    return error;
  const auto size = static_cast<std::size_t>(status.st_size);
  return size > max_bytes ? EFBIG : read_all(file.get(), size, max_bytes, to);
}

// What is no regular file must not lose its content before that is known.
int worktree::write_file(const std::string& path, int flags, mode_t mode,
                         std::string_view bytes) const {
  descriptor file;
  if (const auto error
      = open_file(path, O_WRONLY | (flags & ~O_TRUNC), mode, file);
      error != 0)
    return error;
  struct stat status {};
  if (const auto error = must_be_regular(file.get(), status); error != 0)
    return error;
  if ((flags & O_TRUNC) != 0 && ::ftruncate(file.get(), 0) != 0)
    return errno;
  return write_all(file.get(), bytes);
}

int worktree::status(const std::string& path, bool follow,
                     struct stat& to) const {
  descriptor file;
  const auto flags = O_PATH | (follow ? 0 : O_NOFOLLOW);
  if (const auto error = open_beneath(folder_.get(), path, flags, 0, file);
      error != 0)
    return error;
  return ::fstat(file.get(), &to) == 0 ? 0 : errno;
}

int worktree::real_path(const std::string& path, std::string& to) const {
  descriptor file;
  if (const auto error = open_beneath(folder_.get(), path, O_PATH, 0, file);
      error != 0)
    return error;
  auto root = path_of(folder_.get());
  if (root != "/")
    root += '/';
  const auto full = path_of(file.get());
  if (full.size() <= root.size() || full.compare(0, root.size(), root) != 0)
    return ENOENT;
  to = full.substr(root.size());
  return 0;
}

int worktree::open_folder(const std::string& path, worktree& to) const {
  return open_beneath(folder_.get(), path, O_PATH | O_DIRECTORY, 0, to.folder_);
}

int worktree::list(const std::string& path, std::size_t max_entries,
                   std::vector<entry>& to) const {
  descriptor folder;
  if (const auto error = open_file(path, O_RDONLY | O_DIRECTORY, 0, folder);
      error != 0)
    return error;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream{::fdopendir(folder.get()),
                                                   &::closedir};
  if (stream == nullptr)
    return errno;
  // The stream closes it.
  folder.release();
  to.clear();
  for (;;) {
    errno = 0;
    const auto* next = ::readdir(stream.get());
    if (next == nullptr)
      break;
    std::string name{next->d_name};
    if (name == "." || name == "..")
      continue;
    if (to.size() == max_entries)
      return EOVERFLOW;
    to.push_back({std::move(name), next->d_type});
  }
  if (errno != 0)
    return errno;
  std::sort(to.begin(), to.end(),
            [](const entry& a, const entry& b) { return a.name < b.name; });
  return 0;
}

int worktree::open_parent(const std::string& path, descriptor& parent,
                          std::string& name) const {
  const auto end = path.find_last_not_of('/');
  if (end == std::string::npos)
    return path.empty() ? ENOENT : EBUSY;
  const auto slash = path.find_last_of('/', end);
  const auto begin = slash == std::string::npos ? 0 : slash + 1;
  name = path.substr(begin, end + 1 - begin);
  if (name == "." || name == "..")
    return EBUSY;
  if (name.find('\0') != std::string::npos)
    return EINVAL;
  return open_beneath(folder_.get(), begin == 0 ? "." : path.substr(0, begin),
                      O_PATH | O_DIRECTORY, 0, parent);
}

int worktree::make_folder(const std::string& path, mode_t mode) const {
  descriptor parent;
  std::string name;
  if (const auto error = open_parent(path, parent, name); error != 0)
    return error == EBUSY ? EEXIST : error;
  return ::mkdirat(parent.get(), name.c_str(), mode) == 0 ? 0 : errno;
}

int worktree::remove(const std::string& path, bool folder) const {
  descriptor parent;
  std::string name;
  if (const auto error = open_parent(path, parent, name); error != 0)
    return error;
  return ::unlinkat(parent.get(), name.c_str(), folder ? AT_REMOVEDIR : 0) == 0
           ? 0
           : errno;
}

int worktree::rename(const std::string& from, const std::string& to) const {
  descriptor old_parent;
  descriptor new_parent;
  std::string old_name;
  std::string new_name;
  if (const auto error = open_parent(from, old_parent, old_name); error != 0)
    return error;
  if (const auto error = open_parent(to, new_parent, new_name); error != 0)
    return error;
  return ::renameat(old_parent.get(), old_name.c_str(), new_parent.get(),
                    new_name.c_str())
             == 0
           ? 0
           : errno;
}

} // namespace vmsystem::engine
