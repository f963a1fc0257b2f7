// Opening a store: everything that can be wrong with a path is found here and
// said in one sentence with the way out.

#include "vmsystem/persistence/rocksdb_open.hpp"

#include "vmsystem/persistence/rocksdb_tuning.hpp"
#include "vmsystem/persistence/store_log.hpp"

#include <rocksdb/status.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace vmsystem {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view ways_out
  = "; restore it from a backup (`vm-system db restore`), save what can be "
    "read (`vm-system db repair`), or name another folder";

failure refuse(const std::string& path, std::string_view why) {
  return fail(ec::internal, "the store " + path + " " + std::string{why});
}

bool ends_with(std::string_view name, std::string_view suffix) {
  return name.size() >= suffix.size()
         && name.substr(name.size() - suffix.size()) == suffix;
}

bool is_ours(std::string_view name) {
  return std::find(family_names.begin(), family_names.end(), name)
         != family_names.end();
}

/// Whether these are the column families of a store.
bool are_ours(const std::vector<std::string>& names) {
  return names.size() == family_names.size()
         && std::all_of(names.begin(), names.end(), is_ours);
}

/// Whether a first start that was interrupted may have left this file.
bool is_left_by_creation(std::string_view name) {
  const auto begins_with = [name](std::string_view prefix) {
    return name.substr(0, prefix.size()) == prefix;
  };
  return name == "." || name == ".." || name == "LOCK" || name == "IDENTITY"
         || name == "lost+found" || begins_with("LOG")
         || begins_with("MANIFEST-") || begins_with("OPTIONS-")
         || ends_with(name, ".dbtmp") || ends_with(name, ".log");
}

expected<void> check_writable(const std::string& path) {
  if (::faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) != 0)
    return refuse(path,
                  "cannot be written: "
                    + std::error_code{errno, std::generic_category()}.message()
                    + "; make it writable for this user or name another one");
  return success();
}

/// Makes the folder where it is missing and checks that it can be written.
expected<void> prepare_folder(const std::string& path) {
  std::error_code error;
  const auto kind = fs::status(path, error).type();
  if (kind != fs::file_type::not_found && kind != fs::file_type::directory
      && kind != fs::file_type::none)
    return refuse(path, "is not a folder; name a folder for it");
  fs::create_directories(path, error);
  if (error)
    return refuse(path, "cannot be made: " + error.message()
                          + "; name a folder that this user can make");
  return check_writable(path);
}

/// Checks that a folder without a database can take one.
expected<void> check_unused(const std::string& path, rocksdb::Env& env) {
  std::vector<std::string> names;
  if (!env.GetChildren(path, &names).ok())
    return success();
  for (const auto& name : names)
    if (ends_with(name, ".sst"))
      return refuse(path, "is damaged: it has tables, but no file CURRENT"
                            + std::string{ways_out});
  for (const auto& name : names)
    if (!is_left_by_creation(name))
      return refuse(path, "holds other files, such as " + name
                            + "; name an empty folder");
  return success();
}

/// The format version in `meta`; nothing when there is none, 0 when it is not
/// a number.
expected<std::optional<uint32_t>>
read_format(const std::string& path, rocksdb::DB& db,
            rocksdb::ColumnFamilyHandle* meta) {
  std::string value;
  const auto status
    = db.Get(rocksdb::ReadOptions{}, meta, slice(format_key), &value);
  if (status.IsNotFound())
    return std::optional<uint32_t>{};
  if (!status.ok())
    return store_failure("cannot read the format of the store " + path, status);
  uint32_t version = 0;
  const auto* end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data(), end, version);
  if (parsed.ec != std::errc{} || parsed.ptr != end)
    version = 0;
  return std::optional<uint32_t>{version};
}

failure foreign(const std::string& path) {
  return refuse(path, "was made by another program; name another folder");
}

/// Checks a version that was found.
expected<void> check_format(const std::string& path, uint32_t version) {
  if (version == store_format)
    return success();
  if (version == 0)
    return refuse(path, "has no readable format version; restore it from a "
                        "backup or name another folder");
  return refuse(path, "has format version " + std::to_string(version)
                        + " and this program knows version "
                        + std::to_string(store_format)
                        + "; use the program that made it, or name another "
                          "folder");
}

