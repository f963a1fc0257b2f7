#pragma once

#include "process.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem::test {

/// A program in a terminal of its own, as wide as 100 columns.
class terminal_program {
public:
  /// Starts `arguments[0]`; the environment is as for `child_process`. Throws
  /// `std::system_error`.
  terminal_program(const std::vector<std::string>& arguments,
                   const variables& extra);
  ~terminal_program();
  terminal_program(const terminal_program&) = delete;
  terminal_program& operator=(const terminal_program&) = delete;

  /// Types keys: `\r` is Enter, `\x03` Ctrl-C, `\x1b[A` arrow up.
  void type(std::string_view keys);

  /// Waits until the program has written `text` behind what was waited for
  /// before. Throws `std::runtime_error` with what it has written when that
  /// takes longer than a minute.
  /// @returns what it wrote before and including `text`.
  std::string wait_for(std::string_view text);

  /// Waits until the program takes keys one by one, as a line editor does: only
  /// then is Ctrl-D or Ctrl-C a key. Throws as `wait_for`.
  void wait_for_editor();

  /// Makes the terminal another size, as dragging its window does.
  void resize(uint16_t columns, uint16_t rows);

  /// Whether the terminal is as programs find it: it takes whole lines, shows
  /// keys and makes signals of some.
  [[nodiscard]] bool is_usual() const;

  [[nodiscard]] child_process& process() noexcept {
    return *process_;
  }

  /// Waits for the program's end.
  /// @returns as `child_process::wait`, after a minute at most.
  std::optional<int> wait();

private:
  /// @returns false when the program has closed the terminal.
  bool read_more(int timeout_ms);

  int fd_ = -1;
  std::unique_ptr<child_process> process_;
  /// What was written and not waited for yet.
  std::string output_;
};

} // namespace vmsystem::test
