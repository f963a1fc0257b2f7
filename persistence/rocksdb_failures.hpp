#pragma once

#include "vmsystem/models/failure.hpp"
#include "vmsystem/persistence/rocksdb_keys.hpp"

#include <rocksdb/status.h>

#include <cstdint>
#include <string_view>

namespace vmsystem {

// What a reader of RocksDB says when it cannot give what it was asked for.

/// The failure of a store that contradicts itself; `what` goes on behind the
/// key.
[[nodiscard]] failure damaged(family where, std::string_view key,
                              std::string_view what);

/// The failure to read a key.
[[nodiscard]] failure unreadable(family where, std::string_view key,
                                 const rocksdb::Status& status);

/// The failure to read on in a column family.
[[nodiscard]] failure unreadable(family where, const rocksdb::Status& status);

/// The failure to find what a client asked for by its id.
/// @param code one of the `..._not_found` of things that are stored by id.
[[nodiscard]] failure not_there(ec code, const raw_id& id);

/// Whether a page may have `limit` entries: 1 to `greatest`. Errors:
/// validation_error.
[[nodiscard]] expected<void> check_limit(uint32_t limit, uint32_t greatest);

} // namespace vmsystem