/// Says which process has locked a file: "process 7 (vm-system)". RocksDB says
/// in `words` whether it is this one; then the file is not opened, since
/// closing it would give up the lock.
std::string holder_of(const std::string& lock_file, std::string_view words) {
  if (words.find("current process") != std::string_view::npos)
    return "this process";
  const int file = ::open(lock_file.c_str(), O_RDONLY | O_CLOEXEC);
  struct flock held {};
  held.l_type = F_WRLCK;
  held.l_whence = SEEK_SET;
  const bool known = file >= 0 && ::fcntl(file, F_GETLK, &held) == 0
                     && held.l_type != F_UNLCK && held.l_pid > 0;
  if (file >= 0)
    ::close(file);
  if (!known)
    return "another process";
  const auto number = std::to_string(held.l_pid);
  std::string name;
  std::ifstream comm{"/proc/" + number + "/comm"};
  std::getline(comm, name);
  return "process " + number + (name.empty() ? "" : " (" + name + ")");
}

failure open_failure(const std::string& path, const rocksdb::Status& status) {
  const auto words = status.ToString();
  if (status.IsIOError() && words.find("LOCK") != std::string::npos)
    return refuse(path, "is in use by " + holder_of(path + "/LOCK", words)
                          + "; stop that one or name another folder (" + words
                          + ")");
  if (status.IsCorruption() || status.IsPathNotFound() || status.IsNotFound())
    return refuse(path, "is damaged: " + words + std::string{ways_out});
  return refuse(path, "cannot be opened: " + words
                        + "; free the disk or name another folder");
}

/// A write to a log failed, and tables of some families were made afterwards,
/// but not of all: that is how a disk looks that was full for a while. The end
/// of that log belongs to nobody, but it is not the end of all logs, where
/// recovery would stop.
bool is_torn_log_before_tables(const rocksdb::Status& status) {
  return status.IsCorruption()
         && status.ToString().find("SST file is ahead of WALs")
              != std::string::npos;
}

/// An open database before it is checked, which closes whatever happens.
expected<database_ptr>
open_with(const rocksdb_config& config, const rocksdb::DBOptions& options,
          const std::vector<rocksdb::ColumnFamilyDescriptor>& families,
          bool read_only) {
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const auto open = [&](const rocksdb::DBOptions& how) {
    return read_only
             ? rocksdb::DB::OpenForReadOnly(how, config.path, families,
                                            &handles, &db)
             : rocksdb::DB::Open(how, config.path, families, &handles, &db);
  };
  auto status = open(options);
  if (is_torn_log_before_tables(status)) {
    auto tolerant = options;
    tolerant.wal_recovery_mode
      = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    status = open(tolerant);
  }
  if (!status.ok())
    return open_failure(config.path, status);
  return std::make_shared<rocksdb_database>(config.env,
                                            std::unique_ptr<rocksdb::DB>{db},
                                            std::move(handles));
}

/// Opens, without changing anything, a database whose column families are not
/// exactly ours.
expected<database_ptr> open_as_found(const rocksdb_config& config,
                                     const rocksdb::DBOptions& options,
                                     const std::vector<std::string>& names) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(names.size());
  for (const auto& name : names)
    families.emplace_back(name, rocksdb::ColumnFamilyOptions{});
  return open_with(config, options, families, true);
}

/// Looks into such a database: a first start that was interrupted is let
/// through.
expected<void> inspect(const std::string& path,
                       const rocksdb_database& database,
                       const std::vector<std::string>& names) {
  bool empty = std::all_of(names.begin(), names.end(), is_ours);
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto* handle = database.handles()[i];
    if (names[i] == family_names[static_cast<std::size_t>(family::meta)]) {
      auto version = read_format(path, database.db(), handle);
      if (!version)
        return version.error();
      if (version.value() && *version.value() > store_format)
        return check_format(path, *version.value());
    }
    const std::unique_ptr<rocksdb::Iterator> it{
      database.db().NewIterator(rocksdb::ReadOptions{}, handle)};
    it->SeekToFirst();
    empty = empty && !it->Valid();
  }
  return empty ? expected<void>{success()} : foreign(path);
}

/// Checks an open database's version, and gives it one when it is new.
expected<void> adopt(const std::string& path,
                     const rocksdb_database& database) {
  auto& db = database.db();
  auto* meta = database.handle(family::meta);
  auto version = read_format(path, db, meta);
  if (!version)
    return version.error();
  if (version.value())
    return check_format(path, *version.value());
  for (auto* handle : database.handles()) {
    const std::unique_ptr<rocksdb::Iterator> it{
      db.NewIterator(rocksdb::ReadOptions{}, handle)};
    it->SeekToFirst();
    if (it->Valid())
      return refuse(path, "holds data without a format version; restore it "
                          "from a backup or name another folder");
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  if (const auto status
      = db.Put(options, meta, slice(format_key), std::to_string(store_format));
      !status.ok())
    return open_failure(path, status);
  return success();
}

} // namespace

