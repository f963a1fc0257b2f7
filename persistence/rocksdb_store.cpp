#include "vmsystem/persistence/rocksdb_store.hpp"

#include "vmsystem/models/batch.hpp"
#include "vmsystem/models/session.hpp"
#include "vmsystem/persistence/rocksdb_failures.hpp"
#include "vmsystem/persistence/rocksdb_reader.hpp"
#include "vmsystem/persistence/stored_fields.hpp"

#include <rocksdb/iterator.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <cstdint>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace vmsystem {

namespace {

/// Whether a change stores nothing.
bool is_removal(change_kind kind) {
  return kind == change_kind::remove_template
         || kind == change_kind::remove_execution
         || kind == change_kind::remove_session
         || kind == change_kind::drop_input
         || kind == change_kind::remove_batch;
}

/// Whether a change is about the record of an execution.
bool needs_session(change_kind kind) {
  return kind == change_kind::begin_execution
         || kind == change_kind::end_execution
         || kind == change_kind::remove_execution;
}

/// Why a change cannot be stored; nothing when it can.
std::string_view fault_of(const change& x) {
  if (static_cast<std::size_t>(x.kind) >= enum_names<change_kind>::value.size())
    return "has an unknown kind";
  if (x.id.nil())
    return "has no id";
  if (needs_session(x.kind) && x.owner.nil())
    return "has no session";
  if (!is_removal(x.kind) && x.text.empty())
    return "has no text";
  if (x.kind == change_kind::append_events && x.first_seq == 0)
    return "has no first seq";
  if (x.kind == change_kind::append_input && x.first_seq == 0)
    return "has no first line";
  if (x.kind == change_kind::put_key && x.text.find('\n') == std::string::npos)
    return "has no key";
  return {};
}

/// The idempotency key in a change that has one.
std::string_view key_of(const change& x) {
  return std::string_view{x.text}.substr(0, x.text.find('\n'));
}

/// Collects changes for RocksDB. A batch in memory takes every operation, so
/// that their results say nothing.
class batch_builder {
public:
  /// @param bytes about how much will be added.
  batch_builder(const rocksdb_database& database, std::size_t bytes)
    : database_{database}, batch_{bytes} {}

  /// Adds a change that needs nothing of what is stored: all but `put_key` and
  /// `remove_execution`.
  void add(const change& x) {
    store_key id;
    id.add(x.id);
    switch (x.kind) {
      case change_kind::put_template:
        put(family::templates, id, x.text);
        break;
      case change_kind::remove_template:
        remove(family::templates, id);
        break;
      case change_kind::put_session:
        put(family::sessions, id, x.text);
        add_session_indexes(x);
        break;
      case change_kind::begin_execution:
        put(family::executions, id, x.text);
        add_execution_index(x);
        put(family::indexes, running_key(x), {});
        break;
      case change_kind::end_execution:
        put(family::executions, id, x.text);
        add_execution_index(x);
        if (x.had_begun)
          remove(family::indexes, running_key(x));
        break;
      case change_kind::append_events:
        put(family::events, id.add(x.first_seq), x.text);
        break;
      case change_kind::remove_session:
        remove(family::sessions, id);
        remove(family::indexes, index_key(index_kind::session, x.id));
        remove(family::indexes, index_key(index_kind::live_session, x.id));
        break;
      case change_kind::put_batch:
        put(family::batches, id, x.text);
        add_batch_indexes(x);
        break;
      case change_kind::append_input:
        put(family::batches, id.add(x.first_seq).add(x.first_index), x.text);
        break;
      case change_kind::drop_input:
        remove_range(family::batches, store_key{id}.add(uint32_t{0}), id);
        break;
      case change_kind::remove_batch:
        remove_range(family::batches, id, id);
        remove(family::indexes, index_key(index_kind::batch, x.id));
        remove(family::indexes, index_key(index_kind::unfinished_batch, x.id));
        break;
      case change_kind::put_key:
      case change_kind::remove_execution:
        break;
    }
  }

  void put_key(const change& x) {
    const auto key = key_of(x);
    put(family::indexes, index_key(index_kind::key_of_execution, x.id), key);
    batch_.Put(database_.handle(family::indexes), slice(idempotency_index(key)),
               slice(std::string_view{x.text}.substr(key.size() + 1)));
  }

  /// Removes an execution with all that is stored of it. Errors: internal.
  /// @returns whether it had an idempotency key.
  expected<bool> remove_execution(const change& x) {
    remove(family::executions, store_key{}.add(x.id));
    remove(family::indexes, execution_key(x));
    remove(family::indexes, running_key(x));
    if (auto done = remove_events(x.id); !done)
      return done.error();
    return remove_key_of(x.id);
  }

