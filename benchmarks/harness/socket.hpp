#pragma once

#include "vmsystem/models/failure.hpp"

#include <cstdint>
#include <string_view>
#include <utility>

namespace vmsystem::bench {

/// Owns a file descriptor.
class descriptor {
public:
  descriptor() = default;

  explicit descriptor(int fd) noexcept : fd_{fd} {}

  descriptor(descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}

  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  ~descriptor();

  /// -1 when there is none.
  [[nodiscard]] int get() const noexcept {
    return fd_;
  }

private:
  int fd_ = -1;
};

/// What the last call of the system that failed says; internal.
[[nodiscard]] failure system_failure(std::string_view call);

/// A blocking connection without Nagle's delay. Errors: internal.
[[nodiscard]] expected<descriptor> connect_to_loopback(uint16_t port);

/// Sends all bytes; blocks while the peer does not read. Errors: internal.
[[nodiscard]] expected<void> send_all(const descriptor& to,
                                      std::string_view bytes);

} // namespace vmsystem::bench
