#include "vmsystem/pipeline/job_lines.hpp"

#include "vmsystem/models/codec.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace vmsystem {

namespace {

/// Stands for a line that was too long to keep. No JSON begins like this.
constexpr std::string_view too_long_mark = "!line of bytes: ";

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

} // namespace

void job_line_splitter::end_line() {
  if (open_bytes_ > max_job_line)
    open_ = std::string{too_long_mark} + std::to_string(open_bytes_);
  ++lines_;
  ++whole_lines_;
  if (!is_blank(open_)) {
    ++jobs_;
    ++whole_jobs_;
  }
  whole_ += open_;
  whole_ += '\n';
  open_.clear();
  open_bytes_ = 0;
}

void job_line_splitter::add(std::string_view piece) {
  while (!piece.empty()) {
    const auto end = piece.find('\n');
    const auto part = piece.substr(0, end);
    open_bytes_ += part.size();
    if (open_bytes_ <= max_job_line)
      open_ += part;
    else
      open_.clear();
    if (end == std::string_view::npos)
      return;
    end_line();
    piece.remove_prefix(end + 1);
  }
}

void job_line_splitter::finish() {
  if (open_bytes_ != 0)
    end_line();
}

batch_input_chunk job_line_splitter::take() {
  batch_input_chunk result;
  result.first_line = lines_ - whole_lines_ + 1;
  result.first_index = jobs_ - whole_jobs_;
  result.text = std::exchange(whole_, {});
  whole_lines_ = 0;
  whole_jobs_ = 0;
  return result;
}

bool job_line_splitter::full() const noexcept {
  constexpr auto margin = static_cast<uint32_t>(max_batch_input) + 1;
  return lines_ > std::numeric_limits<uint32_t>::max() - margin;
}

job_line_reader::job_line_reader(batch_input_chunk chunk) noexcept
  : text_{std::move(chunk.text)},
    line_{chunk.first_line},
    index_{chunk.first_index} {}

std::optional<job_line> job_line_reader::next() {
  while (offset_ < text_.size()) {
    const auto end = std::min(text_.find('\n', offset_), text_.size());
    job_line result;
    result.text = std::string_view{text_}.substr(offset_, end - offset_);
    offset_ = end + 1;
    result.number = line_++;
    if (is_blank(result.text))
      continue;
    result.index = index_++;
    return result;
  }
  return std::nullopt;
}

expected<batch_job> read_job(const job_line& line,
                             const limits_config& limits) {
  const auto where = "line " + std::to_string(line.number) + ": ";
  if (line.text.substr(0, too_long_mark.size()) == too_long_mark)
    return fail(ec::payload_too_large,
                where + "it has "
                  + std::string{line.text.substr(too_long_mark.size())}
                  + " bytes; a job's line may have "
                  + std::to_string(max_job_line));
  auto job = read_job_line(line.text, limits);
  if (!job)
    return fail(job.error().code, where + job.error().message);
  return job;
}

} // namespace vmsystem
