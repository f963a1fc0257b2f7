#pragma once

#include <rocksdb/env.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>

namespace vmsystem::test {

/// A disk that keeps only what was synced when its power goes off: files end
/// somewhere behind what was, part of that may be zeros, and names that their
/// folder was not synced for may be gone. Real files are behind it, whose own
/// syncs it leaves out. Thread-safe.
class losing_disk {
public:
  explicit losing_disk(uint64_t seed);
  ~losing_disk();

  /// What a store takes for its disk.
  [[nodiscard]] std::shared_ptr<rocksdb::Env> env() const;

  /// The power goes off in the middle of what is written so many bytes from
  /// now: from then on nothing can be written or synced.
  void cut_after(uint64_t bytes);

  /// Whether the power is off.
  [[nodiscard]] bool off() const;

  /// Loses what a power failure may lose, and switches the power on. Nobody may
  /// have a file open.
  /// @returns how many bytes were lost.
  uint64_t lose();

private:
  class file_system;
  class file;
  class folder;

  std::shared_ptr<file_system> files_;
  std::shared_ptr<rocksdb::Env> env_;
};

} // namespace vmsystem::test
