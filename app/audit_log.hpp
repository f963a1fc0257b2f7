#pragma once

#include "vmsystem/models/failure.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace vmsystem {

/// A file to which lines are appended, by a thread of its own: whoever adds one
/// never waits for the disk. What cannot be written is lost; that is logged
/// once, and again only after lines could be written in between. Any thread may
/// use it.
class audit_log {
public:
  /// Opens the file at `path`, which is made with the permissions 0600 when it
  /// is missing; `-` is stdout. Errors: internal, naming the file.
  [[nodiscard]] static expected<std::unique_ptr<audit_log>>
  open(const std::string& path);

  audit_log(const audit_log&) = delete;
  audit_log& operator=(const audit_log&) = delete;

  /// Writes what was added, but waits for a pipe that nobody reads no longer
  /// than a second.
  ~audit_log();

  /// Adds a line, with its newline.
  void add(std::string line);

  /// Opens the file again by its name. What was added before goes to the old
  /// one, which may have another name by now.
  void reopen();

private:
  audit_log(std::string path, int fd);
  void run();
  /// Takes what is to be done next; waits for it.
  /// @returns false at the end.
  bool take(std::string& line);
  void write(std::string_view line);
  bool write_all(std::string_view bytes);
  /// Waits until the file takes something.
  /// @returns false when it is given up.
  bool wait_for_room();
  void reopen_now();
  void failed(const std::string& why);

  const std::string path_;
  int fd_;
  /// Whether the last line was written only in part.
  bool torn_ = false;
  /// Whether the log knows that lines are lost.
  bool failed_ = false;
  /// How long the file was waited for at the end.
  int waited_ms_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  /// An empty line stands for a wish to open the file again.
  std::deque<std::string> lines_;
  std::size_t lost_ = 0;
  bool ending_ = false;
  std::thread writer_;
};

} // namespace vmsystem
