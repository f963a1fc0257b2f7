#include "vmsystem/models/time.hpp"
#include "vmsystem/persistence/rocksdb_open.hpp"
#include "vmsystem/persistence/rocksdb_tuning.hpp"
#include "vmsystem/persistence/store_log.hpp"
#include "vmsystem/persistence/store_upkeep.hpp"

#include <rocksdb/sst_file_writer.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace vmsystem {

namespace {

namespace fs = std::filesystem;

failure repair_failure(const std::string& what, const std::string& why) {
  return fail(ec::internal, "the repair cannot " + what + ": " + why
                              + "; free the disk or restore a backup "
                                "(`vm-system db restore`)");
}

failure repair_failure(const std::string& what, const rocksdb::Status& status) {
  return repair_failure(what, status.ToString());
}

/// Copies a store. Tables are never written to again: where the disk can, both
/// have them.
expected<std::string> copy_store(const std::string& path) {
  std::error_code error;
  std::string copy;
  for (int i = 1; copy.empty() || fs::exists(copy, error); ++i)
    copy = path + ".before-repair-" + std::to_string(i);
  fs::create_directories(copy, error);
  for (const auto& entry : fs::directory_iterator{path, error}) {
    const auto to = fs::path{copy} / entry.path().filename();
    if (entry.path().extension() == ".sst") {
      fs::create_hard_link(entry.path(), to, error);
      if (!error)
        continue;
      error.clear();
    }
    fs::copy(entry.path(), to, fs::copy_options::recursive, error);
    if (error)
      break;
  }
  if (error)
    return repair_failure("copy the store to " + copy, error.message());
  return copy;
}

/// The greatest number of a table in a folder.
uint64_t last_table(const std::string& path) {
  uint64_t result = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{path, ignored})
    result = std::max<uint64_t>(
      result, std::strtoull(entry.path().filename().c_str(), nullptr, 10));
  return result;
}

/// Puts a table with one key for each family, the marker, into a store that is
/// to be repaired. RocksDB learns from tables which families there are, and
/// forgets what the log has for others: without that, a store would lose
/// whatever has not been moved out of the log. What a writer of tables puts is
/// older than all that a store holds.
/// @param number of the first table.
expected<void> plant_tables(const std::string& path, const std::string& marker,
                            uint64_t number) {
  rocksdb_config config;
  config.path = "/families";
  config.env = make_memory_env();
  const auto opened = open_database(config);
  if (!opened)
    return opened.error();
  const auto families = family_options();
  for (std::size_t i = 0; i < families.size(); ++i) {
    rocksdb::SstFileWriter writer{
      rocksdb::EnvOptions{},
      rocksdb::Options{rocksdb::DBOptions{}, families[i].options},
      opened.value()->handle(static_cast<family>(i))};
    char name[32];
    std::snprintf(name, sizeof(name), "/%06llu.sst",
                  static_cast<unsigned long long>(number++));
    auto status = writer.Open(path + name);
    if (status.ok())
      status = writer.Put(marker, {});
    if (status.ok())
      status = writer.Finish();
    if (!status.ok())
      return repair_failure("write to " + path, status);
  }
  return success();
}

/// Takes out what `plant_tables` put in, and gives the store a format version
/// when it lost it.
expected<void> take_out(const std::string& path, const std::string& marker) {
  auto options = database_options();
  options.info_log = make_no_log();
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  auto status
    = rocksdb::DB::Open(options, path, family_options(), &handles, &db);
  if (!status.ok())
    return repair_failure("open the store", status);
  const rocksdb_database database{nullptr, std::unique_ptr<rocksdb::DB>{db},
                                  std::move(handles)};
  rocksdb::WriteBatch batch;
  for (auto* handle : database.handles())
    batch.Delete(handle, marker);
  std::string version;
  auto* meta = database.handle(family::meta);
  if (db->Get({}, meta, slice(format_key), &version).IsNotFound())
    batch.Put(meta, slice(format_key), std::to_string(store_format));
  rocksdb::WriteOptions how;
  how.sync = true;
  status = db->Write(how, &batch);
  if (!status.ok())
    return repair_failure("write to the store", status);
  return success();
}

