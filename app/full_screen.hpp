#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <termios.h>

namespace vmsystem {

/// How much a terminal shows.
struct screen_size {
  std::size_t width = 80;
  std::size_t height = 24;
};

/// What ended a wait for keys.
enum class screen_event : uint8_t {
  time_passed = 0,
  resized = 1,
  /// `q`, Ctrl-C, Ctrl-D, or the terminal is gone.
  leave = 2,
};

/// The terminal of stdin and stdout, which one view has for itself: keys are
/// not echoed, and what was there before comes back at the end.
class full_screen {
public:
  /// Whether stdin and stdout are one that can be drawn on.
  [[nodiscard]] static bool possible();

  /// Takes the terminal.
  full_screen();
  full_screen(const full_screen&) = delete;
  full_screen& operator=(const full_screen&) = delete;

  /// Gives the terminal back as it was.
  ~full_screen();

  [[nodiscard]] screen_size size() const;

  /// Shows these lines, which must fit, from the top on.
  void draw(const std::vector<std::string>& lines);

  /// Waits for a key that means something, or until the terminal has another
  /// size than at the last drawing.
  screen_event wait(std::chrono::milliseconds longest);

private:
  termios before_{};
  screen_size drawn_;
};

/// What is written to show lines on a terminal of this size: the first ones
/// that fit, cut where they are too long, and nothing else of what was there.
[[nodiscard]] std::string drawing(const std::vector<std::string>& lines,
                                  screen_size size);

} // namespace vmsystem
