#pragma once

#include "vmsystem/pipeline/integrity.hpp"
#include "vmsystem/pipeline/library_cache.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <string>

namespace vmsystem::test {

/// A library cache of its own.
class library_folder {
public:
  /// The line of a library that is what it should be.
  [[nodiscard]] static library_entry
  entry_for(const std::string& name, const std::string& version,
            const std::string& global, const std::string& source) {
    return {name,
            version,
            name,
            "dist/" + name + ".js",
            global,
            global,
            integrity_of(source)};
  }

  /// Adds a library, or replaces it.
  void put(const std::string& name, const std::string& version,
           const std::string& global, const std::string& source) {
    const auto entry = entry_for(name, version, global, source);
    files.put(entry.file_name(), source);
    lines += manifest_line(entry);
    files.put(std::string{library_manifest}, lines);
  }

  [[nodiscard]] std::string path() const {
    return files.path().string();
  }

  temp_folder files;
  /// Its manifest.
  std::string lines;
};

} // namespace vmsystem::test
