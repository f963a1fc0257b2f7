#pragma once

#include "vmsystem/engine/host_function_table.hpp"
#include "vmsystem/engine/run.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace vmsystem::engine::detail {

/// The answer to an asynchronous call.
struct host_answer {
  uint64_t call = 0;
  expected<json_text> result = json_text{};
};

/// Where answers of the host wait for their instance. Any thread puts, the one
/// that runs the instance takes.
class reply_inbox {
public:
  void put(host_answer answer);

  /// Moves what has arrived to the end of `to`.
  void take(std::deque<host_answer>& to);

  /// Blocks until there is an answer, or a request at `control`, or the
  /// deadline has come.
  /// @param control may be null.
  void wait(std::chrono::steady_clock::time_point deadline,
            run_control* control);

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<host_answer> answers_;
};

/// A call that somebody is to answer, once.
class open_reply {
public:
  open_reply(std::weak_ptr<reply_inbox> inbox, uint64_t call,
             std::string name) noexcept;

  /// Answers with a failure when nobody did.
  ~open_reply();

  open_reply(const open_reply&) = delete;

  open_reply& operator=(const open_reply&) = delete;

  void answer(expected<json_text> result);

private:
  /// Gone when the instance is, or was reset.
  std::weak_ptr<reply_inbox> inbox_;
  uint64_t call_;
  /// Of the function, for the failure.
  std::string name_;
  std::atomic<bool> answered_{false};
};

} // namespace vmsystem::engine::detail