  /// Forgets an idempotency key.
  void remove_key(const key_index::entry& x) {
    remove(family::indexes,
           index_key(index_kind::key_of_execution, x.execution));
    batch_.Delete(database_.handle(family::indexes),
                  slice(idempotency_index(x.key)));
  }

  [[nodiscard]] rocksdb::WriteBatch& batch() noexcept {
    return batch_;
  }

private:
  /// Removes the chunks of events one by one, when they are few: every read has
  /// to pass by all ranges that were removed.
  expected<void> remove_events(const raw_id& id) {
    constexpr std::size_t few = 64;
    const auto prefix = store_key{}.add(id);
    auto* const events = database_.handle(family::events);
    const std::unique_ptr<rocksdb::Iterator> it{
      database_.db().NewIterator(rocksdb::ReadOptions{}, events)};
    std::vector<std::string> keys;
    for (it->Seek(slice(prefix.view()));
         keys.size() <= few && it->Valid() && begins_with(it->key(), prefix);
         it->Next())
      keys.push_back(it->key().ToString());
    if (!it->status().ok())
      return unreadable(family::events, it->status());
    if (keys.size() > few)
      remove_range(family::events, prefix, prefix);
    else
      for (const auto& key : keys)
        batch_.Delete(events, key);
    return success();
  }

  /// Forgets the idempotency key of an execution, if it has one.
  expected<bool> remove_key_of(const raw_id& id) {
    const auto back = index_key(index_kind::key_of_execution, id);
    const auto key = get_index(back.view());
    if (!key)
      return key.error();
    if (!key.value())
      return false;
    remove(family::indexes, back);
    const auto place = idempotency_index(*key.value());
    const auto entry = get_index(place);
    if (!entry)
      return entry.error();
    // Another execution may have it by now.
    if (entry.value() && stored_id(*entry.value(), "execution_id") == id)
      batch_.Delete(database_.handle(family::indexes), slice(place));
    return true;
  }

  /// The value of an index; nothing when it is not there.
  expected<std::optional<std::string>> get_index(std::string_view key) {
    std::string value;
    const auto status = database_.db().Get(rocksdb::ReadOptions{},
                                           database_.handle(family::indexes),
                                           slice(key), &value);
    if (status.IsNotFound())
      return std::optional<std::string>{};
    if (!status.ok())
      return unreadable(family::indexes, key, status);
    return std::optional<std::string>{std::move(value)};
  }

  static store_key index_key(index_kind kind, const raw_id& id) {
    store_key key;
    return key.add(kind).add(id);
  }

  static store_key running_key(const change& x) {
    return index_key(index_kind::running_execution, x.id);
  }

  static store_key execution_key(const change& x) {
    return index_key(index_kind::execution_of_session, x.owner).add(x.id);
  }

  void add_execution_index(const change& x) {
    const char marks[]
      = {static_cast<char>(x.status), static_cast<char>(x.detail)};
    put(family::indexes, execution_key(x), {marks, sizeof(marks)});
  }

  void add_session_indexes(const change& x) {
    add_status(index_key(index_kind::session, x.id), x.status);
    const auto status = static_cast<session_status>(x.status);
    mark(index_key(index_kind::live_session, x.id),
         status == session_status::starting || status == session_status::ready);
  }

  void add_batch_indexes(const change& x) {
    add_status(index_key(index_kind::batch, x.id), x.status);
    mark(index_key(index_kind::unfinished_batch, x.id),
         !is_over(static_cast<batch_status>(x.status)));
  }

  void add_status(const store_key& key, uint8_t status) {
    const char byte = static_cast<char>(status);
    put(family::indexes, key, {&byte, 1});
  }

  /// Sets or takes away a key without a value.
  void mark(const store_key& key, bool there) {
    if (there)
      put(family::indexes, key, {});
    else
      remove(family::indexes, key);
  }

  void put(family where, const store_key& key, std::string_view value) {
    batch_.Put(database_.handle(where), slice(key.view()), slice(value));
  }

  void remove(family where, const store_key& key) {
    batch_.Delete(database_.handle(where), slice(key.view()));
  }

  /// Removes all keys from `first`, which is `id` or begins with it, to `id`
  /// with the greatest number, which none has: lines and events are limited far
  /// below it.
  void remove_range(family where, const store_key& first, const store_key& id) {
    store_key last = id;
    last.add(UINT32_MAX);
    batch_.DeleteRange(database_.handle(where), slice(first.view()),
                       slice(last.view()));
  }

