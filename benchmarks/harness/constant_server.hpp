#pragma once

#include "vmsystem/benchmarks/harness/socket.hpp"
#include "vmsystem/models/failure.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

namespace vmsystem::bench {

/// The least that a server can do: one thread that waits with epoll, reads what
/// came and sends the same bytes every time. It parses nothing, so it is right
/// only for clients that send one small request and wait. What it reaches with
/// a load generator is the bound of every server on the machine.
class constant_server {
public:
  /// Listens on a port of the loopback interface that the system chooses.
  /// @param answer a whole HTTP answer.
  /// Errors: internal.
  [[nodiscard]] static expected<std::unique_ptr<constant_server>>
  start(std::string answer);

  constant_server(descriptor listening, descriptor poll, descriptor stop,
                  uint16_t port, std::string answer);
  constant_server(const constant_server&) = delete;
  constant_server& operator=(const constant_server&) = delete;
  ~constant_server();

  [[nodiscard]] uint16_t port() const noexcept {
    return port_;
  }

private:
  void serve();

  descriptor listening_;
  descriptor poll_;
  descriptor stop_;
  uint16_t port_;
  std::string answer_;
  std::thread thread_;
};

} // namespace vmsystem::bench
