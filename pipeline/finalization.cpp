#include "vmsystem/pipeline/finalization.hpp"

#include "vmsystem/models/codec.hpp"

#include <string>
#include <utility>

namespace vmsystem {

namespace {

change execution_change(change_kind kind, const execution& record) {
  change result;
  result.kind = kind;
  result.id = record.id.raw;
  result.owner = record.session.raw;
  result.status = static_cast<uint8_t>(record.status);
  result.detail = static_cast<uint8_t>(record.kind);
  return result;
}

template <class Record>
change record_change(change_kind kind, const Record& record) {
  change result;
  result.kind = kind;
  result.id = record.id.raw;
  result.status = static_cast<uint8_t>(record.status);
  result.text = to_json_or(record, "{}").text;
  return result;
}

std::string limit_message(end_reason reason, const limits_config& limits) {
  if (reason == end_reason::event_limit)
    return "the limit of " + std::to_string(limits.max_events)
           + " events was exceeded";
  return "the limit of " + std::to_string(limits.max_output_kb)
         + " KiB of output was exceeded";
}

} // namespace

engine::run_outcome failed_outcome(end_reason reason, std::string message) {
  engine::run_outcome result;
  result.reason = reason;
  result.error.message = std::move(message);
  return result;
}

finished_execution finalize(const execution& admitted, run_report& report) {
  auto& outcome = report.outcome;
  auto& events = report.events;
  finished_execution result;
  auto& record = result.record;
  record = admitted;
  if (outcome.reason == end_reason::ok) {
    auto value = to_json_or(outcome.value, "{}");
    if (auto limit = events.append(event_type::value, value)) {
      outcome.reason = *limit;
      outcome.error.message = limit_message(*limit, record.limits);
    } else {
      record.result = std::move(value);
    }
  }
  if (outcome.reason != end_reason::ok) {
    record.error = to_json_or(outcome.error, "{\"message\":\"unprintable\"}");
    events.append_always(event_type::exception, record.error);
  }
  record.reason = outcome.reason;
  record.status = status_of(outcome.reason);
  record.ended_at = timestamp::now();
  record.metrics = {report.queue_us,     outcome.cpu_us, outcome.wall_us,
                    outcome.peak_mem_kb, events.count(), events.output_bytes()};
  result.document = to_json_or(record, "{}");
  return result;
}

change session_change(const session& record) {
  return record_change(change_kind::put_session, record);
}

change batch_change(const batch& record) {
  return record_change(change_kind::put_batch, record);
}

change begin_change(const execution& record) {
  auto result = execution_change(change_kind::begin_execution, record);
  result.text = to_json_or(record, "{}").text;
  return result;
}

change events_change(const execution& record, event_chunk chunk) {
  auto result = execution_change(change_kind::append_events, record);
  result.first_seq = chunk.first_seq;
  result.text = std::move(chunk.text);
  return result;
}

change_set end_changes(const finished_execution& finished, event_chunk rest,
                       bool had_begun) {
  change_set result;
  if (!rest.text.empty())
    result.changes.push_back(events_change(finished.record, std::move(rest)));
  auto end = execution_change(change_kind::end_execution, finished.record);
  end.text = finished.document.text;
  end.had_begun = had_begun;
  result.changes.push_back(std::move(end));
  return result;
}

} // namespace vmsystem
