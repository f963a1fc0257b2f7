#pragma once

#include "vmsystem/tests/temp_folder.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace vmsystem::test {

using variables = std::map<std::string, std::string>;

/// A child process. It is killed when this goes away.
class child_process {
public:
  /// Starts `arguments[0]`, with stdout and stderr written to files. The
  /// environment is the caller's without `VM_SYSTEM_...`, and `extra`. Throws
  /// `std::system_error`.
  child_process(const std::vector<std::string>& arguments,
                const std::string& out_file, const std::string& err_file,
                const variables& extra = {});
  /// Takes over a child that runs already.
  explicit child_process(pid_t pid) noexcept : pid_{pid} {}
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  [[nodiscard]] pid_t pid() const noexcept {
    return pid_;
  }

  /// Whether it has not ended yet.
  [[nodiscard]] bool running();

  /// Sends a signal; does nothing when it has ended.
  void signal(int number);

  /// Waits for its end.
  /// @returns the exit status, 128 plus the signal's number when a signal
  ///          ended it, or nothing when it still runs after `deadline`.
  std::optional<int> wait(std::chrono::milliseconds deadline);

private:
  pid_t pid_ = -1;
  std::optional<int> status_;
};

/// The caller's environment without `VM_SYSTEM_...`, and `extra`.
[[nodiscard]] std::vector<std::string> environment_with(const variables& extra);

/// What the kernel takes for a list of texts, which must live as long.
[[nodiscard]] std::vector<char*> pointers_to(std::vector<std::string>& texts);

/// What a program left that ran to its end.
struct finished_program {
  /// As `child_process::wait`.
  int status = 0;
  std::string out;
  std::string err;
};

/// Runs a program to its end. Throws when it takes longer than a minute.
[[nodiscard]] finished_program
run_program(const std::vector<std::string>& arguments,
            const variables& extra = {});

/// All bytes of a file; empty when it cannot be read.
[[nodiscard]] std::string bytes_of(const std::string& path);

/// Writes a file.
void write_file(const std::string& path, const std::string& bytes);

/// The program under test.
[[nodiscard]] std::string program();

} // namespace vmsystem::test
