#include "losing_disk.hpp"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace vmsystem::test {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

IOStatus no_power() {
  return IOStatus::IOError("the power is off");
}

} // namespace

class losing_disk::file_system final : public rocksdb::FileSystemWrapper {
public:
  explicit file_system(uint64_t seed)
    : FileSystemWrapper{rocksdb::FileSystem::Default()}, random_{seed} {}

  const char* Name() const override {
    return "losing_disk";
  }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& how,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* debug) override;

  IOStatus ReopenWritableFile(const std::string&, const FileOptions&,
                              std::unique_ptr<rocksdb::FSWritableFile>*,
                              IODebugContext*) override {
    return IOStatus::NotSupported("files are written once");
  }

  IOStatus NewDirectory(const std::string& path, const IOOptions& how,
                        std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext* debug) override;

  IOStatus RenameFile(const std::string& from, const std::string& to,
                      const IOOptions& how, IODebugContext* debug) override {
    const std::lock_guard lock{guard_};
    if (off_)
      return no_power();
    auto outcome = target()->RenameFile(from, to, how, debug);
    if (!outcome.ok())
      return outcome;
    if (auto known = synced_.extract(from)) {
      known.key() = to;
      synced_.erase(to);
      synced_.insert(std::move(known));
    }
    // A new name that is lost would bring the old one back, which nobody
    // rewrote: it is kept.
    new_names_.erase(from);
    return outcome;
  }

  IOStatus DeleteFile(const std::string& path, const IOOptions& how,
                      IODebugContext* debug) override {
    const std::lock_guard lock{guard_};
    if (off_)
      return no_power();
    synced_.erase(path);
    new_names_.erase(path);
    return target()->DeleteFile(path, how, debug);
  }

  /// How much of `bytes` can still be written.
  /// @returns nothing when the power is off.
  std::optional<std::size_t> take(std::size_t bytes) {
    const std::lock_guard lock{guard_};
    if (off_)
      return std::nullopt;
    if (left_ && bytes >= *left_) {
      off_ = true;
      return static_cast<std::size_t>(*left_);
    }
    if (left_)
      *left_ -= bytes;
    return bytes;
  }

  IOStatus sync(const std::string& path, uint64_t size) {
    const std::lock_guard lock{guard_};
    if (off_)
      return no_power();
    synced_[path] = size;
    return IOStatus::OK();
  }

  IOStatus sync_folder(const std::string& path) {
    const std::lock_guard lock{guard_};
    if (off_)
      return no_power();
    const auto is_in = [&](const std::string& name) {
      return std::filesystem::path{name}.parent_path()
             == std::filesystem::path{path};
    };
    for (auto at = new_names_.begin(); at != new_names_.end();)
      at = is_in(*at) ? new_names_.erase(at) : std::next(at);
    return IOStatus::OK();
  }

  void cut_after(uint64_t bytes) {
    const std::lock_guard lock{guard_};
    left_ = bytes;
  }

  bool off() const {
    const std::lock_guard lock{guard_};
    return off_;
  }

  uint64_t lose() {
    const std::lock_guard lock{guard_};
    uint64_t lost = 0;
    for (const auto& [path, size] : synced_)
      lost += lose_tail(path, size);
    synced_.clear();
    new_names_.clear();
    left_.reset();
    off_ = false;
    return lost;
  }

private:
  uint64_t below(uint64_t bound) {
    return random_() % bound;
  }

  uint64_t lose_tail(const std::string& path, uint64_t synced) {
    std::error_code none;
    const auto size = std::filesystem::file_size(path, none);
    if (none)
      return 0;
    if (new_names_.count(path) != 0 && below(2) == 0) {
      std::filesystem::remove(path);
      return size;
    }
    if (size <= synced)
      return 0;
    const auto kept = synced + below(size - synced + 1);
    std::filesystem::resize_file(path, kept);
    if (kept > synced && below(3) == 0) {
      // Pages reach the disk in any order.
      const auto from = synced + below(kept - synced);
      const auto zeros = std::min<uint64_t>(kept - from, 1 + below(8192));
      std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
      file.seekp(static_cast<std::streamoff>(from));
      file << std::string(zeros, '\0');
    }
    return size - kept;
  }

  mutable std::mutex guard_;
  std::mt19937_64 random_;
  /// Of each file that was written, how much is safe.
  std::map<std::string, uint64_t> synced_;
  std::set<std::string> new_names_;
  std::optional<uint64_t> left_;
  bool off_ = false;
};

