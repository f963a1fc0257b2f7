#pragma once

#include <rocksdb/db.h>

#include <vector>

namespace vmsystem {

/// RocksDB's options for our load: many small puts, one fsync for a group of
/// them, reads mostly of what is new. Memory stays below about 150 MiB.
[[nodiscard]] rocksdb::DBOptions database_options();

/// Options of all column families, in the order of `family`; they share one
/// block cache.
[[nodiscard]] std::vector<rocksdb::ColumnFamilyDescriptor> family_options();

} // namespace vmsystem
