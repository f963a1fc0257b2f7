#include "vmsystem/app/batch_skip.hpp"

#include "vmsystem/models/batch.hpp"

#include <algorithm>
#include <utility>

namespace vmsystem {

namespace {

/// Whether a line holds no job, as the reader of jobs sees it.
bool is_blank(std::string_view line) noexcept {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

} // namespace

expected<std::string> line_skipper::take(std::string_view piece) {
  while (left_ > 0 && !piece.empty()) {
    const auto feed = piece.find('\n');
    const auto part = piece.substr(0, feed);
    // One byte more than compared says that it is too long.
    const auto room = max_job_line + 1 - line_.size();
    line_.append(part.substr(0, std::min(part.size(), room)));
    if (feed == std::string_view::npos)
      return std::string{};
    piece.remove_prefix(feed + 1);
    if (auto outcome = end_line(); !outcome)
      return outcome.error();
  }
  return std::string{piece};
}

expected<void> line_skipper::end() {
  if (left_ > 0) {
    if (auto outcome = end_line(); !outcome)
      return outcome;
  }
  if (left_ > 0)
    return fail(ec::validation_error,
                "the input ends before the jobs that the batch has already");
  return success();
}

expected<void> line_skipper::end_line() {
  const auto line = std::exchange(line_, {});
  const auto number = line_number_++;
  if (is_blank(line))
    return success();
  --left_;
  auto stored = stored_();
  if (!stored)
    return stored.error();
  if (line.size() <= max_job_line && stored.value() != line)
    return fail(ec::validation_error,
                "line " + std::to_string(number)
                  + " is not the one that the batch began with");
  return success();
}

} // namespace vmsystem