class losing_disk::file final : public rocksdb::FSWritableFileOwnerWrapper {
public:
  file(file_system& disk, std::string path,
       std::unique_ptr<rocksdb::FSWritableFile>&& inner)
    : FSWritableFileOwnerWrapper{std::move(inner)},
      disk_{disk},
      path_{std::move(path)} {}

  IOStatus Append(const Slice& data, const IOOptions& how,
                  IODebugContext* debug) override {
    const auto part = disk_.take(data.size());
    if (!part)
      return no_power();
    auto outcome = target()->Append(Slice{data.data(), *part}, how, debug);
    size_ += *part;
    return outcome.ok() && *part < data.size() ? no_power() : outcome;
  }
  IOStatus Append(const Slice& data, const IOOptions& how,
                  const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, how, debug);
  }
  IOStatus PositionedAppend(const Slice&, uint64_t, const IOOptions&,
                            IODebugContext*) override {
    return IOStatus::NotSupported("files are appended to");
  }
  IOStatus Sync(const IOOptions& how, IODebugContext* debug) override {
    auto outcome = target()->Flush(how, debug);
    return outcome.ok() ? disk_.sync(path_, size_) : outcome;
  }
  IOStatus Fsync(const IOOptions& how, IODebugContext* debug) override {
    return Sync(how, debug);
  }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&,
                     IODebugContext*) override {
    return IOStatus::OK();
  }

private:
  file_system& disk_;
  std::string path_;
  uint64_t size_ = 0;
};

class losing_disk::folder final : public rocksdb::FSDirectoryWrapper {
public:
  folder(file_system& disk, std::string path,
         std::unique_ptr<rocksdb::FSDirectory>&& inner)
    : FSDirectoryWrapper{std::move(inner)},
      disk_{disk},
      path_{std::move(path)} {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return disk_.sync_folder(path_);
  }
  IOStatus FsyncWithDirOptions(const IOOptions&, IODebugContext*,
                               const rocksdb::DirFsyncOptions&) override {
    return disk_.sync_folder(path_);
  }

private:
  file_system& disk_;
  std::string path_;
};

IOStatus losing_disk::file_system::NewWritableFile(
  const std::string& path, const FileOptions& how,
  std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  {
    const std::lock_guard lock{guard_};
    if (off_)
      return no_power();
    synced_[path] = 0;
    new_names_.insert(path);
  }
  std::unique_ptr<rocksdb::FSWritableFile> inner;
  auto outcome = target()->NewWritableFile(path, how, &inner, debug);
  if (outcome.ok())
    *result = std::make_unique<file>(*this, path, std::move(inner));
  return outcome;
}

IOStatus losing_disk::file_system::NewDirectory(
  const std::string& path, const IOOptions& how,
  std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> inner;
  auto outcome = target()->NewDirectory(path, how, &inner, debug);
  if (outcome.ok())
    *result = std::make_unique<folder>(*this, path, std::move(inner));
  return outcome;
}

losing_disk::losing_disk(uint64_t seed)
  : files_{std::make_shared<file_system>(seed)},
    env_{rocksdb::NewCompositeEnv(files_)} {}

losing_disk::~losing_disk() = default;

std::shared_ptr<rocksdb::Env> losing_disk::env() const {
  return env_;
}

void losing_disk::cut_after(uint64_t bytes) {
  files_->cut_after(bytes);
}

bool losing_disk::off() const {
  return files_->off();
}

uint64_t losing_disk::lose() {
  return files_->lose();
}

} // namespace vmsystem::test
