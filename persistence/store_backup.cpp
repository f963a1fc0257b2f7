#include "vmsystem/persistence/rocksdb_failures.hpp"
#include "vmsystem/persistence/rocksdb_open.hpp"
#include "vmsystem/persistence/store_upkeep.hpp"

#include <rocksdb/iterator.h>
#include <rocksdb/utilities/backup_engine.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace vmsystem {

namespace {

namespace fs = std::filesystem;

failure backup_failure(const std::string& folder,
                       const rocksdb::Status& status) {
  return fail(ec::internal, "the backup folder " + folder
                              + " cannot be used: " + status.ToString()
                              + "; free the disk or name another folder");
}

/// Whether a folder is another one or lies in it.
bool lies_in(const std::string& inner, const std::string& outer) {
  std::error_code ignored;
  const auto in = fs::weakly_canonical(inner, ignored);
  const auto out = fs::weakly_canonical(outer, ignored);
  return std::mismatch(out.begin(), out.end(), in.begin(), in.end()).first
         == out.end();
}

store_backup described(const rocksdb::BackupInfo& info) {
  return {info.backup_id, info.number_files, info.size};
}

/// The backup with a number, or the newest one for 0.
expected<store_backup>
find_backup(const std::string& folder, uint32_t number,
            const rocksdb::BackupEngineReadOnlyBase& from) {
  std::vector<rocksdb::BackupInfo> all;
  from.GetBackupInfo(&all);
  if (number == 0 && !all.empty())
    return described(all.back());
  std::string numbers;
  for (const auto& info : all) {
    if (info.backup_id == number)
      return described(info);
    numbers += (numbers.empty() ? " " : ", ") + std::to_string(info.backup_id);
  }
  if (all.empty())
    return fail(ec::internal, "the folder " + folder
                                + " holds no backup; name the one that "
                                  "`vm-system db backup` wrote to");
  return fail(ec::internal, "the folder " + folder + " has no backup "
                              + std::to_string(number) + "; it has" + numbers);
}

expected<void> check_target(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error) || fs::is_empty(path, error))
    return success();
  return fail(ec::internal, "cannot restore to " + path
                              + ": something is there; move it away or name "
                                "another folder");
}

} // namespace

expected<std::vector<family_stats>>
measure_store(const rocksdb_database& database) {
  std::vector<family_stats> result;
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  for (std::size_t i = 0; i < family_names.size(); ++i) {
    auto& one = result.emplace_back();
    one.which = static_cast<family>(i);
    auto* handle = database.handle(one.which);
    const std::unique_ptr<rocksdb::Iterator> it{
      database.db().NewIterator(options, handle)};
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      ++one.keys;
      one.bytes += it->key().size() + it->value().size();
    }
    if (!it->status().ok())
      return unreadable(one.which, it->status());
    database.db().GetIntProperty(handle,
                                 rocksdb::DB::Properties::kTotalSstFilesSize,
                                 &one.table_bytes);
  }
  return result;
}

expected<store_backup> back_up_store(const std::string& path,
                                     const std::string& folder) {
  if (auto there = require_store(path); !there)
    return there.error();
  if (lies_in(folder, path))
    return fail(ec::internal, "the backup folder " + folder
                                + " lies in the store; name another one");
  rocksdb_config config;
  config.path = path;
  const auto opened = open_database(config);
  if (!opened)
    return opened.error();
  std::error_code error;
  fs::create_directories(folder, error);
  rocksdb::BackupEngineOptions options{folder};
  options.sync = true;
  rocksdb::BackupEngine* made = nullptr;
  if (const auto status
      = rocksdb::BackupEngine::Open(options, rocksdb::Env::Default(), &made);
      !status.ok())
    return backup_failure(folder, status);
  const std::unique_ptr<rocksdb::BackupEngine> engine{made};
  rocksdb::CreateBackupOptions how;
  how.flush_before_backup = true;
  rocksdb::BackupID number = 0;
  if (const auto status
      = engine->CreateNewBackup(how, &opened.value()->db(), &number);
      !status.ok())
    return backup_failure(folder, status);
  return find_backup(folder, number, *engine);
}

expected<store_backup> restore_store(const std::string& folder, uint32_t number,
                                     const std::string& path) {
  if (auto free = check_target(path); !free)
    return free.error();
  rocksdb::BackupEngineReadOnly* made = nullptr;
  if (const auto status = rocksdb::BackupEngineReadOnly::Open(
        rocksdb::BackupEngineOptions{folder}, rocksdb::Env::Default(), &made);
      !status.ok())
    return backup_failure(folder, status);
  const std::unique_ptr<rocksdb::BackupEngineReadOnly> engine{made};
  auto found = find_backup(folder, number, *engine);
  if (!found)
    return found.error();
  const auto name
    = "backup " + std::to_string(found.value().number) + " in " + folder;
  if (const auto status = engine->VerifyBackup(found.value().number, true);
      !status.ok())
    return fail(ec::internal, name + " is damaged: " + status.ToString()
                                + "; name an earlier one (--number)");
  if (const auto status
      = engine->RestoreDBFromBackup(found.value().number, path, path);
      !status.ok())
    return fail(ec::internal, name + " cannot be restored to " + path + ": "
                                + status.ToString()
                                + "; free the disk or name another folder");
  const auto opened = open_to_look(path);
  if (!opened)
    return opened.error();
  if (!opened.value().database)
    return opened.value().damage;
  return found;
}

} // namespace vmsystem
