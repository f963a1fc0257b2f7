#pragma once

#include "vmsystem/engine/run.hpp"
#include "vmsystem/pipeline/event_log.hpp"
#include "vmsystem/pipeline/job.hpp"

#include <chrono>
#include <functional>
#include <optional>

namespace vmsystem {

/// Turns console lines into events while a script runs, and hands them on in
/// parts when it runs long or prints much. Lives as long as one run.
class console_sink final : public engine::event_sink {
public:
  using clock = std::chrono::steady_clock;
  using hand_on = std::function<void(event_chunk)>;

  /// Events that wait longer than this are handed on with the next line.
  static constexpr std::chrono::milliseconds max_delay{50};
  /// More bytes than this are handed on at once.
  static constexpr std::size_t max_pending_bytes = 256 * 1024;

  /// @param to takes the events; outlives the sink.
  /// @param give may be empty: then all events stay in `to`.
  /// @param last when events were handed on last.
  console_sink(event_log& to, hand_on give,
               clock::time_point last = clock::now());

  std::optional<end_reason> console(console_level level,
                                    std::string_view text) noexcept override;

  /// The script waits until `until`, or for nobody knows how long: hands on
  /// what would wait for too long with it.
  void pause(std::optional<clock::time_point> until);

  /// When events were handed on last.
  [[nodiscard]] clock::time_point last() const noexcept {
    return last_;
  }

private:
  void give(clock::time_point now);

  event_log& to_;
  hand_on give_;
  clock::time_point last_;
};

/// What the job's record says of its run: the script, its limits and its
/// globals. Views into the job.
[[nodiscard]] engine::run_options run_options_of(const execution_job& job);

/// Runs the job's script in the job's instance and fills its report. A script
/// that has nothing to do before a timer is due does not sleep: its run waits,
/// and the outcome says until when. Call it on a thread with an
/// `engine::thread_guard`.
void run_job(execution_job& job, console_sink::hand_on give);

/// Goes on with a run that waits, as `run_job`; or ends it, when the job's
/// control requests that.
void resume_job(execution_job& job, console_sink::hand_on give);

/// Ends a run that waits: for what the job's control requests, or else for the
/// wall limit.
void end_waiting_job(execution_job& job);

} // namespace vmsystem
