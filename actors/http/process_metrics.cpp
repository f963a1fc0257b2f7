#include "vmsystem/actors/http/process_metrics.hpp"

#include <cstdint>
#include <ctime>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

namespace vmsystem::http {

namespace {

constexpr auto counter = metric_type::counter;
constexpr auto gauge = metric_type::gauge;
constexpr auto in_us = metric_unit::microseconds;

constexpr int64_t us_per_second = 1000000;

int64_t microseconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * us_per_second + now.tv_nsec / 1000;
}

/// When the process began, in microseconds since 1970; 0 when nobody knows.
uint64_t find_start_time() {
  std::ifstream file{"/proc/self/stat"};
  std::string line;
  std::getline(file, line);
  // The program's name, which may hold anything, ends at the last parenthesis.
  const auto end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos)
    return 0;
  std::istringstream fields{line.substr(end_of_name + 1)};
  constexpr int between = 19;
  std::string skipped;
  for (int i = 0; i < between; ++i)
    fields >> skipped;
  int64_t ticks = 0;
  if (!(fields >> ticks))
    return 0;
  const auto since_boot = ticks * us_per_second / sysconf(_SC_CLK_TCK);
  const auto age = microseconds_of(CLOCK_BOOTTIME) - since_boot;
  return static_cast<uint64_t>(microseconds_of(CLOCK_REALTIME) - age);
}

/// Open file descriptors, without the one that this takes.
uint64_t count_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder{opendir("/proc/self/fd"),
                                                   &closedir};
  if (folder == nullptr)
    return 0;
  uint64_t result = 0;
  while (const auto* const entry = readdir(folder.get()))
    result += entry->d_name[0] != '.' ? 1 : 0;
  return result - 1;
}

/// Reads the lines of /proc/self/status as numbers of bytes, or of things.
class process_status {
public:
  process_status() {
    std::ifstream file{"/proc/self/status"};
    std::ostringstream all;
    all << '\n' << file.rdbuf();
    text_ = all.str();
  }

  [[nodiscard]] uint64_t number(const std::string& name) const {
    const auto key = '\n' + name + ":";
    const auto at = text_.find(key);
    if (at == std::string::npos)
      return 0;
    std::istringstream rest{text_.substr(at + key.size(), 64)};
    uint64_t result = 0;
    rest >> result;
    return result;
  }

  [[nodiscard]] uint64_t bytes(const std::string& name) const {
    return number(name) * 1024;
  }

private:
  std::string text_;
};

void write_memory(metrics_text& to, const process_status& status) {
  to.one("process_resident_memory_bytes", gauge, "Memory that is resident.",
         status.bytes("VmRSS"));
  to.family("vm_system_resident_memory_bytes", gauge,
            "Resident memory by kind: anonymous is that of the program and "
            "what sessions changed, shared is images of templates, file is "
            "code and mapped files.");
  to.sample(status.bytes("RssAnon"), {{"kind", "anonymous"}});
  to.sample(status.bytes("RssShmem"), {{"kind", "shared"}});
  to.sample(status.bytes("RssFile"), {{"kind", "file"}});
}

void write_descriptors(metrics_text& to) {
  to.one("process_open_fds", gauge, "Open file descriptors.",
         count_descriptors());
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    to.one("process_max_fds", gauge, "How many there may be.", limit.rlim_cur);
}

void write_cpu(metrics_text& to) {
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) != 0)
    return;
  const auto us_of = [](const timeval& x) {
    return static_cast<uint64_t>(x.tv_sec * us_per_second + x.tv_usec);
  };
  to.one("process_cpu_seconds_total", counter,
         "Processor time of user and system.",
         us_of(used.ru_utime) + us_of(used.ru_stime), in_us);
}

} // namespace

void write_process_metrics(metrics_text& to) {
  static const auto start_time = find_start_time();
  to.one("process_start_time_seconds", gauge,
         "When the process began, since 1970.", start_time, in_us);
  write_cpu(to);
  const process_status status;
  write_memory(to, status);
  to.one("process_threads", gauge, "Threads.", status.number("Threads"));
  write_descriptors(to);
}

} // namespace vmsystem::http
