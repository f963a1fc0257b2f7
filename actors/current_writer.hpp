#pragma once

#include "vmsystem/actors/interfaces.hpp"

#include <memory>
#include <mutex>
#include <utility>

namespace vmsystem {

/// The writer that takes changes now. The supervisor replaces a writer that
/// died; everybody else asks here each time. Thread-safe.
class current_writer {
public:
  [[nodiscard]] rocksdb_writer_actor get() const {
    const std::lock_guard guard{mutex_};
    return writer_;
  }

  void set(rocksdb_writer_actor writer) {
    const std::lock_guard guard{mutex_};
    writer_ = std::move(writer);
  }

private:
  mutable std::mutex mutex_;
  rocksdb_writer_actor writer_;
};

/// Shared by the actors of one runtime.
using current_writer_ptr = std::shared_ptr<current_writer>;

} // namespace vmsystem
