#pragma once

#include "vmsystem/models/failure.hpp"
#include "vmsystem/persistence/rocksdb_keys.hpp"
#include "vmsystem/persistence/store_check.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace vmsystem {

// What is done with a store that no server has open.

/// How much a column family holds.
struct family_stats {
  family which = family::unnamed;
  uint64_t keys = 0;
  /// Of keys and values.
  uint64_t bytes = 0;
  /// Of its tables, which are compressed; what is only in the log is not in it.
  uint64_t table_bytes = 0;
};

/// Counts what a store holds, by reading it. Errors: internal.
[[nodiscard]] expected<std::vector<family_stats>>
measure_store(const rocksdb_database& database);

/// One backup of a store.
struct store_backup {
  /// Counts from 1 in its folder.
  uint32_t number = 0;
  uint32_t files = 0;
  uint64_t bytes = 0;
};

/// Adds a backup to those that a folder holds, or begins with the first one.
/// Tables that an earlier backup has are not copied again. Errors: internal.
[[nodiscard]] expected<store_backup> back_up_store(const std::string& path,
                                                   const std::string& folder);

/// Makes a store from a backup, after its checksums were compared.
/// @param path must not exist, or be an empty folder.
/// @param number which one; 0 for the newest.
/// Errors: internal.
[[nodiscard]] expected<store_backup> restore_store(const std::string& folder,
                                                   uint32_t number,
                                                   const std::string& path);

/// What a repair did.
struct repair_report {
  /// The folder with the store as it was; empty when nothing was wrong.
  std::string copy;
  /// Why the tables had to be found anew; empty when they had not.
  std::string damage;
  /// Files that could not be used, in the folder `lost` of the store.
  std::vector<std::string> lost_files;
  /// Keys that were put right.
  uint64_t mended = 0;
  /// What the store holds now, and what is wrong with it for good.
  check_report after;
};

/// Makes of a store what can be made of it: finds its tables and logs when
/// RocksDB cannot open or read it, writes indexes anew, and removes what cannot
/// be decoded or belongs to nothing.
/// @param visit gets each fault: first those that are mended, and at the end
///              those that stay.
/// Errors: internal.
[[nodiscard]] expected<repair_report> repair_store(const std::string& path,
                                                   const damage_visitor& visit);

} // namespace vmsystem
