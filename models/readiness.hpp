#pragma once

#include <cstdint>
#include <string>

namespace vmsystem {

/// Whether a runtime takes work.
struct readiness {
  bool ready = false;
  /// Why not; empty when it is ready.
  std::string reason;
};

/// Confirms that an execution was told to stop.
struct cancel_receipt {
  /// Whether it had begun; it was queued otherwise.
  bool was_running = false;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, readiness& x) {
  return f(x.ready, x.reason);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, cancel_receipt& x) {
  return f(x.was_running);
}

} // namespace vmsystem
