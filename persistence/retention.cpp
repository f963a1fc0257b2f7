#include "vmsystem/persistence/retention.hpp"

namespace vmsystem {

namespace {

constexpr int64_t day_us = int64_t{24} * 60 * 60 * 1000 * 1000;

} // namespace

retention_pass::retention_pass(const retention_limits& limits,
                               timestamp now) noexcept
  : most{limits.executions} {
  // More days than there were since 1970 are for ever.
  if (limits.days != 0 && limits.days < now.us / day_us)
    oldest.us = now.us - limits.days * day_us;
}

} // namespace vmsystem
