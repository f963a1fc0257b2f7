#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

/// What came from where lines are typed.
enum class repl_input_kind : uint8_t {
  line,
  /// Ctrl-C.
  interrupted,
  end,
};

/// One line, or what came in its place.
struct repl_input {
  repl_input_kind kind = repl_input_kind::end;
  /// The line without its end; what was typed before it was interrupted.
  std::string text;
};

/// Where an interactive session reads its lines from.
class repl_lines {
public:
  virtual ~repl_lines() = default;

  /// Reads the next line.
  [[nodiscard]] virtual repl_input next(const std::string& prompt) = 0;
};

/// What `repl_lines` of a terminal ask while a line is typed.
struct line_completion {
  /// How many bytes in front of the cursor are what the names begin with.
  std::size_t typed = 0;
  std::vector<std::string> names;
};

/// Gives the names for what stands in front of the cursor.
using line_completer
  = std::function<line_completion(std::string_view before_cursor)>;

/// Lines of stdin, without a prompt.
[[nodiscard]] std::unique_ptr<repl_lines> plain_lines();

/// Lines that are typed in the terminal, with editing, completion by Tab and a
/// history of 1000 lines.
/// @param history_file where the history is kept between sessions, readable
///        for its owner alone; empty for nowhere. The folder is made.
[[nodiscard]] std::unique_ptr<repl_lines>
terminal_lines(const std::string& history_file, line_completer complete);

/// Where the history belongs: below `$XDG_STATE_HOME`, or below
/// `~/.local/state`. Empty when there is no home.
[[nodiscard]] std::string repl_history_file();

} // namespace vmsystem
