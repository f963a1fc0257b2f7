#pragma once

#include "vmsystem/actors/http_gateway.hpp"
#include "vmsystem/app/command.hpp"
#include "vmsystem/models/runtime_options.hpp"

#include <cstdint>
#include <string>

namespace vmsystem {

/// All that a daemon needs to know.
struct daemon_options {
  runtime_options runtime;
  gateway_options gateway;
  /// The tokens of `gateway`, which are read again at SIGHUP; empty for none.
  std::string token_file;
  /// Where changes are logged, `-` for stdout; opened again at SIGHUP. Empty
  /// for nowhere.
  std::string audit_file;
  /// From how many milliseconds of wall time on an execution is logged; 0 for
  /// never.
  uint32_t slow_ms = 0;
  /// Where the chosen port is written; empty means nowhere.
  std::string port_file;
};

/// Serves until a signal stops it, as `vm-system serve` does. Returns
/// `request_failed` when it could not start, or did not stop in order.
exit_code run_daemon(const daemon_options& options);

} // namespace vmsystem
