#pragma once

#include "http.hpp"
#include "process.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace vmsystem::test {

/// The real program, serving a store of its own on a free port. Throws
/// `std::runtime_error` with its log when it does not start.
class test_daemon {
public:
  /// @param flags further flags of `serve`.
  explicit test_daemon(std::vector<std::string> flags = {});

  /// The same on a store that exists already, which is kept at the end.
  test_daemon(std::string folder, std::vector<std::string> flags);

  test_daemon(const test_daemon&) = delete;
  test_daemon& operator=(const test_daemon&) = delete;

  /// With faults of the disk, it is stopped and its store is looked at.
  ~test_daemon();

  [[nodiscard]] uint16_t port() const noexcept {
    return port_;
  }
  [[nodiscard]] std::string url() const;
  [[nodiscard]] child_process& process() noexcept {
    return *process_;
  }
  [[nodiscard]] http_connection connect() const {
    return http_connection{port_};
  }

  /// One request on a connection of its own.
  [[nodiscard]] http_answer
  request(std::string_view method, std::string_view target,
          std::string_view body = {}, std::string_view headers = {}) const;

  /// What it has logged so far.
  [[nodiscard]] std::string log() const;

  /// Asks it to stop, and waits.
  /// @returns its exit status; nothing when it still runs after `deadline`.
  std::optional<int> stop(std::chrono::milliseconds deadline
                          = std::chrono::seconds{30});

  /// Ends it as a crash would.
  void kill_hard();

private:
  void start(const std::vector<std::string>& flags);

  /// @returns whether it takes requests.
  bool launch(const std::vector<std::string>& flags);

  std::unique_ptr<temp_folder> own_;
  std::string folder_;
  uint16_t port_ = 0;
  std::unique_ptr<child_process> process_;
  /// Whether its disk has faults.
  bool faulty_;
};

/// Runs the command line against a daemon.
[[nodiscard]] finished_program cli(const test_daemon& server,
                                   std::vector<std::string> arguments,
                                   variables extra = {});

// What tests need before they can begin. All of it throws
// `std::runtime_error` with the answer when the server refuses.

/// A request that must be answered with 2xx.
json_value ask(http_connection& server, std::string_view method,
               std::string_view target, std::string_view body = {});

/// Creates a template with these limits, such as `{"wall_ms":500}`.
[[nodiscard]] std::string make_template(http_connection& server,
                                        std::string_view limits = {});

/// Creates a session.
[[nodiscard]] std::string make_session(http_connection& server,
                                       std::string_view template_id,
                                       std::string_view worktree = "/tmp");

/// The body of a request to run a snippet.
[[nodiscard]] std::string repl_body(std::string_view session,
                                    std::string_view code,
                                    uint32_t wait_ms = 0);

/// Runs a snippet and returns the record.
json_value run_snippet(http_connection& server, std::string_view session,
                       std::string_view code);

/// Waits until the session has an execution that is stored as running.
/// @returns its id.
[[nodiscard]] std::string wait_for_running(http_connection& server,
                                           std::string_view session);

/// Waits until a batch is over.
/// @returns its document.
json_value wait_for_batch(http_connection& server, std::string_view batch);

} // namespace vmsystem::test
