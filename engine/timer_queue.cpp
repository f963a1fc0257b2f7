#include "vmsystem/engine/timer_queue.hpp"

namespace vmsystem::engine::detail {

uint64_t timer_queue::start(guest& owner, kind which, js_value callback,
                            double delay_ms) {
  if (entries_.size() >= max_timers)
    return 0;
  entry added;
  added.callback = owner.dup_value(callback);
  added.which = which;
  added.delay = std::chrono::duration_cast<clock::duration>(
    std::chrono::duration<double, std::milli>{delay_ms});
  added.due = clock::now() + added.delay;
  const auto id = ++last_id_;
  if (which == kind::immediate)
    immediates_.insert(id);
  else
    queue_.emplace(added.due, id);
  entries_.emplace(id, added);
  ++holding_;
  return id;
}

void timer_queue::stop(guest& owner, uint64_t id) {
  const auto at = entries_.find(id);
  if (at != entries_.end())
    owner.free_value(remove(at));
}

void timer_queue::hold(uint64_t id, bool holds) {
  const auto at = entries_.find(id);
  if (at == entries_.end() || at->second.holds == holds)
    return;
  at->second.holds = holds;
  if (holds)
    ++holding_;
  else
    --holding_;
}

std::optional<timer_queue::clock::time_point>
timer_queue::next_due() const noexcept {
  if (!immediates_.empty())
    return clock::time_point::min();
  if (queue_.empty())
    return std::nullopt;
  return queue_.begin()->first;
}

void timer_queue::begin_turn() noexcept {
  turn_ = clock::now();
  last_of_turn_ = last_id_;
}

js_value timer_queue::take_due(guest& owner) {
  if (!queue_.empty() && queue_.begin()->first <= turn_) {
    const auto at = entries_.find(queue_.begin()->second);
    if (at->second.which == kind::timeout)
      return remove(at);
    running_ = at->first;
    queue_.erase(queue_.begin());
    return owner.dup_value(at->second.callback);
  }
  if (!immediates_.empty() && *immediates_.begin() <= last_of_turn_)
    return remove(entries_.find(*immediates_.begin()));
  return js_undefined;
}

void timer_queue::end_call() {
  const auto at = entries_.find(std::exchange(running_, 0));
  if (at == entries_.end())
    return;
  auto& interval = at->second;
  interval.due = clock::now() + interval.delay;
  queue_.emplace(interval.due, at->first);
}

void timer_queue::drop(guest& owner) {
  while (!entries_.empty())
    owner.free_value(remove(entries_.begin()));
}

void timer_queue::forget() noexcept {
  *this = {};
}

js_value timer_queue::remove(entry_map::iterator at) {
  const auto removed = at->second;
  queue_.erase({removed.due, at->first});
  immediates_.erase(at->first);
  if (removed.holds)
    --holding_;
  entries_.erase(at);
  return removed.callback;
}

} // namespace vmsystem::engine::detail
