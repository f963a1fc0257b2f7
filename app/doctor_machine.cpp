#include "vmsystem/app/doctor.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

namespace vmsystem {

namespace {

/// Closes a descriptor.
/// @returns whether it was one.
bool was_open(int fd) {
  return fd >= 0 && ::close(fd) == 0;
}

bool has_openat2() {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH;
  return was_open(
    static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, ".", &how, sizeof(how))));
}

bool has_sealed_memory() {
  const int fd
    = ::memfd_create("vm-system-doctor", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  const bool sealed
    = fd >= 0 && ::ftruncate(fd, 4096) == 0
      && ::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
           == 0;
  return was_open(fd) && sealed;
}

/// As much as the linear memory of one session and its guard pages take.
bool has_address_space() {
  constexpr std::size_t bytes = (std::size_t{4} << 30) + (32u << 20);
  void* const room = ::mmap(nullptr, bytes, PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return room != MAP_FAILED && ::munmap(room, bytes) == 0;
}

std::optional<uint64_t> number_in(const char* path) {
  std::ifstream file{path};
  uint64_t number = 0;
  if (!(file >> number))
    return std::nullopt;
  return number;
}

std::string line_in(const char* path) {
  std::ifstream file{path};
  std::string line;
  std::getline(file, line);
  return line;
}

/// The largest value that a process may set for itself.
uint64_t limit_of(decltype(RLIMIT_NOFILE) what) {
  rlimit limit{};
  return ::getrlimit(what, &limit) == 0 ? limit.rlim_max : 0;
}

uint64_t core_bytes() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_CORE, &limit) == 0 ? limit.rlim_cur : 0;
}

folder_facts look_at_folder(const std::string& path) {
  folder_facts result;
  result.path = path;
  std::error_code ignored;
  result.exists = std::filesystem::is_directory(path, ignored);
  result.readable = ::access(path.c_str(), R_OK | X_OK) == 0;
  // The nearest that is there is where the others would be made.
  auto place = std::filesystem::absolute(path, ignored);
  while (!std::filesystem::exists(place, ignored) && place.has_relative_path())
    place = place.parent_path();
  result.writable = std::filesystem::is_directory(place, ignored)
                    && ::access(place.c_str(), W_OK | X_OK) == 0;
  struct statvfs disk {};
  if (::statvfs(place.c_str(), &disk) == 0)
    result.free_bytes = uint64_t{disk.f_bavail} * disk.f_frsize;
  return result;
}

bool is_clock_synchronised() {
  timex state{};
  const int result = ::adjtimex(&state);
  return result >= 0 && result != TIME_ERROR;
}

} // namespace

machine_facts look_at_machine(const std::string& store,
                              const std::string& libraries) {
  machine_facts machine;
  machine.openat2 = has_openat2();
  machine.sealed_memory = has_sealed_memory();
  machine.address_space = has_address_space();
  machine.pagemap
    = was_open(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
  machine.seccomp = ::prctl(PR_GET_SECCOMP) >= 0;
  machine.max_map_count = number_in("/proc/sys/vm/max_map_count");
  machine.overcommit = number_in("/proc/sys/vm/overcommit_memory");
  machine.max_files = limit_of(RLIMIT_NOFILE);
  machine.max_core_bytes = core_bytes();
  machine.core_pattern = line_in("/proc/sys/kernel/core_pattern");
  machine.huge_pages = line_in("/sys/kernel/mm/transparent_hugepage/enabled");
  machine.store = look_at_folder(store);
  machine.libraries = look_at_folder(libraries);
  machine.now_s = ::time(nullptr);
  machine.clock_synchronised = is_clock_synchronised();
  timespec spent{};
  machine.thread_clock = ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent) == 0;
  return machine;
}

} // namespace vmsystem
