#pragma once

#include "vmsystem/models/batch.hpp"
#include "vmsystem/models/failure.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vmsystem {

/// Cuts the input of a batch, which comes in pieces of any kind, into runs of
/// whole lines. Holds one unfinished line, bounded by `max_job_line`: a longer
/// one is replaced by a line that says so. Pure.
class job_line_splitter {
public:
  job_line_splitter() = default;

  /// Goes on behind so many lines and jobs.
  job_line_splitter(uint32_t lines, uint32_t jobs) noexcept
    : lines_{lines}, jobs_{jobs} {}

  /// Takes the next piece.
  void add(std::string_view piece);

  /// Ends the last line, which may lack its line feed.
  void finish();

  /// The lines that became whole since the last call; empty when there is none.
  [[nodiscard]] batch_input_chunk take();

  /// Jobs in all whole lines so far: lines that are not empty.
  [[nodiscard]] uint32_t jobs() const noexcept {
    return jobs_;
  }

  /// Whether another line would have a number beyond 32 bits.
  [[nodiscard]] bool full() const noexcept;

private:
  void end_line();

  /// The start of a line that is not whole yet.
  std::string open_;
  /// Bytes of the open line; more than are kept of one that is too long.
  std::size_t open_bytes_ = 0;
  std::string whole_;
  uint32_t whole_lines_ = 0;
  uint32_t whole_jobs_ = 0;
  uint32_t lines_ = 0;
  uint32_t jobs_ = 0;
};

/// One line of a batch's input that holds a job.
struct job_line {
  /// From 1.
  uint32_t number = 1;
  /// From 0.
  uint32_t index = 0;
  std::string_view text;
};

/// Reads the jobs of one stored run of lines.
class job_line_reader {
public:
  job_line_reader() = default;
  explicit job_line_reader(batch_input_chunk chunk) noexcept;

  /// The next line that is not empty; its text lives as long as the reader is
  /// not replaced.
  [[nodiscard]] std::optional<job_line> next();

  /// The number of the line behind the chunk, once all of it was read.
  [[nodiscard]] uint32_t next_line() const noexcept {
    return line_;
  }

private:
  std::string text_;
  std::size_t offset_ = 0;
  uint32_t line_ = 1;
  uint32_t index_ = 0;
};

/// The job on a line. Errors: as `read_job_line`, with the line's number.
[[nodiscard]] expected<batch_job> read_job(const job_line& line,
                                           const limits_config& limits);

} // namespace vmsystem
