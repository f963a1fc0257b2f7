#pragma once

#include "vmsystem/app/client.hpp"
#include "vmsystem/app/json_value.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace vmsystem {

struct private_setup;

/// A session in which the snippets of an interactive session run. The documents
/// are those of the HTTP API.
class repl_target {
public:
  virtual ~repl_target() = default;

  /// Runs a script, and answers with its record when it is over, also when it
  /// failed. The other functions may be called by another thread meanwhile.
  /// @param wait_ms how long to wait for a session that is busy.
  [[nodiscard]] virtual answer<json_value>
  run(const std::string& code, uint32_t wait_ms) = 0;

  /// The records of what runs in the session, as an array.
  [[nodiscard]] virtual answer<json_value> running() = 0;

  /// Events of an execution whose number is greater than `after_seq`.
  [[nodiscard]] virtual answer<json_value>
  events(const std::string& execution, uint32_t after_seq) = 0;

  /// Stops an execution; the session stays.
  virtual void cancel(const std::string& execution) = 0;

  /// The limits of its template, as an object.
  [[nodiscard]] virtual answer<json_value> limits() = 0;
};

/// Opens a session in this process, which needs no server.
[[nodiscard]] answer<std::unique_ptr<repl_target>>
open_repl_here(const private_setup& setup);

/// Joins a session of a server, and leaves it as it is at the end.
[[nodiscard]] answer<std::unique_ptr<repl_target>>
join_repl_there(const server_address& where, const std::string& session);

/// Makes a session of a server's template, and closes it at the end.
/// @param worktree an absolute folder, on the server.
[[nodiscard]] answer<std::unique_ptr<repl_target>>
open_repl_there(const server_address& where, const std::string& vm,
                const std::string& worktree);

} // namespace vmsystem
