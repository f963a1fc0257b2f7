#pragma once

#include "vmsystem/engine/instance.hpp"
#include "vmsystem/engine/thread.hpp"
#include "vmsystem/tests/must.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vmsystem::engine::test {

using std::chrono::milliseconds;
using vmsystem::test::must;

/// Keeps what a script prints, and stops it when told to.
class recording_sink : public event_sink {
public:
  struct line {
    console_level level;
    std::string text;
  };

  std::optional<end_reason> console(console_level level,
                                    std::string_view text) noexcept override;

  /// The texts, each with a line feed.
  [[nodiscard]] std::string text() const;

  std::vector<line> lines;

  /// Lines that are taken before the script is stopped with `reason`.
  std::size_t max_lines = SIZE_MAX;
  end_reason reason = end_reason::event_limit;
};

/// The image for these options; each is built once.
[[nodiscard]] std::shared_ptr<const image>
image_of(const image_options& options);

/// Releases the images.
void drop_images();

/// 64 MiB, strict, with a console.
[[nodiscard]] image_options default_options();

/// A script and the lines that Node prints for it.
struct printing_case {
  std::string source;
  std::string expected;
};

/// Reads a file in which `>>> ` stands before each script, and the lines below.
[[nodiscard]] std::vector<printing_case> read_cases(const std::string& path);

/// One clone and what it prints.
class runtime {
public:
  explicit runtime(const image_options& options = default_options());

  run_outcome run(std::string_view source);

  /// `options.source` and `options.sink` are set.
  run_outcome run(std::string_view source, run_options options);

  /// The preview of the value; the message of an error.
  std::string eval(std::string_view source);

  instance& engine() {
    return *instance_;
  }

  recording_sink sink;

  /// Limits of `run(source)`.
  run_options limits;

private:
  std::unique_ptr<instance> instance_;
};

/// Time since it was made.
class stopwatch {
public:
  [[nodiscard]] milliseconds elapsed() const;

private:
  std::chrono::steady_clock::time_point start_
    = std::chrono::steady_clock::now();
};

} // namespace vmsystem::engine::test

namespace vmsystem {

inline std::ostream& operator<<(std::ostream& out, end_reason reason) {
  return out << name_of(reason);
}

inline std::ostream& operator<<(std::ostream& out, value_type type) {
  return out << name_of(type);
}

inline std::ostream& operator<<(std::ostream& out, console_level level) {
  return out << name_of(level);
}

} // namespace vmsystem
