#include "vmsystem/app/audit_log.hpp"

#include "vmsystem/app/log.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace vmsystem {

namespace {

/// Lines that wait; more are lost.
constexpr std::size_t max_waiting = 65536;

/// How long a pipe that nobody reads is waited for at the end, and how often
/// the end is looked for.
constexpr int last_patience_ms = 1000;
constexpr int look_again_ms = 100;

std::string reason(int error) {
  return std::generic_category().message(error);
}

int open_file(const std::string& path) {
  if (path == "-")
    return ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
  return ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

} // namespace

expected<std::unique_ptr<audit_log>> audit_log::open(const std::string& path) {
  const int fd = open_file(path);
  if (fd < 0)
    return fail(ec::internal,
                "cannot open the audit log " + path + ": " + reason(errno));
  return std::unique_ptr<audit_log>{new audit_log{path, fd}};
}

audit_log::audit_log(std::string path, int fd)
  : path_{std::move(path)}, fd_{fd}, writer_{[this] { run(); }} {}

audit_log::~audit_log() {
  {
    const std::lock_guard guard{mutex_};
    ending_ = true;
  }
  changed_.notify_one();
  writer_.join();
  ::close(fd_);
}

void audit_log::add(std::string line) {
  {
    const std::lock_guard guard{mutex_};
    if (lines_.size() >= max_waiting)
      ++lost_;
    else
      lines_.push_back(std::move(line));
  }
  changed_.notify_one();
}

void audit_log::reopen() {
  add({});
}

void audit_log::run() {
  for (std::string line; take(line);) {
    if (line.empty())
      reopen_now();
    else
      write(line);
  }
}

bool audit_log::take(std::string& line) {
  std::unique_lock guard{mutex_};
  changed_.wait(guard, [this] { return ending_ || !lines_.empty(); });
  const auto lost = std::exchange(lost_, 0);
  const bool there_is_one = !lines_.empty();
  if (there_is_one) {
    line = std::move(lines_.front());
    lines_.pop_front();
  }
  guard.unlock();
  if (lost > 0)
    failed("they came faster than it takes them");
  return there_is_one;
}

void audit_log::write(std::string_view line) {
  // Behind a torn line another one begins.
  if ((torn_ && !write_all("\n")) || !write_all(line))
    return;
  torn_ = false;
  if (std::exchange(failed_, false))
    log_info("the audit log " + path_ + " takes lines again");
}

bool audit_log::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!wait_for_room())
      return false;
    const auto size = ::write(fd_, bytes.data(), bytes.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (size < 0) {
      failed(reason(errno));
      return false;
    }
    torn_ = true;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

bool audit_log::wait_for_room() {
  for (;;) {
    pollfd file{fd_, POLLOUT, 0};
    if (::poll(&file, 1, look_again_ms) != 0)
      return true;
    const std::lock_guard guard{mutex_};
    if (ending_ && (waited_ms_ += look_again_ms) >= last_patience_ms)
      return false;
  }
}

void audit_log::reopen_now() {
  const int fd = open_file(path_);
  if (fd < 0)
    return log_error("the audit log " + path_
                     + " stays the file that it was: " + reason(errno));
  ::close(std::exchange(fd_, fd));
  torn_ = false;
}

void audit_log::failed(const std::string& why) {
  if (!std::exchange(failed_, true))
    log_error("lines of the audit log " + path_ + " are lost: " + why);
}

} // namespace vmsystem
