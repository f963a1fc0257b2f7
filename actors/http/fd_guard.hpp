#pragma once

#include <utility>

#include <unistd.h>

namespace vmsystem::http {

/// Closes a descriptor unless it is released.
class fd_guard {
public:
  /// @param fd negative for none.
  explicit fd_guard(int fd) noexcept : fd_{fd} {}
  fd_guard(const fd_guard&) = delete;
  fd_guard& operator=(const fd_guard&) = delete;
  ~fd_guard() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept {
    return fd_;
  }
  int release() noexcept {
    return std::exchange(fd_, -1);
  }

private:
  int fd_;
};

} // namespace vmsystem::http
