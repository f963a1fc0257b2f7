#include "vmsystem/actors/supervisor_parts.hpp"

#include <array>
#include <cstdint>

namespace vmsystem::supervision {

namespace {

constexpr uint64_t us_per_ms = 1000;

using log_member = limited_log supervisor_log::*;

constexpr std::array<log_member, 5> all_logs{
  &supervisor_log::slow, &supervisor_log::unstored, &supervisor_log::crashed,
  &supervisor_log::lost, &supervisor_log::replaced};

/// Adds what an execution is known by.
void add_ids(log_fields& to, const supervisor_state& state,
             const execution_job& job) {
  const auto& record = job.record;
  to.emplace_back("execution_id", record.id.to_string());
  to.emplace_back("session_id", record.session.to_string());
  if (const auto at = state.sessions.find(record.session);
      at != state.sessions.end())
    to.emplace_back("template_id", at->second->record.vm_id.to_string());
  if (!job.place)
    return;
  to.emplace_back("batch_id", job.place->batch.to_string());
  to.emplace_back("batch_index", uint64_t{record.batch_index});
}

} // namespace

void start_log(supervisor_pointer self) {
  auto& state = self->state;
  const auto& to = state.setup.log.receiver;
  state.log.slow = {to, log_level::warning, "an execution was slow"};
  state.log.unstored
    = {to, log_level::error, "an execution could not be stored"};
  state.log.crashed = {to, log_level::warning, "a session crashed"};
  state.log.lost = {to, log_level::error, "an execution was lost"};
  state.log.replaced = {to, log_level::error, "a stage was replaced"};
}

void log_end(supervisor_pointer self, const execution_job& job) {
  auto& state = self->state;
  const auto& ended = job.finished.record;
  const auto slow_us = state.setup.log.slow_ms * us_per_ms;
  if (slow_us == 0 || ended.metrics.wall_us < slow_us)
    return;
  auto& log = state.log.slow;
  if (!log.takes(self->clock().now()))
    return;
  log_fields fields;
  add_ids(fields, state, job);
  fields.emplace_back("kind", name_of(ended.kind));
  fields.emplace_back("status", name_of(ended.status));
  fields.emplace_back("end_reason", name_of(ended.reason));
  fields.emplace_back("wall_ms", ended.metrics.wall_us / us_per_ms);
  fields.emplace_back("cpu_ms", ended.metrics.cpu_us / us_per_ms);
  fields.emplace_back("queue_ms", ended.metrics.queue_us / us_per_ms);
  log.add(std::move(fields));
}

void log_unstored(supervisor_pointer self, const flight& x) {
  auto& log = self->state.log.unstored;
  if (!log.takes(self->clock().now()))
    return;
  log_fields fields;
  add_ids(fields, self->state, *x.job);
  fields.emplace_back("reason", x.store_failure);
  log.add(std::move(fields));
}

void log_crash(supervisor_pointer self, const session& record,
               const execution_job* by) {
  auto& log = self->state.log.crashed;
  if (!log.takes(self->clock().now()))
    return;
  log_fields fields{{"session_id", record.id.to_string()},
                    {"template_id", record.vm_id.to_string()}};
  if (by != nullptr)
    fields.emplace_back("execution_id", by->record.id.to_string());
  fields.emplace_back("reason", record.last_error);
  log.add(std::move(fields));
}

void log_lost(supervisor_pointer self, const execution_job& job,
              std::string_view why) {
  auto& log = self->state.log.lost;
  if (!log.takes(self->clock().now()))
    return;
  log_fields fields;
  add_ids(fields, self->state, job);
  fields.emplace_back("reason", why);
  log.add(std::move(fields));
}

void log_replaced(supervisor_pointer self, std::string_view stage,
                  std::string_view why) {
  auto& log = self->state.log.replaced;
  if (log.takes(self->clock().now()))
    log.add({{"stage", stage}, {"reason", why}});
}

void settle_log(supervisor_state& state, caf::actor_clock::time_point now) {
  for (const auto log : all_logs)
    (state.log.*log).settle(now);
}

bool owes_lines(const supervisor_state& state) {
  for (const auto log : all_logs)
    if ((state.log.*log).owes())
      return true;
  return false;
}

} // namespace vmsystem::supervision
