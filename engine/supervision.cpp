#include "vmsystem/engine/supervision.hpp"

#include <algorithm>
#include <ctime>

namespace vmsystem::engine::detail {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

namespace {

/// Rendering may take what is left of the wall limit, but this long at least
/// and at most.
constexpr milliseconds min_render_time{50};
constexpr milliseconds max_render_time{1000};

/// Runs shorter than this are not worth the 0.6 us of the processor clock.
constexpr std::chrono::microseconds short_run{50};

nanoseconds thread_cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds{now.tv_sec} + nanoseconds{now.tv_nsec};
}

uint64_t microseconds_of(nanoseconds time) {
  return static_cast<uint64_t>(std::max<int64_t>(time.count(), 0)) / 1000;
}

} // namespace

supervision::supervision(guest& owner, thread_state& thread,
                         const run_options& options)
  : supervision{owner, thread, options, {clock::now()}} {}

supervision::supervision(guest& owner, thread_state& thread,
                         const run_options& options, const run_so_far& before)
  : guest_{owner},
    thread_{thread},
    options_{options},
    start_{clock::now()},
    so_far_{before},
    deadline_{before.start + options.wall_limit},
    cpu_limit_{std::max(options.cpu_limit - before.cpu, nanoseconds{0})},
    cpu_check_{start_ + cpu_limit_},
    pages_at_start_{owner.pages()} {
  sample_memory();
  watch(start_, std::max(deadline_, start_), cpu_limit_, options.control);
  guest_.active = this;
}

supervision::~supervision() {
  guest_.active = nullptr;
  vm_this_thread.run = 0;
  thread_.watch().end();
}

void supervision::watch(clock::time_point since, clock::time_point deadline,
                        nanoseconds cpu_limit, const run_control* control) {
  const auto number = thread_.next_run();
  vm_this_thread.run = number;
  thread_.watch().begin({number, since, deadline, cpu_limit, control});
}

end_reason supervision::over_limit(clock::time_point now) noexcept {
  if (phase_ == phase::rendering)
    return now >= deadline_ ? end_reason::wall_timeout : end_reason::ok;
  if (options_.control != nullptr) {
    const auto requested = options_.control->requested();
    if (requested != end_reason::ok)
      return requested;
  }
  if (now >= deadline_)
    return end_reason::wall_timeout;
  if (!in_host_ && now >= cpu_check_) {
    const auto used = cpu_used(now);
    if (used >= cpu_limit_)
      return end_reason::cpu_timeout;
    cpu_check_ = now + (cpu_limit_ - used);
  }
  return end_reason::ok;
}

bool supervision::poll() noexcept {
  sample_memory();
  if (stop_ != end_reason::ok)
    return true;
  const auto now = clock::now();
  if (!cpu_start_)
    static_cast<void>(cpu_used(now));
  stop_ = over_limit(now);
  return stop_ != end_reason::ok;
}

nanoseconds supervision::cpu_used(clock::time_point now) noexcept {
  const auto cpu = thread_cpu_time();
  // The clock is not read when a run starts, since that would cost a short one
  // a third of its time. The run used no more than it lasted, and nothing
  // before the mark.
  if (!cpu_start_)
    cpu_start_ = std::max(thread_.cpu_mark, cpu - nanoseconds{now - start_});
  return cpu - *cpu_start_;
}

bool supervision::print(console_level level, std::string_view text) noexcept {
  if (phase_ == phase::rendering)
    return stop_ != end_reason::ok;
  if (stop_ == end_reason::ok && options_.sink != nullptr) {
    if (const auto reason = options_.sink->console(level, text))
      stop_ = *reason;
  }
  return stop_ != end_reason::ok;
}

void supervision::begin_host() noexcept {
  thread_.watch().end();
  // Also finds out when the run started.
  static_cast<void>(cpu_used(clock::now()));
  host_start_ = thread_cpu_time();
  in_host_ = true;
}

