#pragma once

#include "vmsystem/engine/guest.hpp"
#include "vmsystem/engine/host_function_table.hpp"
#include "vmsystem/engine/reply_inbox.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace vmsystem::engine::detail {

/// The calls of one instance to the functions of its host. What it owns lies
/// outside of the guest's trap frames, so that a trap loses nothing.
///
/// A call that waits for its answer survives the run that made it, as the
/// promise does: a later run of the instance gets the answer. A run that was
/// stopped takes the calls along.
class host_calls {
public:
  /// @param table outlives this; an image keeps it.
  explicit host_calls(const host_function_table& table);

  /// Implements `host.NAME`; see `host_functions.hpp`. The magic number is the
  /// place in the table. Called by the guest.
  js_value call(guest& owner, uint32_t argument_count, uint32_t arguments,
                uint32_t index);

  /// Whether any call waits for its answer.
  [[nodiscard]] bool waiting() const noexcept {
    return !open_.empty();
  }

  /// Blocks until there is an answer, or the active run has to stop, or until
  /// `until`.
  void wait(std::chrono::steady_clock::time_point until, run_control* control);

  /// Settles the promises whose answers have come. Inside of `enter` only.
  void deliver(guest& owner);

  /// Gives up all calls that wait. Inside of `enter` only.
  void drop(guest& owner);

  /// After the guest's memory was restored: there are no calls.
  void forget();

private:
  /// The functions that settle a call's promise, owned.
  struct open_call {
    js_value resolve = js_undefined;
    js_value reject = js_undefined;
    uint32_t index = 0;
  };

  using entry = host_function_table::entry;

  bool write_arguments(guest& owner, uint32_t count, uint32_t arguments,
                       const entry& which);
  void answer_now(guest& owner, const entry& which,
                  const host_function& function);
  js_value begin(guest& owner, const entry& which, uint32_t index,
                 const async_host_function& function);
  void settle_first(guest& owner);
  js_value parse(guest& owner, const json_text& json, const entry& which);
  js_value error_of(guest& owner, const failure& why);
  void check_size(expected<json_text>& result, const entry& which);

  const host_function_table& table_;
  std::shared_ptr<reply_inbox> inbox_ = std::make_shared<reply_inbox>();
  std::unordered_map<uint64_t, open_call> open_;
  uint64_t last_call_ = 0;
  std::deque<host_answer> arrived_;

  // Of the call in progress.
  std::string arguments_;
  std::string text_;
  expected<json_text> result_ = json_text{};
};

} // namespace vmsystem::engine::detail
