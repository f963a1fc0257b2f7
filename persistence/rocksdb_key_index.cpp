#include "vmsystem/persistence/rocksdb_key_index.hpp"

#include "vmsystem/persistence/rocksdb_failures.hpp"
#include "vmsystem/persistence/rocksdb_keys.hpp"
#include "vmsystem/persistence/store.hpp"

#include <rocksdb/iterator.h>
#include <rocksdb/options.h>

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
