#include "vmsystem/app/repl_runner.hpp"

#include <future>
#include <utility>

namespace vmsystem {

namespace {

/// How often a script that runs is looked at. Short ones are over before.
constexpr std::chrono::milliseconds look_gap{100};

/// How long a snippet waits for a session that somebody else uses.
constexpr uint32_t patience_ms = 10'000;

/// The id of the execution that runs this script; empty when it is not stored
/// yet.
std::string find_running(repl_target& target, const std::string& code) {
  const auto records = target.running();
  if (!records)
    return {};
  for (const auto& record : records.value().elements())
    if (record.field("input").text() == code)
      return record.field("id").text();
  return {};
}

/// What was seen of an execution.
class follower {
public:
  follower(repl_target& target, const repl_runner::event_sink& sink)
    : target_{target}, sink_{sink} {}

  void show(const std::string& id) {
    const auto events = target_.events(id, seen_);
    if (!events)
      return;
    for (const auto& event : events.value().elements()) {
      ++seen_;
      sink_(event);
    }
  }

private:
  repl_target& target_;
  const repl_runner::event_sink& sink_;
  uint32_t seen_ = 0;
};

std::future<answer<json_value>>
begin(repl_target& target, const std::string& code, uint32_t wait_ms) {
  return std::async(std::launch::async, [&target, &code, wait_ms] {
    return target.run(code, wait_ms);
  });
}

} // namespace

answer<json_value> repl_runner::run(const std::string& code,
                                    const event_sink& sink) {
  auto over = begin(target_, code, patience_ms);
  follower events{target_, sink};
  std::string id;
  bool cancelled = false;
  while (over.wait_for(look_gap) != std::future_status::ready) {
    if (id.empty())
      id = find_running(target_, code);
    if (id.empty())
      continue;
    if (interrupts_ > 0 && !std::exchange(cancelled, true))
      target_.cancel(id);
    events.show(id);
  }
  auto record = over.get();
  if (record)
    events.show(record.value().field("id").text());
  return record;
}

answer<json_value> repl_runner::run_quietly(const std::string& code,
                                            std::chrono::milliseconds at_most) {
  auto over = begin(target_, code, 0);
  auto gap = at_most;
  while (over.wait_for(gap) != std::future_status::ready) {
    gap = look_gap;
    if (const auto id = find_running(target_, code); !id.empty())
      target_.cancel(id);
  }
  return over.get();
}

} // namespace vmsystem
