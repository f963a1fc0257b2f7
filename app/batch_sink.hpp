#pragma once

#include "vmsystem/models/failure.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace vmsystem {

/// Where result lines go: a file, stdout, or nowhere.
class batch_sink {
public:
  /// Opens `path`, which is emptied; stdout when it is `-`, nowhere when it is
  /// empty. Errors: invalid_path when it cannot be written.
  [[nodiscard]] static expected<batch_sink> open(const std::string& path);

  /// Writes lines and hands them to the kernel. Errors: internal.
  [[nodiscard]] expected<void> write(std::string_view lines);

private:
  struct closer {
    void operator()(std::FILE* file) const noexcept;
  };

  explicit batch_sink(std::string name) : name_{std::move(name)} {}

  std::string name_;
  /// Null: nowhere.
  std::unique_ptr<std::FILE, closer> file_;
};

} // namespace vmsystem