  const rocksdb_database& database_;
  rocksdb::WriteBatch batch_;
};

/// The number of the log that takes writes; zero when RocksDB cannot say.
uint64_t log_number(rocksdb::DB& db) {
  std::unique_ptr<rocksdb::LogFile> log;
  return db.GetCurrentWalFile(&log).ok() ? log->LogNumber() : 0;
}

/// About what the changes take in the log: with keys and indexes.
std::size_t bytes_of(const std::vector<const change_set*>& group) {
  constexpr std::size_t keys = 128;
  std::size_t result = 0;
  for (const auto* set : group)
    for (const auto& x : set->changes)
      result += x.text.size() + keys;
  return result;
}

} // namespace

rocksdb_store::rocksdb_store(std::shared_ptr<const rocksdb_database> database)
  : database_{std::move(database)} {}

expected<void>
rocksdb_store::commit(const std::vector<const change_set*>& group,
                      durability how) {
  batch_builder builder{*database_, bytes_of(group)};
  std::vector<const change*> keyed;
  std::unordered_set<raw_id> removed_with_key;
  for (const auto* set : group) {
    for (const auto& x : set->changes) {
      if (const auto fault = fault_of(x); !fault.empty())
        return fail(ec::validation_error, "a change of kind "
                                            + std::string{name_of(x.kind)} + " "
                                            + std::string{fault});
      if (x.kind == change_kind::put_key) {
        keyed.push_back(&x);
      } else if (x.kind == change_kind::remove_execution) {
        const auto had_key = builder.remove_execution(x);
        if (!had_key)
          return had_key.error();
        if (had_key.value())
          removed_with_key.insert(x.id);
      } else {
        builder.add(x);
      }
    }
  }
  if (stalled_) {
    if (auto resumed = resume(); !resumed)
      return resumed.error();
  }
  if (!keyed.empty()) {
    const auto forgotten = forget_keys();
    if (!forgotten)
      return forgotten.error();
    for (const auto& key : forgotten.value())
      builder.remove_key(key);
    for (const auto* x : keyed)
      builder.put_key(*x);
  }
  rocksdb::WriteOptions options;
  options.sync = how == durability::sync;
  options.disableWAL = how == durability::off;
  unlogged_ = unlogged_ || options.disableWAL;
  const auto status = database_->db().Write(options, &builder.batch());
  if (!status.ok()) {
    keys_.reset();
    stalled_ = true;
    if (!options.disableWAL)
      torn_ = torn_log{log_number(database_->db()), status};
    return store_failure("the store cannot write", status);
  }
  if (keys_ && !removed_with_key.empty())
    keys_->remove(removed_with_key);
  for (const auto* x : keyed)
    keys_->add({x->id, std::string{key_of(*x)}});
  return success();
}

expected<std::vector<key_index::entry>> rocksdb_store::forget_keys() {
  if (!keys_) {
    auto loaded = key_index::load(*database_);
    if (!loaded)
      return loaded.error();
    keys_ = std::move(loaded).value();
  }
  return keys_->take_stale(timestamp::now());
}

/// Resuming moves what is in memory into tables and begins a new log, unless
/// nothing is in memory. Then the log is still the one with a torn end, and
/// RocksDB ends the process when it is asked to append to that.
expected<void> rocksdb_store::resume() {
  auto& db = database_->db();
  if (const auto status = db.Resume(); !status.ok())
    return store_failure(status.IsNoSpace()
                           ? "the store takes no writes"
                           : "the store takes no writes until vm-system is "
                             "started again",
                         status);
  if (torn_ && torn_->number == log_number(db))
    return store_failure("the store takes no writes until vm-system is started "
                         "again, because its log is torn",
                         torn_->why);
  torn_.reset();
  stalled_ = false;
  return success();
}

std::unique_ptr<store_reader> rocksdb_store::read() const {
  return std::make_unique<rocksdb_reader>(database_);
}

expected<void> rocksdb_store::flush() {
  auto& db = database_->db();
  // Its log ends in a write that failed: RocksDB must not be asked to sync it.
  if (stalled_)
    return fail(ec::internal, "the store cannot flush: it takes no writes");
  if (unlogged_) {
    const rocksdb::FlushOptions options;
    if (const auto status = db.Flush(options, database_->handles());
        !status.ok())
      return store_failure("the store cannot flush", status);
    unlogged_ = false;
  }
  // A log in memory cannot be synced and need not be.
  if (const auto status = db.FlushWAL(true);
      !status.ok() && !status.IsNotSupported())
    return store_failure("the store cannot sync its log", status);
  return success();
}

} // namespace vmsystem
