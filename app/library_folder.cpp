#include "vmsystem/app/library_folder.hpp"

#include "vmsystem/app/whole_file.hpp"
#include "vmsystem/pipeline/integrity.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace vmsystem {

namespace {

namespace fs = std::filesystem;

/// Keeps other processes from changing the cache.
class folder_lock {
public:
  explicit folder_lock(const std::string& folder)
    : fd_{
      ::open((folder + "/.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)} {
    while (fd_ >= 0 && ::flock(fd_, LOCK_EX) != 0 && errno == EINTR) {}
  }
  folder_lock(const folder_lock&) = delete;
  folder_lock& operator=(const folder_lock&) = delete;
  ~folder_lock() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  [[nodiscard]] bool held() const noexcept {
    return fd_ >= 0;
  }

private:
  int fd_;
};

failure no_writing(const std::string& folder) {
  return fail(ec::internal, "cannot write to the library cache " + folder + ": "
                              + std::generic_category().message(errno));
}

expected<void> write_manifest(const std::string& folder,
                              const std::vector<library_entry>& entries) {
  std::string text;
  for (const auto& entry : entries)
    text += manifest_line(entry);
  return write_whole_file(folder + '/' + std::string{library_manifest}, text);
}

} // namespace

expected<void> put_library(const std::string& folder, library_entry entry,
                           std::string_view source) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return fail(ec::internal, "cannot make the library cache " + folder + ": "
                                + error.message());
  const folder_lock lock{folder};
  if (!lock.held())
    return no_writing(folder);
  auto manifest = read_library_manifest(folder);
  if (!manifest)
    return manifest.error();
  auto& entries = manifest.value();
  entry.integrity = integrity_of(source);
  if (auto outcome = write_whole_file(folder + '/' + entry.file_name(), source);
      !outcome)
    return outcome;
  const auto is_it = [&](const library_entry& x) {
    return x.full_name() == entry.full_name();
  };
  entries.erase(std::remove_if(entries.begin(), entries.end(), is_it),
                entries.end());
  entries.push_back(std::move(entry));
  return write_manifest(folder, entries);
}

expected<library_entry> remove_library(const std::string& folder,
                                       std::string_view name) {
  auto found = find_library(folder, name);
  if (!found)
    return found;
  const auto& entry = found.value();
  const auto path = folder + '/' + entry.file_name();
  const folder_lock lock{folder};
  auto manifest = read_library_manifest(folder);
  if (!manifest)
    return manifest.error();
  auto& entries = manifest.value();
  const auto is_it = [&](const library_entry& x) {
    return x.full_name() == entry.full_name();
  };
  const auto rest = std::remove_if(entries.begin(), entries.end(), is_it);
  const bool listed = rest != entries.end();
  entries.erase(rest, entries.end());
  if (listed)
    if (auto outcome = write_manifest(folder, entries); !outcome)
      return outcome.error();
  std::error_code error;
  const bool removed = fs::remove(path, error);
  if (error)
    return fail(ec::internal, "cannot remove " + path + ": " + error.message());
  if (!listed && !removed)
    return fail(ec::library_not_found, "library \"" + entry.full_name()
                                         + "\" is not in the library cache "
                                         + folder);
  return found;
}

} // namespace vmsystem
