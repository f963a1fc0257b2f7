#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vmsystem {

/// Something that keeps a runtime from taking work.
struct obstacle {
  /// Which part of the runtime: `server`, `queue`, `store` or `runtime`.
  std::string part;
  /// What is the matter with it, for people.
  std::string reason;
};

/// Whether a runtime takes work.
struct readiness {
  /// All that keeps it from that; none when it takes work.
  std::vector<obstacle> obstacles;

  [[nodiscard]] bool ready() const noexcept {
    return obstacles.empty();
  }
};

/// Confirms that an execution was told to stop.
struct cancel_receipt {
  /// Whether it had begun; it was queued otherwise.
  bool was_running = false;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, obstacle& x) {
  return f(x.part, x.reason);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, readiness& x) {
  return f(x.obstacles);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, cancel_receipt& x) {
  return f(x.was_running);
}

} // namespace vmsystem
