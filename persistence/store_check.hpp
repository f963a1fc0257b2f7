#pragma once

#include "vmsystem/persistence/rocksdb_database.hpp"
#include "vmsystem/persistence/rocksdb_keys.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace vmsystem {

/// What takes away a fault.
enum class remedy : uint8_t {
  /// Nothing: what belongs there is lost.
  none,
  /// Putting `store_damage::value` under the key.
  put,
  /// Removing the key.
  remove,
};

/// One thing that is wrong with a store.
struct store_damage {
  family where = family::unnamed;
  std::string key;
  /// Goes on behind the key, as in "cannot be decoded: ...".
  std::string what;
  remedy cure = remedy::none;
  std::string value;

  /// The key and what is wrong with it, in one line.
  [[nodiscard]] std::string to_string() const;
};

/// What a check saw.
struct check_report {
  /// Keys of all families.
  uint64_t keys = 0;
  uint64_t faults = 0;
  /// Whether all of it could be read. When it could not, nothing else was
  /// checked: what seems to be missing may only be unreadable.
  bool readable = true;
};

/// Takes faults as they are found.
using damage_visitor = std::function<void(const store_damage&)>;

/// Reads every key of a store, decodes every document, and compares records,
/// indexes and events with each other. Takes memory for one record at a time.
[[nodiscard]] check_report check_store(const rocksdb_database& database,
                                       const damage_visitor& visit);

} // namespace vmsystem
