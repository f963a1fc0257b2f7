#pragma once

#include "vmsystem/models/failure.hpp"
#include "vmsystem/persistence/retention.hpp"
#include "vmsystem/persistence/rocksdb_database.hpp"

#include <rocksdb/options.h>

namespace vmsystem {

/// See `store_reader::retire`.
/// @param how names the snapshot.
[[nodiscard]] expected<retention_step> retire(const rocksdb_database& database,
                                              rocksdb::ReadOptions how,
                                              retention_pass& pass);

} // namespace vmsystem
