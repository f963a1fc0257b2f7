#include "vmsystem/engine/watchdog.hpp"

#include "vmsystem/engine/wasm/runtime.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <pthread.h>
#include <signal.h>

namespace vmsystem::engine::detail {

using std::chrono::nanoseconds;

struct watch_slot::impl {
  std::mutex mutex;
  /// What runs; number 0: nothing. Guarded by `mutex`.
  watched_run run;
  /// Runs so far, which tells a busy thread from an idle one. Guarded too.
  uint64_t runs = 0;

  pthread_t thread{};
  clockid_t cpu_clock{};

  // The watchdog's own notes.
  uint64_t runs_seen = 0;
  nanoseconds cpu_at_start{};
  std::optional<clock::time_point> requested_at;
};

namespace {

constexpr std::chrono::milliseconds tick{20};

/// Looks at idle threads after which the watchdog sleeps.
constexpr int idle_looks = 50;

nanoseconds cpu_time(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return std::chrono::seconds{now.tv_sec} + nanoseconds{now.tv_nsec};
}

class watchdog {
public:
  /// Never destroyed: its thread runs until the process ends.
  static watchdog& get() {
    static auto* object = new watchdog;
    return *object;
  }

  void add(watch_slot::impl* slot) {
    std::lock_guard<std::mutex> guard{mutex_};
    slots_.push_back(slot);
  }

  void remove(watch_slot::impl* slot) {
    std::lock_guard<std::mutex> guard{mutex_};
    slots_.erase(std::find(slots_.begin(), slots_.end(), slot));
  }

  /// Called after a run was entered in its slot. The watchdog looks at all
  /// slots once more after it has set `sleeping_`, so one of the two sees the
  /// other: the slot's mutex orders them.
  void notice() {
    if (!sleeping_.load(std::memory_order_relaxed))
      return;
    {
      std::lock_guard<std::mutex> guard{mutex_};
      sleeping_.store(false, std::memory_order_relaxed);
    }
    wakeup_.notify_one();
  }

private:
  watchdog() {
    // Signals of the process are for other threads.
    sigset_t all;
    sigset_t old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    std::thread{[this] { watch(); }}.detach();
    pthread_sigmask(SIG_SETMASK, &old, nullptr);
  }

  void watch() {
    std::unique_lock<std::mutex> lock{mutex_};
    for (int idle = 0;;) {
      idle = look() ? 0 : idle + 1;
      if (idle < idle_looks) {
        wakeup_.wait_for(lock, tick);
        continue;
      }
      sleeping_.store(true, std::memory_order_relaxed);
      if (!look())
        wakeup_.wait(lock, [this] {
          return !sleeping_.load(std::memory_order_relaxed);
        });
      sleeping_.store(false, std::memory_order_relaxed);
      idle = 0;
    }
  }

  /// Kills what is overdue.
  /// @returns whether anything runs, or ran since the last look.
  bool look() {
    bool busy = false;
    for (auto* slot : slots_) {
      std::lock_guard<std::mutex> guard{slot->mutex};
      const bool first_look = slot->runs != slot->runs_seen;
      slot->runs_seen = slot->runs;
      if (slot->run.number == 0) {
        busy = busy || first_look;
        continue;
      }
      busy = true;
      if (overdue(*slot, first_look))
        kill(*slot);
    }
    return busy;
  }

  static bool overdue(watch_slot::impl& slot, bool first_look) {
    const auto& run = slot.run;
    const auto now = clock::now();
    if (now > run.deadline + watchdog_grace)
      return true;
    const auto elapsed = nanoseconds{now - run.start};
    if (first_look) {
      slot.requested_at.reset();
      slot.cpu_at_start = cpu_time(slot.cpu_clock) - elapsed;
    }
    if (run.control != nullptr && run.control->requested() != end_reason::ok) {
      if (!slot.requested_at)
        slot.requested_at = now;
      if (now > *slot.requested_at + watchdog_grace)
        return true;
    }
    return elapsed > run.cpu_limit + watchdog_grace
           && cpu_time(slot.cpu_clock) - slot.cpu_at_start
                > run.cpu_limit + watchdog_grace;
  }

  static void kill(const watch_slot::impl& slot) {
    sigval value{};
    value.sival_int = static_cast<int>(slot.run.number);
    // A full signal queue is no error: the next look tries again.
    pthread_sigqueue(slot.thread, VM_SIGNAL_KILL, value);
  }

  std::mutex mutex_;
  std::condition_variable wakeup_;
  std::vector<watch_slot::impl*> slots_;
  std::atomic<bool> sleeping_{false};
};

} // namespace

watch_slot::watch_slot() : impl_{std::make_unique<impl>()} {
  impl_->thread = pthread_self();
  pthread_getcpuclockid(impl_->thread, &impl_->cpu_clock);
  watchdog::get().add(impl_.get());
}

watch_slot::~watch_slot() {
  watchdog::get().remove(impl_.get());
}

void watch_slot::begin(const watched_run& run) {
  {
    std::lock_guard<std::mutex> guard{impl_->mutex};
    impl_->run = run;
    ++impl_->runs;
  }
  watchdog::get().notice();
}

void watch_slot::end() {
  std::lock_guard<std::mutex> guard{impl_->mutex};
  impl_->run.number = 0;
}

} // namespace vmsystem::engine::detail
