#include "process_figures.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include <sys/resource.h>
#include <unistd.h>

namespace vmsystem::test {

namespace {

std::string file_of(pid_t process, const char* name) {
  return "/proc/" + std::to_string(process) + '/' + name;
}

/// The number in a line of the process's status.
std::size_t status_of(pid_t process, const std::string& name) {
  std::ifstream status{file_of(process, "status")};
  for (std::string line; std::getline(status, line);)
    if (line.rfind(name + ':', 0) == 0)
      return std::stoul(line.substr(name.size() + 1));
  throw std::runtime_error{"process " + std::to_string(process) + " has no "
                           + name};
}

} // namespace

std::size_t resident_kb(pid_t process) {
  return status_of(process, "VmRSS");
}

std::size_t anonymous_kb(pid_t process) {
  return status_of(process, "RssAnon");
}

std::size_t peak_resident_kb(pid_t process) {
  return status_of(process, "VmHWM");
}

std::size_t threads_of(pid_t process) {
  return status_of(process, "Threads");
}

std::size_t descriptors_of(pid_t process) {
  const std::filesystem::directory_iterator all{file_of(process, "fd")};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

std::size_t descriptors_of(pid_t process, const std::string& folder) {
  std::size_t result = 0;
  std::error_code gone;
  for (const auto& one :
       std::filesystem::directory_iterator{file_of(process, "fd")})
    if (std::filesystem::read_symlink(one.path(), gone)
          .string()
          .rfind(folder + '/', 0)
        == 0)
      ++result;
  return result;
}

std::chrono::milliseconds cpu_time_of(pid_t process) {
  std::ifstream file{file_of(process, "stat")};
  std::string line;
  std::getline(file, line);
  // The program's name, which may hold anything, ends at the last parenthesis.
  std::istringstream fields{line.substr(line.rfind(')') + 1)};
  constexpr int between = 11;
  std::string skipped;
  for (int i = 0; i < between; ++i)
    fields >> skipped;
  int64_t user = 0;
  int64_t system = 0;
  if (!(fields >> user >> system))
    throw std::runtime_error{"no processor time of process "
                             + std::to_string(process)};
  return std::chrono::milliseconds{(user + system) * 1000
                                   / sysconf(_SC_CLK_TCK)};
}

void need_descriptors(std::size_t count) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= count)
    return;
  limit.rlim_cur = count;
  limit.rlim_max = std::max<rlim_t>(limit.rlim_max, count);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
    throw std::runtime_error{"this test needs " + std::to_string(count)
                             + " descriptors and may not have them: raise "
                               "the hard limit (ulimit -Hn) or run it as root"};
}

} // namespace vmsystem::test
