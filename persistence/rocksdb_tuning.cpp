#include "vmsystem/persistence/rocksdb_tuning.hpp"

#include "vmsystem/persistence/rocksdb_keys.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace vmsystem {

namespace {

constexpr std::size_t mib = std::size_t{1} << 20;

/// Memory of all tables that are being filled.
constexpr std::size_t all_write_buffers = 64 * mib;

/// Memory of blocks, filters and indexes that were read.
constexpr std::size_t block_cache_size = 32 * mib;

/// Open table files; bounds descriptors.
constexpr int open_tables = 256;

/// Tables that gather until they are merged. Keys begin with the time: new
/// tables hardly overlap with those below, and reads look into few of them.
constexpr int tables_to_merge = 8;

/// A table in which half of so many keys in a row are removals is merged soon:
/// what is not kept gives back its room, and readers do not have to pass by it.
constexpr std::size_t removal_window = 4096;

/// Leaves recovery from a full disk to the store, which does it when there is
/// something to commit. RocksDB's own way is a thread that looks every few
/// seconds, and until then refuses to be told.
class own_recovery : public rocksdb::EventListener {
public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

bool is_large(family which) {
  return which == family::executions || which == family::events
         || which == family::batches;
}

/// Whether it is read by whole keys that may be absent.
bool has_point_reads(family which) {
  return which == family::templates || which == family::sessions
         || which == family::executions || which == family::batches;
}

/// The bytes at the beginning of a key that new keys share with the one that
/// was put before: the upper part of the time for ids, or the session for the
/// index of its executions. A table in memory then finds the place of a new key
/// beside the last one instead of from its head.
///
/// RocksDB mixes up the places of keys and of deleted ranges in doing so.
/// Therefore only keys of the full length are in the domain, and a range begins
/// with a shorter one.
class neighbours final : public rocksdb::SliceTransform {
public:
  neighbours(std::size_t shared, std::size_t least) noexcept
    : shared_{shared}, least_{least} {}

  const char* Name() const override {
    return "vmsystem.neighbours";
  }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), shared_};
  }
  bool InDomain(const rocksdb::Slice& key) const override {
    return key.size() >= least_;
  }

private:
  std::size_t shared_;
  std::size_t least_;
};

/// The neighbours of a family's keys; null where ranges of keys of several
/// lengths are deleted.
std::shared_ptr<const rocksdb::SliceTransform> neighbours_in(family which) {
  constexpr std::size_t id_size = sizeof(raw_id::bytes);
  switch (which) {
    case family::indexes:
      return std::make_shared<neighbours>(1 + id_size, 1 + id_size);
    case family::events:
      return std::make_shared<neighbours>(4, id_size + sizeof(uint32_t));
    case family::batches:
      return nullptr;
    default:
      return std::make_shared<neighbours>(4, 4);
  }
}

} // namespace

rocksdb::DBOptions database_options() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  // The end of the log may be torn or, where pages reached the disk out of
  // order, hold garbage before data. Only this mode starts then, with all that
  // came before: with every group that was fsynced, and never with part of a
  // group. A reused log file would defeat it, so that logs are not recycled.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // Keeps the column families in step: without a log, and when a sync of it
  // failed. Then it holds a group that nobody was told is stored, and the next
  // start reads that for the families that were not flushed before the process
  // ended. A family with nothing in memory is not among those that are flushed.
  options.atomic_flush = true;
  // One thread commits.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  // One flush and one compaction at a time leave the processors to the engine.
  options.max_background_jobs = 2;
  options.db_write_buffer_size = all_write_buffers;
  options.listeners.push_back(std::make_shared<own_recovery>());
  // Bounds the time of recovery.
  options.max_total_wal_size = 128 * mib;
  // Table files go to the disk piece by piece instead of in one burst, for
  // which the fsync of a group would have to wait.
  options.bytes_per_sync = mib;
  options.max_open_files = open_tables;
  options.skip_stats_update_on_db_open = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> family_options() {
  const auto cache = rocksdb::NewLRUCache(block_cache_size);
  const std::shared_ptr<const rocksdb::FilterPolicy> bloom{
    rocksdb::NewBloomFilterPolicy(10)};
  const auto removals
    = rocksdb::NewCompactOnDeletionCollectorFactory(removal_window,
                                                    removal_window / 2);
  std::vector<rocksdb::ColumnFamilyDescriptor> result;
  for (std::size_t i = 0; i < family_names.size(); ++i) {
    const auto which = static_cast<family>(i);
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.block_size = is_large(which) ? 16 * 1024 : 4 * 1024;
    table.format_version = 5;
    // In the cache, so that it bounds them too.
    table.cache_index_and_filter_blocks = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    if (has_point_reads(which))
      table.filter_policy = bloom;
    rocksdb::ColumnFamilyOptions options;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options.table_properties_collector_factories.push_back(removals);
    options.compression = rocksdb::CompressionType::kLZ4Compression;
    options.level0_file_num_compaction_trigger = tables_to_merge;
    options.write_buffer_size = (is_large(which) ? 32 : 8) * mib;
    options.max_write_buffer_number = 3;
    options.memtable_insert_with_hint_prefix_extractor = neighbours_in(which);
    result.emplace_back(family_names[i], options);
  }
  return result;
}

} // namespace vmsystem
