#pragma once

#include "vmsystem/models/failure.hpp"
#include "vmsystem/persistence/rocksdb_keys.hpp"

#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

/// An open RocksDB with the handles of our column families, shared by the
/// store and its readers; closes when the last of them is gone.
class rocksdb_database {
public:
  /// Takes over an open database; `handles` are in the order of `family`.
  rocksdb_database(std::shared_ptr<rocksdb::Env> env,
                   std::unique_ptr<rocksdb::DB> db,
                   std::vector<rocksdb::ColumnFamilyHandle*> handles) noexcept;

  rocksdb_database(const rocksdb_database&) = delete;
  rocksdb_database& operator=(const rocksdb_database&) = delete;

  ~rocksdb_database();

  [[nodiscard]] rocksdb::DB& db() const noexcept {
    return *db_;
  }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(family which) const {
    return handles_[static_cast<std::size_t>(which)];
  }
  [[nodiscard]] const std::vector<rocksdb::ColumnFamilyHandle*>&
  handles() const noexcept {
    return handles_;
  }

private:
  /// Outlives the database; null for the machine's own.
  std::shared_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

/// The text as RocksDB takes it.
[[nodiscard]] inline rocksdb::Slice slice(std::string_view text) noexcept {
  return {text.data(), text.size()};
}

/// RocksDB's bytes as a text.
[[nodiscard]] inline std::string_view
text(const rocksdb::Slice& bytes) noexcept {
  return {bytes.data(), bytes.size()};
}

/// Whether a key begins with the bytes of another one.
[[nodiscard]] inline bool begins_with(const rocksdb::Slice& key,
                                      const store_key& prefix) noexcept {
  return key.starts_with(slice(prefix.view()));
}

/// The failure that says what RocksDB could not do, in RocksDB's words.
[[nodiscard]] failure store_failure(std::string_view what,
                                    const rocksdb::Status& status);

} // namespace vmsystem
