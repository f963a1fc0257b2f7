#include "terminal.hpp"

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>

#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace vmsystem::test {

namespace {

constexpr std::chrono::seconds deadline{60};

} // namespace

terminal_program::terminal_program(const std::vector<std::string>& arguments,
                                   const variables& extra) {
  auto texts = arguments;
  auto environment = environment_with(extra);
  const auto argument_pointers = pointers_to(texts);
  const auto variable_pointers = pointers_to(environment);
  winsize size{};
  size.ws_row = 40;
  size.ws_col = 100;
  const auto pid = forkpty(&fd_, nullptr, nullptr, &size);
  if (pid < 0)
    throw std::system_error{errno, std::generic_category(), "forkpty"};
  if (pid == 0) {
    execve(texts[0].c_str(), argument_pointers.data(),
           variable_pointers.data());
    _exit(127);
  }
  process_ = std::make_unique<child_process>(pid);
}

terminal_program::~terminal_program() {
  // First the process: it may wait for its output to be read.
  process_.reset();
  close(fd_);
}

void terminal_program::type(std::string_view keys) {
  while (!keys.empty()) {
    const auto size = write(fd_, keys.data(), keys.size());
    if (size < 0)
      throw std::system_error{errno, std::generic_category(), "terminal"};
    keys.remove_prefix(static_cast<std::size_t>(size));
  }
}

bool terminal_program::read_more(int timeout_ms) {
  pollfd ready{fd_, POLLIN, 0};
  if (poll(&ready, 1, timeout_ms) <= 0)
    return true;
  char bytes[4096];
  const auto size = read(fd_, bytes, sizeof(bytes));
  if (size <= 0)
    return false;
  output_.append(bytes, static_cast<std::size_t>(size));
  return true;
}

std::string terminal_program::wait_for(std::string_view text) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  for (;;) {
    if (const auto at = output_.find(text); at != std::string::npos) {
      auto seen = output_.substr(0, at + text.size());
      output_.erase(0, at + text.size());
      return seen;
    }
    if (!read_more(100) || std::chrono::steady_clock::now() > end)
      throw std::runtime_error{"no \"" + std::string{text} + "\" in \""
                               + output_ + '"'};
  }
}

void terminal_program::wait_for_editor() {
  const auto end = std::chrono::steady_clock::now() + deadline;
  termios mode{};
  // A terminal has one mode, whichever end is asked.
  while (tcgetattr(fd_, &mode) == 0 && (mode.c_lflag & ICANON) != 0) {
    read_more(2);
    if (std::chrono::steady_clock::now() > end)
      throw std::runtime_error{"no line editor behind \"" + output_ + '"'};
  }
}

void terminal_program::resize(uint16_t columns, uint16_t rows) {
  winsize size{};
  size.ws_row = rows;
  size.ws_col = columns;
  if (ioctl(fd_, TIOCSWINSZ, &size) != 0)
    throw std::system_error{errno, std::generic_category(), "terminal"};
}

bool terminal_program::is_usual() const {
  constexpr tcflag_t usual = ICANON | ECHO | ISIG;
  termios mode{};
  return tcgetattr(fd_, &mode) == 0 && (mode.c_lflag & usual) == usual;
}

std::optional<int> terminal_program::wait() {
  const auto end = std::chrono::steady_clock::now() + deadline;
  // It cannot end before its output is read.
  while (read_more(100) && std::chrono::steady_clock::now() < end) {}
  return process_->wait(deadline);
}

} // namespace vmsystem::test
