#include "vmsystem/engine/program_run.hpp"

#include "vmsystem/engine/program_start.hpp"
#include "vmsystem/engine/worktree.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vmsystem::engine {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_gap{10};

failure system_failure(const char* what) {
  return fail(ec::internal, std::string{what} + ": " + std::strerror(errno));
}

bool has_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

/// Pointers to texts, as `execve` takes them.
std::vector<char*> pointers(const std::vector<std::string>& texts,
                            const std::string* first = nullptr) {
  std::vector<char*> result;
  if (first != nullptr)
    result.push_back(const_cast<char*>(first->c_str()));
  for (const auto& text : texts)
    result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

/// A pipe; only our end, the first, does not block.
bool make_pipe(std::array<descriptor, 2>& ends) {
  int made[2];
  if (pipe2(made, O_CLOEXEC) != 0)
    return false;
  ends = {descriptor{made[0]}, descriptor{made[1]}};
  return fcntl(made[0], F_SETFL, O_NONBLOCK) == 0;
}

/// A file in memory with the input, at its beginning.
descriptor file_of(std::string_view input) {
  descriptor file{memfd_create("vm-system-input", MFD_CLOEXEC)};
  while (file.valid() && !input.empty()) {
    const auto written = write(file.get(), input.data(), input.size());
    if (written <= 0)
      return descriptor{};
    input.remove_prefix(static_cast<std::size_t>(written));
  }
  if (file.valid() && lseek(file.get(), 0, SEEK_SET) != 0)
    return descriptor{};
  return file;
}

/// A program that runs, and what it wrote so far.
class running_program {
public:
  running_program(const program_call& call, pid_t process, descriptor output,
                  descriptor errors)
    : call_{call},
      process_{process},
      watch_{static_cast<int>(syscall(SYS_pidfd_open, process, 0u))},
      output_{std::move(output)},
      errors_{std::move(errors)} {}

  running_program(const running_program&) = delete;

  running_program& operator=(const running_program&) = delete;

  /// Leaves nothing of the group behind.
  ~running_program() {
    if (!reaped_)
      static_cast<void>(end());
  }

  expected<program_result> await() {
    if (!watch_.valid())
      return system_failure("a program cannot be watched");
    const auto deadline = clock::now() + call_.timeout;
    for (;;) {
      std::array<pollfd, 3> events{{{watch_.get(), POLLIN, 0},
                                    {output_.get(), POLLIN, 0},
                                    {errors_.get(), POLLIN, 0}}};
      if (poll(events.data(), events.size(), static_cast<int>(look_gap.count()))
            < 0
          && errno != EINTR)
        return system_failure("a program cannot be watched");
      drain();
      if (written() > call_.max_output_bytes)
        return conclude(program_end::wrote_too_much);
      if ((events[0].revents & POLLIN) != 0)
        return conclude(program_end::exited);
      if (clock::now() >= deadline)
        return conclude(program_end::timed_out);
      if (call_.stop && call_.stop())
        return conclude(program_end::stopped);
    }
  }

private:
  [[nodiscard]] std::size_t written() const noexcept {
    return result_.output.size() + result_.errors.size();
  }

  void drain() {
    drain(output_, result_.output);
    drain(errors_, result_.errors);
  }

  /// Reads what is there, and a little more than may be there.
  void drain(descriptor& from, std::string& to) {
    std::array<char, 16384> piece;
    while (from.valid() && written() <= call_.max_output_bytes) {
      const auto got = read(from.get(), piece.data(), piece.size());
      if (got > 0)
        to.append(piece.data(), static_cast<std::size_t>(got));
      else if (got == 0)
        from = descriptor{};
      else if (errno != EINTR)
        return;
    }
  }

  /// Kills the group, waits for its leader, and returns what became of it.
  siginfo_t end() {
    siginfo_t info{};
    // The leader is not reaped yet, so the group's number is its own.
    kill(-process_, SIGKILL);
    while (waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED) != 0
           && errno == EINTR) {}
    reaped_ = true;
    return info;
  }

  program_result&& conclude(program_end how) {
    const auto info = end();
    if (how == program_end::exited) {
      drain();
      result_.code = info.si_status;
      if (info.si_code != CLD_EXITED)
        how = program_end::signalled;
      if (written() > call_.max_output_bytes)
        how = program_end::wrote_too_much;
    }
    result_.end = how;
    cut(result_.output);
    cut(result_.errors);
    return std::move(result_);
  }

  void cut(std::string& text) const {
    text.resize(std::min(text.size(), call_.max_output_bytes));
  }

  const program_call& call_;
  pid_t process_;
  bool reaped_ = false;
  descriptor watch_;
  descriptor output_;
  descriptor errors_;
  program_result result_;
};

} // namespace

expected<program_result> run_program(const program_call& call) {
  for (const auto& texts : {call.arguments, call.environment})
    if (std::any_of(texts.begin(), texts.end(), has_nul))
      return fail(ec::validation_error,
                  "an argument of a program has a NUL character");
  const auto input = file_of(call.input);
  std::array<descriptor, 2> output;
  std::array<descriptor, 2> errors;
  if (!input.valid() || !make_pipe(output) || !make_pipe(errors))
    return system_failure("a program's input and output cannot be made");
  const auto arguments = pointers(call.arguments, &call.path);
  const auto environment = pointers(call.environment);
  program_start how;
  how.path = call.path.c_str();
  how.arguments = arguments.data();
  how.environment = environment.data();
  how.input = input.get();
  how.output = output[1].get();
  how.errors = errors[1].get();
  how.folder = call.folder;
  pid_t process = 0;
  const int error = start_program(how, process);
  output[1] = descriptor{};
  errors[1] = descriptor{};
  switch (error) {
    case 0:
      break;
    case ENOENT:
    case ENOTDIR:
      return fail(ec::file_not_found, "there is no program " + call.path);
    case EACCES:
    case ENOEXEC:
    case EPERM:
      return fail(ec::invalid_path,
                  call.path + " cannot be run: " + std::strerror(error));
    case E2BIG:
      return fail(ec::payload_too_large,
                  call.path + " was not started: " + std::strerror(error));
    default:
      return fail(ec::internal,
                  call.path + " was not started: " + std::strerror(error));
  }
  running_program running{call, process, std::move(output[0]),
                          std::move(errors[0])};
  return running.await();
}

} // namespace vmsystem::engine
