#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>

namespace vmsystem {

/// How far a batch is.
struct batch_position {
  uint64_t done = 0;
  uint64_t failed = 0;
  /// All jobs; 0 when nobody knows.
  uint64_t total = 0;
  /// Whether the total is a guess.
  bool guessed = false;
};

/// How fast a batch goes.
struct batch_pace {
  /// Jobs in a second of late.
  double rate = 0;
  /// What is left at that rate; negative when nobody knows.
  std::chrono::seconds left{-1};
};

/// `1,234 of 10,000 jobs, 2 failed, 3,210 jobs/s, 3 s left`.
[[nodiscard]] std::string progress_words(const batch_position& position,
                                         const batch_pace& pace);

/// The same behind a bar of `width` characters; without one when the total is
/// not known.
[[nodiscard]] std::string progress_bar(const batch_position& position,
                                       const batch_pace& pace,
                                       std::size_t width);

/// `1,234,567`.
[[nodiscard]] std::string grouped(uint64_t number);

/// `45 s`, `3 min 20 s`, `2 h 5 min`.
[[nodiscard]] std::string duration_words(std::chrono::seconds duration);

/// Measures how fast something grows, over the last seconds.
class pace_meter {
public:
  using clock = std::chrono::steady_clock;

  [[nodiscard]] batch_pace at(clock::time_point now,
                              const batch_position& position);

private:
  struct point {
    clock::time_point at;
    uint64_t done;
  };

  std::deque<point> points_;
};

/// Shows on stderr how far a batch is: a bar on a terminal, ten times a second;
/// a line in each second elsewhere.
class progress_display {
public:
  progress_display();

  void show(const batch_position& position);

  /// Takes the bar away.
  void clear();

private:
  bool terminal_;
  bool bar_is_there_ = false;
  pace_meter meter_;
  pace_meter::clock::time_point next_;
};

} // namespace vmsystem
