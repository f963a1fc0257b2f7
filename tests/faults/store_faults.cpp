// Loaded before the libraries of a server (LD_PRELOAD): plays faults of the
// disk, for the files of one folder only. Variables say which:
//
// STORE_FAULTS         MODE ONE_IN SEED, as in "error 50 7"
// STORE_FAULTS_FOLDER  the folder, without symbolic links
// STORE_FAULTS_COUNT   a file that gets a byte for each fault
//
// | mode  | what it does                                                     |
// |-------|------------------------------------------------------------------|
// | delay | each sync takes some milliseconds longer                         |
// | error | one in so many writes and syncs does nothing and fails           |
// | torn  | the same, but a write that fails has written a part              |
//
// RocksDB's own log file (LOG) has no faults: what is lost of it is no record.

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

enum class mode { none, delay, error, torn };

struct settings {
  mode how = mode::none;
  unsigned long one_in = 1;
  unsigned long seed = 0;
  char folder[4096] = {};
  const char* count = nullptr;
};

settings chosen;
std::atomic<unsigned long> calls{0};

/// Runs before the program does.
__attribute__((constructor)) void choose() {
  const char* text = std::getenv("STORE_FAULTS");
  const char* folder = std::getenv("STORE_FAULTS_FOLDER");
  char name[16] = {};
  if (text == nullptr || folder == nullptr
      || std::sscanf(text, "%15s %lu %lu", name, &chosen.one_in, &chosen.seed)
           != 3
      || chosen.one_in == 0)
    return;
  std::snprintf(chosen.folder, sizeof(chosen.folder), "%s/", folder);
  chosen.count = std::getenv("STORE_FAULTS_COUNT");
  if (std::strcmp(name, "delay") == 0)
    chosen.how = mode::delay;
  else if (std::strcmp(name, "error") == 0)
    chosen.how = mode::error;
  else if (std::strcmp(name, "torn") == 0)
    chosen.how = mode::torn;
}

/// Whether a descriptor is one of a file that may have faults.
bool is_ours(int fd) {
  if (chosen.how == mode::none)
    return false;
  char link[64];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  char path[4096];
  const auto size = readlink(link, path, sizeof(path) - 1);
  if (size <= 0)
    return false;
  path[size] = '\0';
  const auto folder = std::strlen(chosen.folder);
  return std::strncmp(path, chosen.folder, folder) == 0
         && std::strncmp(path + folder, "LOG", 3) != 0;
}

/// Mixes the bits of a number well (SplitMix64).
unsigned long mix(unsigned long x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// A number by chance for this call.
unsigned long chance() {
  return mix(chosen.seed ^ mix(++calls));
}

void count_fault() {
  if (chosen.count == nullptr)
    return;
  const auto fd = open(chosen.count, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (fd < 0)
    return;
  syscall(SYS_write, fd, ".", 1);
  close(fd);
}

/// Whether this call is to fail; `errno` says with what then.
bool strikes(unsigned long by) {
  if (chosen.how == mode::delay || by % chosen.one_in != 0)
    return false;
  count_fault();
  errno = (by >> 32) % 2 == 0 ? EIO : ENOSPC;
  return true;
}

/// How many bytes of a write that fails are written.
size_t part_of(size_t size, unsigned long by) {
  return chosen.how == mode::torn && size > 0 ? (by >> 8) % size : 0;
}

int sync_with_faults(int fd, long call) {
  if (is_ours(fd)) {
    const auto by = chance();
    if (chosen.how == mode::delay) {
      constexpr long ms = 1000000;
      const timespec pause{0, static_cast<long>(2 + by % 10) * ms};
      nanosleep(&pause, nullptr);
    }
    if (strikes(by))
      return -1;
  }
  return static_cast<int>(syscall(call, fd));
}

} // namespace

extern "C" {

ssize_t write(int fd, const void* data, size_t size) {
  if (is_ours(fd)) {
    const auto by = chance();
    if (strikes(by)) {
      const int why = errno;
      if (const auto part = part_of(size, by); part > 0)
        syscall(SYS_write, fd, data, part);
      errno = why;
      return -1;
    }
  }
  return syscall(SYS_write, fd, data, size);
}

ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  if (is_ours(fd)) {
    const auto by = chance();
    if (strikes(by)) {
      const int why = errno;
      if (const auto part = part_of(size, by); part > 0)
        syscall(SYS_pwrite64, fd, data, part, at);
      errno = why;
      return -1;
    }
  }
  return syscall(SYS_pwrite64, fd, data, size, at);
}

ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  return pwrite(fd, data, size, at);
}

int fdatasync(int fd) {
  return sync_with_faults(fd, SYS_fdatasync);
}

int fsync(int fd) {
  return sync_with_faults(fd, SYS_fsync);
}

} // extern "C"
