#pragma once

#include "vmsystem/models/failure.hpp"
#include "vmsystem/persistence/rocksdb_database.hpp"
#include "vmsystem/persistence/rocksdb_store.hpp"

#include <rocksdb/env.h>

#include <memory>
#include <string>

namespace vmsystem {

/// A database that its owner may keep open.
using database_ptr = std::shared_ptr<rocksdb_database>;

/// Opens or creates the database of a store. Errors: as `rocksdb_store::open`.
[[nodiscard]] expected<database_ptr>
open_database(const rocksdb_config& config);

/// Checks that a folder holds something of a store, and can be written. Errors:
/// internal.
[[nodiscard]] expected<void> require_store(const std::string& path);

/// Keeps other processes from opening a store.
class store_lock {
public:
  store_lock() = default;

  /// Errors: internal, naming the process that has the store open.
  [[nodiscard]] static expected<store_lock> take(const std::string& path);

private:
  struct release {
    void operator()(rocksdb::FileLock* lock) const;
  };

  explicit store_lock(rocksdb::FileLock* lock) noexcept : held_{lock} {}

  std::unique_ptr<rocksdb::FileLock, release> held_;
};

/// A store that nobody has open but who looks at it.
struct quiet_store {
  store_lock lock;
  /// Open to be read; null when it is too damaged to be opened.
  database_ptr database;
  /// Why it cannot be opened.
  failure damage;
};

/// Opens a store that is there, and changes nothing of it but the file that
/// locks it. Errors: internal, with the way out, where a repair is none: there
/// is no store, it is in use, cannot be locked, is somebody else's, or of
/// another format.
[[nodiscard]] expected<quiet_store> open_to_look(const std::string& path);

} // namespace vmsystem