/// Has RocksDB find out from tables and logs what the store holds.
expected<void> rebuild(const std::string& path) {
  const auto number = last_table(path) + 1;
  // No store has such a key, nor has one that was repaired before this one.
  const auto marker = "repair-" + std::to_string(number);
  if (auto planted = plant_tables(path, marker, number); !planted)
    return planted;
  auto options = database_options();
  options.info_log = make_no_log();
  if (const auto status = rocksdb::RepairDB(path, options, family_options());
      !status.ok())
    return repair_failure("find the tables of " + path, status);
  return take_out(path, marker);
}

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> result;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{folder, ignored})
    result.push_back(entry.path().filename().string());
  std::sort(result.begin(), result.end());
  return result;
}

/// Applies remedies as faults are found.
class mender {
public:
  explicit mender(const rocksdb_database& database) : database_{database} {}

  void take(const store_damage& fault) {
    auto* handle = database_.handle(fault.where);
    if (fault.cure == remedy::put)
      batch_.Put(handle, slice(fault.key), slice(fault.value));
    else if (fault.cure == remedy::remove)
      batch_.Delete(handle, slice(fault.key));
  }

  /// @returns how many keys were put right.
  expected<uint64_t> commit() {
    const auto count = static_cast<uint64_t>(batch_.Count());
    rocksdb::WriteOptions how;
    how.sync = true;
    if (const auto status = database_.db().Write(how, &batch_); !status.ok())
      return repair_failure("write to the store", status);
    batch_.Clear();
    return count;
  }

private:
  const rocksdb_database& database_;
  rocksdb::WriteBatch batch_;
};

/// Mends until a check finds nothing more that can be mended: a record that is
/// removed leaves indexes and events behind.
expected<void> mend(const std::string& path, const damage_visitor& visit,
                    repair_report& report) {
  rocksdb_config config;
  config.path = path;
  const auto opened = open_database(config);
  if (!opened)
    return opened.error();
  const auto& database = *opened.value();
  constexpr int most_passes = 8;
  for (int pass = 1;; ++pass) {
    mender cures{database};
    std::vector<store_damage> incurable;
    report.after = check_store(database, [&](const store_damage& fault) {
      if (fault.cure == remedy::none) {
        incurable.push_back(fault);
        return;
      }
      cures.take(fault);
      visit(fault);
    });
    const auto mended = cures.commit();
    if (!mended)
      return mended.error();
    report.mended += mended.value();
    if (mended.value() > 0 && pass < most_passes)
      continue;
    for (const auto& fault : incurable)
      visit(fault);
    return success();
  }
}

} // namespace

expected<repair_report> repair_store(const std::string& path,
                                     const damage_visitor& visit) {
  repair_report report;
  {
    const auto opened = open_to_look(path);
    if (!opened)
      return opened.error();
    const auto& store = opened.value();
    if (store.database)
      report.after = check_store(*store.database, [&](const store_damage& x) {
        if (report.damage.empty())
          report.damage = x.to_string();
      });
    else
      report.damage = store.damage.message;
    const bool readable = store.database && report.after.readable;
    if (readable && report.after.faults == 0)
      return report;
    if (readable)
      report.damage.clear();
    auto copy = copy_store(path);
    if (!copy)
      return copy.error();
    report.copy = std::move(copy).value();
  }
  if (!report.damage.empty()) {
    if (auto rebuilt = rebuild(path); !rebuilt)
      return rebuilt.error();
    report.lost_files = files_in(path + "/lost");
  }
  if (auto mended = mend(path, visit, report); !mended)
    return mended.error();
  return report;
}

} // namespace vmsystem
