#pragma once

#include <rocksdb/env.h>

#include <memory>
#include <string>

namespace vmsystem {

/// Where RocksDB writes its warnings and errors: the file `LOG` of a store's
/// folder, and `LOG.old` when that has 1 MiB. What cannot be written is lost:
/// RocksDB's own log ends the process when it is written to once more after the
/// disk was full.
[[nodiscard]] std::shared_ptr<rocksdb::Logger>
make_store_log(const std::string& folder);

/// For a store that is not on the disk of the machine: forgets all.
[[nodiscard]] std::shared_ptr<rocksdb::Logger> make_no_log();

} // namespace vmsystem
