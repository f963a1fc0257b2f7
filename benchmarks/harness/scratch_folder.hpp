#pragma once

#include "vmsystem/models/failure.hpp"

#include <filesystem>

namespace vmsystem::bench {

/// A new folder, removed with all that is in it.
class scratch_folder {
public:
  /// Makes a folder in `parent`, which is made when it is missing. Errors:
  /// internal.
  [[nodiscard]] static expected<scratch_folder>
  make(const std::filesystem::path& parent);

  explicit scratch_folder(std::filesystem::path path);
  scratch_folder(scratch_folder&& other) noexcept;
  scratch_folder& operator=(scratch_folder&&) = delete;
  ~scratch_folder();

  /// Absolute.
  [[nodiscard]] const std::filesystem::path& path() const noexcept {
    return path_;
  }

private:
  std::filesystem::path path_;
};

} // namespace vmsystem::bench
