#pragma once

#include "vmsystem/models/batch.hpp"
#include "vmsystem/models/failure.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace vmsystem {

/// Where the lines of a batch come from: a file, a pipe or stdin.
class batch_source {
public:
  /// Opens `path`, or stdin when it is `-`. Errors: file_not_found when it
  /// cannot be opened; invalid_path when it is a folder.
  [[nodiscard]] static expected<batch_source> open(const std::string& path);

  batch_source(batch_source&& other) noexcept;
  batch_source& operator=(batch_source&&) = delete;
  ~batch_source();

  /// What comes next, at most `max_batch_input` bytes; nothing when nothing
  /// came within a tenth of a second. The last piece is empty. Errors:
  /// internal.
  [[nodiscard]] expected<std::optional<batch_input>> read();

  /// How many bytes there are; 0 when that cannot be known.
  [[nodiscard]] uint64_t size() const noexcept {
    return size_;
  }

  /// Whether it is a file, which has an end that nobody moves.
  [[nodiscard]] bool is_file() const noexcept {
    return is_file_;
  }

private:
  batch_source(int descriptor, std::string name, uint64_t size) noexcept;

  int descriptor_;
  std::string name_;
  uint64_t size_;
  bool is_file_ = false;
};

} // namespace vmsystem
