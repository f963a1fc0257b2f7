#include "vmsystem/app/full_screen.hpp"

#include "vmsystem/app/text_width.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace vmsystem {

namespace {

using std::chrono::milliseconds;

// Another screen without a cursor, and back.
constexpr std::string_view enter_screen = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view leave_screen = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view home = "\x1b[H";
constexpr std::string_view clear_line = "\x1b[K";
constexpr std::string_view clear_below = "\x1b[J";

/// How often the size is looked at.
constexpr milliseconds look{100};

void put(std::string_view text) {
  while (!text.empty()) {
    const auto size = ::write(STDOUT_FILENO, text.data(), text.size());
    if (size < 0 && errno != EINTR)
      return;
    text.remove_prefix(size < 0 ? 0 : static_cast<std::size_t>(size));
  }
}

bool is_leave(char key) {
  constexpr std::string_view keys{"qQ\x03\x04"};
  return keys.find(key) != std::string_view::npos;
}

/// Reads what keys there are.
/// @returns whether one of them means to leave.
bool take_keys() {
  char keys[64];
  const auto size = ::read(STDIN_FILENO, keys, sizeof keys);
  if (size <= 0)
    return size == 0 || (errno != EINTR && errno != EAGAIN);
  return std::any_of(keys, keys + size, is_leave);
}

bool same(screen_size x, screen_size y) {
  return x.width == y.width && x.height == y.height;
}

} // namespace

bool full_screen::possible() {
  const auto* const kind = std::getenv("TERM");
  return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
         && kind != nullptr && std::string_view{kind} != "dumb";
}

full_screen::full_screen() {
  tcgetattr(STDIN_FILENO, &before_);
  auto raw = before_;
  raw.c_lflag &= static_cast<tcflag_t>(~(ICANON | ECHO | ISIG | IEXTEN));
  raw.c_iflag &= static_cast<tcflag_t>(~(IXON | ICRNL));
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
  put(enter_screen);
}

full_screen::~full_screen() {
  put(leave_screen);
  tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
}

screen_size full_screen::size() const {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0
      || size.ws_row == 0)
    return {};
  return {size.ws_col, size.ws_row};
}

void full_screen::draw(const std::vector<std::string>& lines) {
  drawn_ = size();
  put(drawing(lines, drawn_));
}

screen_event full_screen::wait(milliseconds longest) {
  using clock = std::chrono::steady_clock;
  const auto end = clock::now() + longest;
  for (;;) {
    const auto left
      = std::chrono::duration_cast<milliseconds>(end - clock::now());
    if (left.count() <= 0)
      return screen_event::time_passed;
    pollfd keys{STDIN_FILENO, POLLIN, 0};
    const auto patience = static_cast<int>(std::min(left, look).count());
    if (::poll(&keys, 1, patience) > 0 && take_keys())
      return screen_event::leave;
    if (!same(size(), drawn_))
      return screen_event::resized;
  }
}

std::string drawing(const std::vector<std::string>& lines, screen_size size) {
  std::string result{home};
  const auto count = std::min(lines.size(), size.height);
  for (std::size_t i = 0; i < count; ++i) {
    result += shortened(lines[i], size.width);
    result += clear_line;
    // Behind the last line the terminal would scroll.
    if (i + 1 < size.height)
      result += "\r\n";
  }
  if (count < size.height)
    result += clear_below;
  return result;
}

} // namespace vmsystem
