#include "vmsystem/engine/page_ledger.hpp"

#include <atomic>

#include <sys/resource.h>

namespace vmsystem::engine::detail {

namespace {

/// The page faults that the calling thread had; nothing when the kernel does
/// not say.
std::optional<int64_t> faults_of_thread() noexcept {
  rusage usage{};
  if (getrusage(RUSAGE_THREAD, &usage) != 0)
    return std::nullopt;
  return int64_t{usage.ru_minflt} + usage.ru_majflt;
}

} // namespace

uint64_t page_ledger::this_thread() noexcept {
  static std::atomic<uint64_t> last{0};
  static thread_local const uint64_t number
    = last.fetch_add(1, std::memory_order_relaxed) + 1;
  return number;
}

bool page_ledger::up_to_date() const noexcept {
  return faults_ && thread_ == this_thread() && faults_ == faults_of_thread();
}

void page_ledger::settle() noexcept {
  thread_ = this_thread();
  faults_ = faults_of_thread();
}

} // namespace vmsystem::engine::detail