std::shared_ptr<rocksdb::Env> make_memory_env() {
  return std::shared_ptr<rocksdb::Env>{
    rocksdb::NewMemEnv(rocksdb::Env::Default())};
}

expected<database_ptr> open_database(const rocksdb_config& config) {
  auto options = database_options();
  if (config.env)
    options.env = config.env.get();
  else if (auto prepared = prepare_folder(config.path); !prepared)
    return prepared.error();
  options.info_log = config.env ? make_no_log() : make_store_log(config.path);
  if (!options.env->FileExists(config.path + "/CURRENT").ok()) {
    if (auto unused = check_unused(config.path, *options.env); !unused)
      return unused.error();
  } else {
    std::vector<std::string> names;
    if (const auto status
        = rocksdb::DB::ListColumnFamilies(options, config.path, &names);
        !status.ok())
      return open_failure(config.path, status);
    if (!are_ours(names)) {
      const auto found = open_as_found(config, options, names);
      if (!found)
        return found.error();
      if (auto harmless = inspect(config.path, *found.value(), names);
          !harmless)
        return harmless.error();
    }
  }
  auto database = open_with(config, options, family_options(), false);
  if (!database)
    return database.error();
  if (auto adopted = adopt(config.path, *database.value()); !adopted)
    return adopted.error();
  return database;
}

expected<void> require_store(const std::string& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    return fail(ec::internal, "there is no store at " + path);
  if (!fs::is_directory(path, ignored))
    return refuse(path, "is not a folder; name a folder for it");
  if (auto writable = check_writable(path); !writable)
    return writable;
  if (fs::exists(path + "/CURRENT", ignored))
    return success();
  for (const auto& entry : fs::directory_iterator{path, ignored})
    if (ends_with(entry.path().filename().string(), ".sst")
        || ends_with(entry.path().filename().string(), ".log"))
      return success();
  return fail(ec::internal, "there is no store at " + path);
}

expected<store_lock> store_lock::take(const std::string& path) {
  rocksdb::FileLock* lock = nullptr;
  if (const auto status
      = rocksdb::Env::Default()->LockFile(path + "/LOCK", &lock);
      !status.ok())
    return open_failure(path, status);
  return store_lock{lock};
}

void store_lock::release::operator()(rocksdb::FileLock* lock) const {
  rocksdb::Env::Default()->UnlockFile(lock);
}

expected<quiet_store> open_to_look(const std::string& path) {
  if (auto there = require_store(path); !there)
    return there.error();
  auto lock = store_lock::take(path);
  if (!lock)
    return lock.error();
  quiet_store result;
  result.lock = std::move(lock).value();
  rocksdb_config config;
  config.path = path;
  auto options = database_options();
  options.info_log = make_no_log();
  std::vector<std::string> names;
  if (const auto status
      = rocksdb::DB::ListColumnFamilies(options, path, &names);
      !status.ok()) {
    result.damage = open_failure(path, status);
    return result;
  }
  if (!are_ours(names)) {
    const auto found = open_as_found(config, options, names);
    if (!found) {
      result.damage = found.error();
      return result;
    }
    if (auto harmless = inspect(path, *found.value(), names); !harmless)
      return harmless.error();
    return refuse(path, "is empty: the start that was to make it was "
                        "interrupted; start vm-system on it once more");
  }
  auto database = open_with(config, options, family_options(), true);
  if (!database) {
    result.damage = database.error();
    return result;
  }
  auto& opened = *database.value();
  auto version = read_format(path, opened.db(), opened.handle(family::meta));
  if (!version)
    result.damage = version.error();
  else if (!version.value())
    result.damage
      = refuse(path, "has no format version" + std::string{ways_out});
  else if (auto known = check_format(path, *version.value()); !known)
    return known.error();
  else
    result.database = std::move(database).value();
  return result;
}

expected<std::shared_ptr<rocksdb_store>>
rocksdb_store::open(const rocksdb_config& config) {
  auto database = open_database(config);
  if (!database)
    return database.error();
  return std::make_shared<rocksdb_store>(std::move(database).value());
}

} // namespace vmsystem
