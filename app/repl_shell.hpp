#pragma once

#include "vmsystem/app/command.hpp"
#include "vmsystem/app/config.hpp"
#include "vmsystem/app/repl_lines.hpp"
#include "vmsystem/app/repl_rewrite.hpp"
#include "vmsystem/app/repl_screen.hpp"
#include "vmsystem/app/repl_target.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace vmsystem {

/// An interactive session: reads snippets and commands, runs the snippets,
/// prints what they print and give.
class repl_shell {
public:
  /// Opens a session; empty when there is no other than the first.
  using target_opener = std::function<answer<std::unique_ptr<repl_target>>()>;

  /// @param interrupts counts Ctrl-C while a snippet runs.
  /// @param options must outlive the shell.
  repl_shell(std::unique_ptr<repl_target> target, target_opener reopen,
             const repl_look& look, const global_options& options,
             std::atomic<int>& interrupts);

  /// Reads until the end, `.exit`, or two times Ctrl-C.
  /// @returns when nobody types, `script_failed` when a snippet failed, and
  ///          `request_failed` when one could not run.
  [[nodiscard]] exit_code run(repl_lines& lines);

  /// The names that may stand at the cursor.
  /// @param before_cursor the part of the line in front of it.
  [[nodiscard]] line_completion complete(std::string_view before_cursor);

private:
  void keep_last_value();
  void take_interrupt(const repl_input& input);
  void take_line(const std::string& line);
  void take_command(const std::string& line);
  void submit(const std::string& source);
  void show(const json_value& record);
  void take_refusal(const request_error& why);
  void load(const std::string& file);
  void save(const std::string& file);
  void show_limits();
  void show_last_events();

  std::unique_ptr<repl_target> target_;
  target_opener reopen_;
  repl_screen screen_;
  const global_options& options_;
  std::atomic<int>& interrupts_;
  /// Lines of a snippet that goes on.
  snippet_lines pending_;
  /// The snippets so far, for `.save`.
  std::string entered_;
  std::string last_execution_;
  /// Whether `_` is the last value, and not the user's.
  bool keeps_last_ = false;
  /// Whether Ctrl-C leaves when it comes once more.
  bool warned_ = false;
  bool leaving_ = false;
  exit_code outcome_ = exit_code::ok;
};

} // namespace vmsystem
