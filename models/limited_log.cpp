#include "vmsystem/models/limited_log.hpp"

#include <utility>

namespace vmsystem {

limited_log::limited_log(log_receiver receiver, log_level level,
                         std::string message)
  : receiver_{std::move(receiver)},
    level_{level},
    message_{std::move(message)} {}

bool limited_log::takes(time_point now) {
  if (!receiver_)
    return false;
  settle(now);
  if (now >= second_ends_) {
    second_ends_ = now + std::chrono::seconds{1};
    lines_ = 0;
  }
  if (lines_ == lines_per_second) {
    ++left_out_;
    return false;
  }
  ++lines_;
  return true;
}

void limited_log::add(log_fields fields) {
  receiver_({level_, message_, std::move(fields)});
}

void limited_log::settle(time_point now) {
  if (left_out_ == 0 || now < second_ends_)
    return;
  receiver_({level_,
             message_ + ", more often than the log has lines for",
             {{"left_out", std::exchange(left_out_, 0)}}});
}

} // namespace vmsystem
