#pragma once

#include "vmsystem/persistence/rocksdb_database.hpp"
#include "vmsystem/persistence/rocksdb_key_index.hpp"
#include "vmsystem/persistence/store.hpp"

#include <rocksdb/env.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace vmsystem {

/// Where and how a RocksDB store is opened.
struct rocksdb_config {
  /// A folder; it and its parents are made when they are missing.
  std::string path = "vm-system.db";
  /// What stands for the disk; null means the machine's own. See
  /// `make_memory_env`.
  std::shared_ptr<rocksdb::Env> env;
};

/// Files in memory, gone when the last owner is: for tests and for runs that
/// leave nothing behind.
[[nodiscard]] std::shared_ptr<rocksdb::Env> make_memory_env();

/// A store in RocksDB; rocksdb_keys.hpp has its layout.
///
/// After a write has failed, RocksDB takes none until it is told to resume;
/// the next commit does that first. So a disk that was full for a while costs
/// the commits of that time and no restart. After an I/O error RocksDB refuses
/// to resume, and only a new start helps; so it is after a write to the log
/// failed while nothing was in memory that could have been saved elsewhere.
class rocksdb_store final : public store {
public:
  /// Opens or creates a store. Errors: `ec::internal`, with one sentence that
  /// names the path and the way out, when it is in use, not writable, a file,
  /// somebody else's, damaged, or of a format that this program does not know.
  [[nodiscard]] static expected<std::shared_ptr<rocksdb_store>>
  open(const rocksdb_config& config);

  explicit rocksdb_store(std::shared_ptr<const rocksdb_database> database);

  expected<void> commit(const std::vector<const change_set*>& group,
                        durability how) override;
  std::unique_ptr<store_reader> read() const override;
  expected<void> flush() override;

private:
  /// A log that may end in a part of a group.
  struct torn_log {
    uint64_t number;
    rocksdb::Status why;
  };

  /// Takes writes again after one has failed, or says why not.
  expected<void> resume();

  /// Takes out the idempotency keys that are too old or too many. Errors:
  /// internal with the store's words.
  expected<std::vector<key_index::entry>> forget_keys();

  std::shared_ptr<const rocksdb_database> database_;
  /// The idempotency keys that are stored; nothing before they were needed, and
  /// when a write failed.
  std::optional<key_index> keys_;
  /// Whether the last write failed.
  bool stalled_ = false;
  /// Set while the last write failed and was to be logged.
  std::optional<torn_log> torn_;
  /// Whether something is in memory that is not in the log.
  bool unlogged_ = false;
};

} // namespace vmsystem
