#pragma once

#include "vmsystem/app/client.hpp"
#include "vmsystem/app/json_value.hpp"

#include <string_view>

namespace vmsystem {

/// How an interactive session looks.
struct repl_look {
  /// Whether a person types the lines: prompts, hints, `undefined`.
  bool interactive = false;
  bool coloured = false;
};

/// What an interactive session prints.
class repl_screen {
public:
  explicit repl_screen(const repl_look& look) noexcept : look_{look} {}

  [[nodiscard]] bool interactive() const noexcept {
    return look_.interactive;
  }

  /// Says something to a person; nothing when nobody is there.
  void note(std::string_view text) const;

  /// Prints to stderr what went wrong.
  void complain(std::string_view text) const;

  /// As `complain`, for what a server refused.
  void refuse(const request_error& why) const;

  /// Prints a line of the console and what the system has to say about the
  /// execution; nothing for other events.
  void show_event(const json_value& event) const;

  /// Prints the value or the error with which an execution ended.
  void show_end(const json_value& record) const;

private:
  void show_value(const json_value& result) const;
  void show_error(const json_value& record) const;

  repl_look look_;
};

} // namespace vmsystem
