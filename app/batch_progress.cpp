#include "vmsystem/app/batch_progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <unistd.h>

namespace vmsystem {

namespace {

using namespace std::chrono_literals;

/// How far back the pace looks.
constexpr auto memory = 10s;

/// How often a point is remembered.
constexpr auto point_gap = 200ms;

constexpr std::size_t bar_width = 24;

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

} // namespace

std::string grouped(uint64_t number) {
  auto text = std::to_string(number);
  for (auto at = text.size(); at > 3; at -= 3)
    text.insert(at - 3, 1, ',');
  return text;
}

std::string duration_words(std::chrono::seconds duration) {
  const auto seconds = duration.count();
  if (seconds < 60)
    return std::to_string(seconds) + " s";
  if (seconds < 3600)
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60)
           + " s";
  return std::to_string(seconds / 3600) + " h "
         + std::to_string(seconds % 3600 / 60) + " min";
}

std::string progress_words(const batch_position& position,
                           const batch_pace& pace) {
  std::string text = grouped(position.done);
  if (position.total != 0)
    text
      += (position.guessed ? " of about " : " of ") + grouped(position.total);
  text += " jobs";
  if (position.failed != 0)
    text += ", " + grouped(position.failed) + " failed";
  text += ", " + grouped(static_cast<uint64_t>(std::llround(pace.rate)))
          + " jobs/s";
  if (pace.left >= 0s)
    text += ", " + duration_words(pace.left) + " left";
  return text;
}

std::string progress_bar(const batch_position& position, const batch_pace& pace,
                         std::size_t width) {
  const auto words = progress_words(position, pace);
  if (position.total == 0)
    return words;
  const auto share = std::min(1.0, static_cast<double>(position.done)
                                     / static_cast<double>(position.total));
  const auto full
    = static_cast<std::size_t>(share * static_cast<double>(width));
  char percent[8];
  std::snprintf(percent, sizeof(percent), "%3d %%",
                static_cast<int>(share * 100));
  return '[' + std::string(full, '#') + std::string(width - full, '.') + "] "
         + percent + ' ' + words;
}

batch_pace pace_meter::at(clock::time_point now,
                          const batch_position& position) {
  if (points_.empty() || now - points_.back().at >= point_gap)
    points_.push_back({now, position.done});
  while (points_.size() > 2 && now - points_.front().at > memory)
    points_.pop_front();
  batch_pace pace;
  const std::chrono::duration<double> passed = now - points_.front().at;
  if (passed.count() <= 0 || position.done <= points_.front().done)
    return pace;
  pace.rate = static_cast<double>(position.done - points_.front().done)
              / passed.count();
  if (position.total >= position.done && position.total != 0)
    pace.left = std::chrono::seconds{std::llround(std::min(
      1e9, static_cast<double>(position.total - position.done) / pace.rate))};
  return pace;
}

progress_display::progress_display()
  : terminal_{isatty(STDERR_FILENO) == 1},
    next_{pace_meter::clock::now() + (terminal_ ? 0ms : 1000ms)} {}

void progress_display::show(const batch_position& position) {
  const auto now = pace_meter::clock::now();
  const auto pace = meter_.at(now, position);
  if (now < next_)
    return;
  next_ = now + (terminal_ ? 100ms : 1000ms);
  if (terminal_)
    put("\r\x1b[2K" + progress_bar(position, pace, bar_width));
  else
    put(progress_words(position, pace) + '\n');
  bar_is_there_ = terminal_;
}

void progress_display::clear() {
  if (bar_is_there_)
    put("\r\x1b[2K");
  bar_is_there_ = false;
}

} // namespace vmsystem
