#include "vmsystem/persistence/rocksdb_key_index.hpp"

#include "vmsystem/persistence/rocksdb_failures.hpp"
#include "vmsystem/persistence/rocksdb_keys.hpp"
#include "vmsystem/persistence/store.hpp"

#include <rocksdb/iterator.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace vmsystem {

expected<key_index> key_index::load(const rocksdb_database& database) {
  key_index result;
  store_key prefix;
  prefix.add(index_kind::key_of_execution);
  const std::unique_ptr<rocksdb::Iterator> it{database.db().NewIterator(
    rocksdb::ReadOptions{}, database.handle(family::indexes))};
  for (it->Seek(slice(prefix.view()));
       it->Valid() && begins_with(it->key(), prefix); it->Next())
    result.add({last_id_of(text(it->key())), it->value().ToString()});
  if (!it->status().ok())
    return unreadable(family::indexes, it->status());
  return result;
}

void key_index::remove(const std::unordered_set<raw_id>& executions) {
  const auto gone
    = [&](const entry& x) { return executions.count(x.execution) != 0; };
  entries_.erase(std::remove_if(entries_.begin(), entries_.end(), gone),
                 entries_.end());
}

std::vector<key_index::entry> key_index::take_stale(timestamp now) {
  std::vector<entry> result;
  while (!entries_.empty()
         && (entries_.size() > max_keys
             || is_key_stale(entries_.front().execution, now))) {
    result.push_back(std::move(entries_.front()));
    entries_.pop_front();
  }
  return result;
}

} // namespace vmsystem
