#pragma once

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include <stdlib.h>

namespace vmsystem::test {

/// A new folder on the disk, removed with all that is in it.
class temp_folder {
public:
  /// Throws `std::system_error`.
  temp_folder() {
    auto name
      = (std::filesystem::temp_directory_path() / "vm-system-test.XXXXXX")
          .string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::system_error{errno, std::generic_category(), name};
    path_ = std::filesystem::canonical(name);
  }

  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;

  ~temp_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  /// Absolute, without symbolic links.
  [[nodiscard]] const std::filesystem::path& path() const noexcept {
    return path_;
  }

  /// The path of something in it.
  [[nodiscard]] std::string operator/(const std::string& name) const {
    return (path_ / name).string();
  }

  /// Writes a file in it.
  void put(const std::string& name, const std::string& bytes) const {
    std::ofstream{path_ / name, std::ios::binary} << bytes;
  }

private:
  std::filesystem::path path_;
};

} // namespace vmsystem::test
