#pragma once

#include "daemon.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace vmsystem::test {

/// An execution that a client was told is stored.
struct acknowledged {
  std::string id;
  /// The number of events that its record names.
  uint64_t events = 0;
};

/// A file of acknowledged executions, as durable as a client can make it: each
/// is on disk before the next request is sent.
class oracle_file {
public:
  explicit oracle_file(std::string path);
  ~oracle_file();
  oracle_file(const oracle_file&) = delete;
  oracle_file& operator=(const oracle_file&) = delete;

  void add(const acknowledged& one);

  /// All that files of this kind hold.
  [[nodiscard]] static std::vector<acknowledged> read(const std::string& path);

private:
  int fd_;
};

/// What a client runs: short ones, ones with many events, ones that fail, and
/// ones that last long enough to be stored while they run.
[[nodiscard]] std::string snippet_of(int number, int round);

/// Runs snippets in a session of its own until the server is gone, and writes
/// down what was acknowledged. Never throws.
/// @param number which client it is; decides what it runs.
/// @param count counts the acknowledgements of all clients.
void run_client(const test_daemon& server, const std::string& session,
                int number, const std::string& oracle,
                std::atomic<uint64_t>& count) noexcept;

} // namespace vmsystem::test
