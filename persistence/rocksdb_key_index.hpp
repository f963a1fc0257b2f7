#pragma once

#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/time.hpp"
#include "vmsystem/persistence/rocksdb_database.hpp"

#include <deque>
#include <string>
#include <unordered_set>
#include <vector>

namespace vmsystem {

/// The idempotency keys of a store in the order of their age, so that those
/// which are too old or too many are found without a search. Used by one
/// thread at a time.
class key_index {
public:
  /// A key, and the execution that it was used for.
  struct entry {
    raw_id execution;
    std::string key;
  };

  /// Reads what the store has. Errors: internal with the store's words.
  [[nodiscard]] static expected<key_index>
  load(const rocksdb_database& database);

  /// Adds the newest key.
  void add(entry x) {
    entries_.push_back(std::move(x));
  }

  /// Forgets the keys of executions that are not there any more.
  void remove(const std::unordered_set<raw_id>& executions);

  /// Takes out the keys that are to be forgotten at the time `now`.
  [[nodiscard]] std::vector<entry> take_stale(timestamp now);

private:
  std::deque<entry> entries_;
};

} // namespace vmsystem
