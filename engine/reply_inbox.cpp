#include "vmsystem/engine/reply_inbox.hpp"

#include <iterator>
#include <utility>

namespace vmsystem::engine {

namespace detail {

void reply_inbox::put(host_answer answer) {
  {
    std::lock_guard<std::mutex> guard{mutex_};
    answers_.push_back(std::move(answer));
  }
  changed_.notify_one();
}

void reply_inbox::take(std::deque<host_answer>& to) {
  std::lock_guard<std::mutex> guard{mutex_};
  std::move(answers_.begin(), answers_.end(), std::back_inserter(to));
  answers_.clear();
}

void reply_inbox::wait(std::chrono::steady_clock::time_point deadline,
                       run_control* control) {
  // The empty section orders the request before or behind the waiter's check.
  if (control != nullptr)
    control->on_request([this] {
      { std::lock_guard<std::mutex> guard{mutex_}; }
      changed_.notify_one();
    });
  {
    std::unique_lock<std::mutex> lock{mutex_};
    changed_.wait_until(lock, deadline, [&] {
      return !answers_.empty()
             || (control != nullptr && control->requested() != end_reason::ok);
    });
  }
  if (control != nullptr)
    control->on_request(nullptr);
}

open_reply::open_reply(std::weak_ptr<reply_inbox> inbox, uint64_t call,
                       std::string name) noexcept
  : inbox_{std::move(inbox)}, call_{call}, name_{std::move(name)} {}

open_reply::~open_reply() {
  if (!answered_)
    answer(fail(ec::internal, "host." + name_ + " did not answer"));
}

void open_reply::answer(expected<json_text> result) {
  if (answered_.exchange(true))
    return;
  if (const auto inbox = inbox_.lock())
    inbox->put({call_, std::move(result)});
}

} // namespace detail

host_reply::host_reply(std::shared_ptr<detail::open_reply> call) noexcept
  : call_{std::move(call)} {}

void host_reply::operator()(expected<json_text> answer) const {
  call_->answer(std::move(answer));
}

} // namespace vmsystem::engine
