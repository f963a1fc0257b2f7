#include "vmsystem/pipeline/batch_progress.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace vmsystem {

namespace {

void add_us(latency_histogram& to, uint64_t us) {
  to.add(std::chrono::microseconds{us});
}

uint64_t us_at(const latency_histogram& from, double share) {
  using std::chrono::microseconds;
  const auto at
    = std::chrono::duration_cast<microseconds>(from.quantile(share));
  return static_cast<uint64_t>(at.count());
}

duration_summary summary_of(const latency_histogram& from) {
  return {us_at(from, 0.5), us_at(from, 0.9), us_at(from, 0.99),
          us_at(from, 1)};
}

} // namespace

void batch_progress::add(uint32_t index, end_reason reason,
                         const execution_metrics& metrics) {
  if (done(index))
    return;
  if (index >= done_.size())
    done_.resize(std::max<std::size_t>(std::size_t{index} + 1,
                                       done_.size() + done_.size() / 2));
  done_[index] = true;
  ++count_;
  ++outcomes_[static_cast<std::size_t>(reason)];
  add_us(queue_, metrics.queue_us);
  add_us(cpu_, metrics.cpu_us);
  add_us(wall_, metrics.wall_us);
}

bool batch_progress::any_failed() const noexcept {
  return outcomes_[static_cast<std::size_t>(end_reason::ok)] != count_;
}

void batch_progress::describe(batch& to) const {
  to.done = count_;
  to.outcomes = outcomes_;
  to.queue = summary_of(queue_);
  to.cpu = summary_of(cpu_);
  to.wall = summary_of(wall_);
}

} // namespace vmsystem
