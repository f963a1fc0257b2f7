#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace vmsystem::test {

/// What one client of a swarm does.
struct swarm_plan {
  /// What it sends.
  std::shared_ptr<const std::string> bytes;
  /// Bytes that it sends in one turn.
  std::size_t pace = SIZE_MAX;
  /// Whether it reads what it is sent.
  bool reads = true;
};

/// Many connections, none of which waits for another.
class swarm {
public:
  explicit swarm(uint16_t port) : port_{port} {}
  ~swarm();
  swarm(const swarm&) = delete;
  swarm& operator=(const swarm&) = delete;

  /// Connects one more client. Throws `std::system_error`.
  void add(const swarm_plan& plan);

  /// Lets each client send and read once what it can.
  void turn();

  /// Takes turns until `done()` holds, for a limited time.
  /// @returns whether it does.
  template <class Condition>
  bool until(Condition done,
             std::chrono::seconds most = std::chrono::seconds{120}) {
    const auto end = std::chrono::steady_clock::now() + most;
    while (!done()) {
      if (std::chrono::steady_clock::now() > end)
        return false;
      turn();
    }
    return true;
  }

  /// Clients that have received the end of their connection.
  [[nodiscard]] std::size_t ended() const noexcept;

  /// Clients that have sent all of their bytes.
  [[nodiscard]] std::size_t all_sent() const noexcept;

  /// Clients that have a whole answer with a length, or an end.
  [[nodiscard]] std::size_t answered() const;

  /// What each of them has received.
  [[nodiscard]] std::vector<std::string> received() const;

  /// All leave; a reset where something was not read.
  void leave() noexcept;

  [[nodiscard]] std::size_t size() const noexcept {
    return clients_.size();
  }

private:
  struct client {
    int fd = -1;
    swarm_plan plan;
    std::size_t sent = 0;
    std::string received;
    bool ended = false;
  };

  static void send_some(client& x);
  static void read_some(client& x);

  uint16_t port_;
  std::vector<client> clients_;
};

} // namespace vmsystem::test
