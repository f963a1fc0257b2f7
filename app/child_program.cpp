#include "vmsystem/app/child_program.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vmsystem {

namespace {

constexpr std::size_t max_err_bytes = 64u << 10;

std::string reason(int error) {
  return std::generic_category().message(error);
}

/// Both ends of a pipe.
class pipe_ends {
public:
  pipe_ends() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0)
      ends_ = {-1, -1};
  }
  pipe_ends(const pipe_ends&) = delete;
  pipe_ends& operator=(const pipe_ends&) = delete;
  ~pipe_ends() {
    close(0);
    close(1);
  }
  [[nodiscard]] bool made() const noexcept {
    return ends_[0] >= 0;
  }
  /// 0: where to read; 1: where to write.
  [[nodiscard]] int operator[](std::size_t end) const noexcept {
    return ends_[end];
  }
  void close(std::size_t end) noexcept {
    if (ends_[end] >= 0)
      ::close(ends_[end]);
    ends_[end] = -1;
  }

private:
  std::array<int, 2> ends_{-1, -1};
};

/// What a child starts with.
class spawn_plan {
public:
  spawn_plan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  spawn_plan(const spawn_plan&) = delete;
  spawn_plan& operator=(const spawn_plan&) = delete;
  ~spawn_plan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  /// @returns 0 or the child's error.
  int start(pid_t& child, const std::vector<std::string>& arguments,
            const std::string& folder, int out, int err) {
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null",
                                     O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, err, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
    // What this process ignores, the child must not.
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGXFSZ);
    posix_spawnattr_setsigdefault(&attributes_, &usual);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_,
                             POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    std::vector<char*> pointers;
    for (const auto& argument : arguments)
      pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    return posix_spawnp(&child, pointers.front(), &actions_, &attributes_,
                        pointers.data(), environ);
  }

private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

/// Takes what there is to read.
/// @returns whether more may come.
bool drain(int from, std::string& to) {
  std::array<char, 65536> bytes;
  const auto got = ::read(from, bytes.data(), bytes.size());
  if (got < 0)
    return errno == EINTR;
  to.append(bytes.data(), static_cast<std::size_t>(got));
  return got > 0;
}

/// Reads both until the child closes them.
/// @returns whether stdout stayed within its bound.
bool read_both(pipe_ends& out, pipe_ends& err, program_result& result,
               std::size_t max_bytes) {
  while (out[0] >= 0 || err[0] >= 0) {
    std::array<pollfd, 2> both{{{out[0], POLLIN, 0}, {err[0], POLLIN, 0}}};
    if (::poll(both.data(), both.size(), -1) < 0 && errno != EINTR)
      return true;
    if (both[0].revents != 0 && !drain(out[0], result.out))
      out.close(0);
    if (both[1].revents != 0 && !drain(err[0], result.err))
      err.close(0);
    if (result.err.size() > max_err_bytes)
      result.err.resize(max_err_bytes);
    if (result.out.size() > max_bytes)
      return false;
  }
  return true;
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

expected<program_result> run_program(const std::vector<std::string>& arguments,
                                     const std::string& folder,
                                     std::size_t max_bytes) {
  const auto& name = arguments.front();
  pipe_ends out;
  pipe_ends err;
  if (!out.made() || !err.made())
    return fail(ec::internal, "no pipes for " + name + ": " + reason(errno));
  pid_t child = -1;
  if (const int error
      = spawn_plan{}.start(child, arguments, folder, out[1], err[1]);
      error != 0)
    return fail(ec::file_not_found,
                "cannot start " + name + ": " + reason(error));
  out.close(1);
  err.close(1);
  program_result result;
  const bool fits = read_both(out, err, result, max_bytes);
  if (!fits)
    ::kill(child, SIGKILL);
  result.status = wait_for(child);
  if (!fits)
    return fail(ec::payload_too_large, name + " printed more than "
                                         + std::to_string(max_bytes)
                                         + " bytes");
  return result;
}

} // namespace vmsystem
