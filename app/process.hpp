#pragma once

#include <atomic>
#include <functional>

namespace vmsystem {

/// Sets what must be set before any thread starts: threads get stacks of
/// 16 MiB, as the engine needs; the process may open as many files as the
/// system lets it; writing to a closed pipe, or beyond the limit of a file's
/// size, is an error, not a signal.
void set_up_process();

/// Keeps SIGTERM and SIGINT from the threads that start from now on, so that
/// `wait_for_stop_signal` gets them.
void block_stop_signals();

/// Waits for SIGTERM or SIGINT, which must be blocked.
/// @returns its number.
int wait_for_stop_signal();

/// Keeps SIGHUP from the threads that start from now on, too.
void block_hangup_signal();

/// As `wait_for_stop_signal`; meanwhile `on_hangup` is called for each SIGHUP,
/// which must be blocked.
int wait_for_stop_signal(const std::function<void()>& on_hangup);

/// From now on the next SIGTERM or SIGINT ends the process at once, with
/// status 128 plus the signal's number.
void exit_on_stop_signal();

/// From now on the first SIGTERM or SIGINT, which must be blocked, sets the
/// flag that is returned, and the next one ends the process at once.
const std::atomic<bool>& watch_for_stop();

} // namespace vmsystem
