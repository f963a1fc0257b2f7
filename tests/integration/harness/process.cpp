#include "process.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vmsystem::test {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds program_deadline{60};
constexpr std::chrono::milliseconds look_again{2};

int status_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status)
                                  : WEXITSTATUS(wait_status);
}

} // namespace

std::vector<std::string> environment_with(const variables& extra) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (const std::string text{*entry};
        text.rfind("VM_SYSTEM_", 0) != 0
        && extra.count(text.substr(0, text.find('='))) == 0)
      result.push_back(text);
  for (const auto& [name, value] : extra)
    result.push_back(name + '=' + value);
  return result;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (auto& text : texts)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

child_process::child_process(const std::vector<std::string>& arguments,
                             const std::string& out_file,
                             const std::string& err_file,
                             const variables& extra) {
  auto texts = arguments;
  auto environment = environment_with(extra);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  constexpr int flags = O_WRONLY | O_CREAT | O_APPEND;
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out_file.c_str(), flags, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, err_file.c_str(), flags, 0600);
  const int error
    = posix_spawnp(&pid_, texts[0].c_str(), &actions, nullptr,
                   pointers_to(texts).data(), pointers_to(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    throw std::system_error{error, std::generic_category(), texts[0]};
}

child_process::~child_process() {
  if (!running())
    return;
  signal(SIGKILL);
  wait(program_deadline);
}

bool child_process::running() {
  return !wait(std::chrono::milliseconds{0});
}

void child_process::signal(int number) {
  if (!status_)
    kill(pid_, number);
}

std::optional<int> child_process::wait(std::chrono::milliseconds deadline) {
  const auto end = clock::now() + deadline;
  while (!status_) {
    int wait_status = 0;
    if (waitpid(pid_, &wait_status, WNOHANG) == pid_)
      status_ = status_of(wait_status);
    else if (clock::now() >= end)
      break;
    else
      std::this_thread::sleep_for(look_again);
  }
  return status_;
}

finished_program run_program(const std::vector<std::string>& arguments,
                             const variables& extra) {
  const temp_folder folder;
  child_process child{arguments, folder / "out", folder / "err", extra};
  const auto status = child.wait(program_deadline);
  if (!status)
    throw std::runtime_error{arguments[0] + " does not end"};
  return {*status, bytes_of(folder / "out"), bytes_of(folder / "err")};
}

std::string bytes_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void write_file(const std::string& path, const std::string& bytes) {
  std::filesystem::create_directories(
    std::filesystem::path{path}.parent_path());
  std::ofstream{path, std::ios::binary} << bytes;
}

std::string program() {
  return VMSYSTEM_PROGRAM;
}

} // namespace vmsystem::test