// A script whose time ran out meanwhile has the watchdog's grace to stop. For
// the watchdog, the run began as long ago as it used the processor.
void supervision::end_host() {
  in_host_ = false;
  *cpu_start_ += thread_cpu_time() - host_start_;
  const auto now = clock::now();
  watch(now - cpu_used(now), std::max(deadline_, now), cpu_limit_,
        options_.control);
}

void supervision::begin_rendering() {
  const auto now = clock::now();
  phase_ = phase::rendering;
  stop_ = end_reason::ok;
  deadline_ = std::min(now + max_render_time,
                       std::max(deadline_, now + min_render_time));
  watch(now, deadline_, max_render_time, nullptr);
}

void supervision::begin_cleaning() {
  phase_ = phase::rendering;
  stop_ = end_reason::ok;
  const auto now = clock::now();
  deadline_ = now + min_render_time;
  watch(now, deadline_, max_render_time, nullptr);
}

end_reason supervision::reason_of_trap(int trap_code) const noexcept {
  if (trap_code == VM_TRAP_KILLED) {
    if (stop_ != end_reason::ok)
      return stop_;
    if (options_.control != nullptr
        && options_.control->requested() != end_reason::ok)
      return options_.control->requested();
    return clock::now() >= deadline_ ? end_reason::wall_timeout
                                     : end_reason::cpu_timeout;
  }
  if (trap_code == WASM_RT_TRAP_EXHAUSTION)
    return end_reason::stack_limit;
  // The engine does not check every allocation: at the cap, it traps.
  constexpr uint32_t almost = 16;
  if (guest_.pages() + almost >= guest_.layout.max_pages)
    return end_reason::memory_limit;
  return end_reason::engine_failure;
}

void supervision::sample_memory() noexcept {
  so_far_.peak_bytes
    = std::max<uint64_t>(so_far_.peak_bytes,
                         guest_.read32(guest_.layout.memory_used));
}

void supervision::measure(run_outcome& outcome) noexcept {
  sample_memory();
  const auto now = clock::now();
  const auto wall = nanoseconds{now - start_};
  auto cpu = wall;
  if (cpu_start_ || wall > short_run) {
    cpu = std::min(wall, cpu_used(now));
    thread_.cpu_mark = *cpu_start_ + cpu;
  }
  // Memory that the engine had to ask for in this run was in use.
  if (guest_.pages() > pages_at_start_)
    so_far_.peak_bytes
      = std::max(so_far_.peak_bytes,
                 (uint64_t{guest_.pages()} << 16) - guest_.layout.stack_bytes);
  so_far_.cpu += cpu;
  outcome.wall_us = microseconds_of(now - so_far_.start);
  outcome.cpu_us = microseconds_of(so_far_.cpu);
  outcome.peak_mem_kb = so_far_.peak_bytes >> 10;
}

namespace {

std::string text_of(nanoseconds limit) {
  const auto count = limit.count();
  if (count % 1000000 == 0)
    return std::to_string(count / 1000000) + " ms";
  return std::to_string(count / 1000) + " us";
}

} // namespace

std::string limit_text(end_reason reason, const run_options& options,
                       uint32_t memory_limit_bytes) {
  switch (reason) {
    case end_reason::wall_timeout:
      return "wall time limit of " + text_of(options.wall_limit) + " exceeded";
    case end_reason::cpu_timeout:
      return "CPU time limit of " + text_of(options.cpu_limit) + " exceeded";
    case end_reason::memory_limit:
      return "memory limit of " + std::to_string(memory_limit_bytes >> 20)
             + " MiB exceeded";
    case end_reason::stack_limit:
      return "stack limit exceeded: too much recursion";
    case end_reason::output_limit:
      return "output limit exceeded";
    case end_reason::event_limit:
      return "event limit exceeded";
    case end_reason::cancelled:
      return "the execution was cancelled";
    case end_reason::session_closed:
      return "the session was closed";
    case end_reason::interrupted:
      return "the execution was interrupted";
    default:
      return "the engine failed";
  }
}

} // namespace vmsystem::engine::detail
