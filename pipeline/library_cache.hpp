#pragma once

#include "vmsystem/engine/library.hpp"
#include "vmsystem/models/failure.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace vmsystem {

// A library cache is a folder with a script `NAME-VERSION.js` for each library,
// and a manifest that says what each must be like, one JSON object a line. What
// is in the catalogue needs no line. All of this blocks on the disk.

/// The largest script of a library, in bytes.
inline constexpr uint32_t max_library_bytes = 16u << 20;

/// The manifest's file name.
inline constexpr std::string_view library_manifest = "manifest.jsonl";

/// One line of a manifest, or the same of the catalogue.
struct library_entry {
  /// As npm names the archive of a package: without `@`, with `-` for `/`.
  std::string name;
  std::string version;
  /// The npm package, as npm knows it.
  std::string package;
  /// Where the script came from: its path in the package, or that of a file
  /// outside of packages, which is absolute.
  std::string file;
  /// What scripts call it, and what the library itself does.
  std::string global;
  std::string sets;
  /// As `integrity_of` says it.
  std::string integrity;

  /// `NAME-VERSION`.
  [[nodiscard]] std::string full_name() const;

  /// The script's name in the cache.
  [[nodiscard]] std::string file_name() const;
};

/// The manifest of a cache; empty when there is none. Errors:
/// library_not_found when it cannot be read, or has a line that makes no sense.
[[nodiscard]] expected<std::vector<library_entry>>
read_library_manifest(const std::string& folder);

/// The entries of the catalogue, and then those that a manifest has besides.
/// Errors: those of `read_library_manifest`.
[[nodiscard]] expected<std::vector<library_entry>>
all_libraries(const std::string& folder);

/// The line of a manifest, with a line feed.
[[nodiscard]] std::string manifest_line(const library_entry& entry);

/// What `name` stands for: a library of the catalogue, else one of the
/// manifest; without a version, the one that was added last. Errors:
/// library_not_found, which tells how to get it.
[[nodiscard]] expected<library_entry> find_library(const std::string& folder,
                                                   std::string_view name);

/// The script of a library. Errors: library_not_found, which tells how to mend
/// it, when the file is not there, cannot be read, or is not the one that was
/// put there.
[[nodiscard]] expected<std::string> read_library(const std::string& folder,
                                                 const library_entry& entry);

/// Loads libraries, and keeps them for as long as somebody uses them: a list
/// whose files did not change has the same elements as before.
class library_shelf {
public:
  /// Each library once, in the order of the names. Errors: those of
  /// `find_library` and `read_library`; library_failed when two of them have
  /// the same global.
  [[nodiscard]] expected<engine::library_list>
  load(const std::string& folder, const std::vector<std::string>& names);

private:
  /// Tells one state of a file from another.
  struct file_state {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    int64_t modified_ns = 0;
    int64_t changed_ns = 0;
  };

  struct place {
    file_state state;
    std::string integrity;
    std::weak_ptr<const engine::library> kept;
  };

  static file_state state_of(const std::string& path) noexcept;
  static bool same(const file_state& x, const file_state& y) noexcept;

  expected<std::shared_ptr<const engine::library>>
  load_one(const std::string& folder, const library_entry& entry);

  /// By the path of the script.
  std::map<std::string, place> places_;
};

} // namespace vmsystem
