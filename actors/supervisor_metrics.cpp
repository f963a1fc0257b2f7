#include "vmsystem/actors/retention.hpp"
#include "vmsystem/actors/supervisor_parts.hpp"
#include "vmsystem/engine/memory_use.hpp"
#include "vmsystem/models/metrics_text.hpp"
#include "vmsystem/persistence/rocksdb_writer.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace vmsystem::supervision {

namespace {

constexpr auto counter = metric_type::counter;
constexpr auto gauge = metric_type::gauge;
constexpr auto histogram = metric_type::histogram;
constexpr auto in_us = metric_unit::microseconds;

/// A limit of a template, as its settings name it, and what it ends with.
struct limit_row {
  std::string_view name;
  end_reason reason;
};

constexpr std::array limits{
  limit_row{"wall_ms", end_reason::wall_timeout},
  limit_row{"cpu_ms", end_reason::cpu_timeout},
  limit_row{"mem_mb", end_reason::memory_limit},
  limit_row{"stack", end_reason::stack_limit},
  limit_row{"max_output_kb", end_reason::output_limit},
  limit_row{"max_events", end_reason::event_limit},
};

void add_ends(metrics_text& to, const runtime_counters& x) {
  to.family("vm_system_executions_total", counter,
            "Executions that ended and whose record is stored.");
  for (std::size_t kind = 0; kind < x.kinds; ++kind)
    for (std::size_t i = 0; i < x.reasons; ++i) {
      const auto reason = static_cast<end_reason>(i);
      to.sample(x.ended[kind][i],
                {{"kind", name_of(static_cast<execution_kind>(kind))},
                 {"status", name_of(status_of(reason))},
                 {"end_reason", name_of(reason)}});
    }
  to.family("vm_system_limits_hit_total", counter,
            "Executions that ended at a limit of their template.");
  for (const auto& row : limits) {
    uint64_t hits = 0;
    for (const auto& of_kind : x.ended)
      hits += of_kind[static_cast<std::size_t>(row.reason)];
    to.sample(hits, {{"limit", row.name}});
  }
}

void add_refusals(metrics_text& to, const runtime_counters& x) {
  to.family("vm_system_executions_refused_total", counter,
            "Requests to run something that were refused and left no record, "
            "by error code.");
  for (const auto& row : error_table()) {
    // What the bounds of the server cause is there from the start.
    const bool bound
      = row.code == ec::overloaded || row.code == ec::too_many_requests;
    const auto count = x.refused[static_cast<std::size_t>(row.code)];
    if (bound || count > 0)
      to.sample(count, {{"code", row.name}});
  }
}

void add_costs(metrics_text& to, const runtime_counters& x) {
  to.family("vm_system_execution_queue_seconds", histogram,
            "From the arrival of a request to the start of its script.", in_us);
  to.histogram(x.queue_us);
  to.family("vm_system_execution_wall_seconds", histogram,
            "From the start of a script to its end.", in_us);
  to.histogram(x.wall_us);
  to.family("vm_system_execution_cpu_seconds", histogram,
            "Processor time of a script.", in_us);
  to.histogram(x.cpu_us);
  to.family("vm_system_execution_peak_memory_bytes", histogram,
            "The JavaScript heap of an execution at its largest.");
  to.histogram(x.peak_memory_bytes);
  to.one("vm_system_execution_events_total", counter,
         "Events of executions that ended.", x.events);
  to.one("vm_system_execution_output_bytes_total", counter,
         "Bytes of the payloads that scripts caused.", x.output_bytes);
}

/// The stages that get executions in messages, slots aside: a slot has one at
/// most.
constexpr std::array asked_stages{flight_stage::admission,
                                  flight_stage::loading,
                                  flight_stage::finalization};

/// Executions of one message have its number as their ticket.
void add_messages(metrics_text& to, const supervisor_state& x) {
  std::array<std::unordered_set<uint32_t>, asked_stages.size()> messages;
  for (const auto& flight : x.in_flight) {
    const auto* const at
      = std::find(asked_stages.begin(), asked_stages.end(), flight->stage);
    if (at != asked_stages.end() && flight->ticket != 0)
      messages[static_cast<std::size_t>(at - asked_stages.begin())].insert(
        flight->ticket);
  }
  to.family("vm_system_stage_messages", gauge,
            "Messages with executions that a stage has not answered.");
  for (std::size_t i = 0; i < asked_stages.size(); ++i)
    to.sample(messages[i].size(), {{"stage", name_of(asked_stages[i])}});
}

void add_flights(metrics_text& to, const supervisor_state& x) {
  constexpr auto stages = enum_names<flight_stage>::value;
  std::array<uint64_t, stages.size()> held{};
  for (const auto& flight : x.in_flight)
    ++held[static_cast<std::size_t>(flight->stage)];
  to.family("vm_system_executions_in_flight", gauge,
            "Executions that are not over, by the stage that holds them.");
  for (std::size_t i = 0; i < stages.size(); ++i)
    to.sample(held[i], {{"stage", stages[i]}});
  to.one("vm_system_requests_in_flight", gauge,
         "Executions that are not over and no jobs of batches.",
         x.requests_in_flight());
  to.one("vm_system_requests_in_flight_max", gauge,
         "How many there may be before further ones are refused.",
         x.setup.options.max_in_flight);
  to.one("vm_system_batches", gauge, "Batches that go on.", x.batches.size());
}

void add_sessions(metrics_text& to, const supervisor_state& x) {
  uint64_t ready = 0;
  uint64_t busy = 0;
  for (const auto& [id, live] : x.sessions) {
    ready += live->record.status == session_status::ready ? 1 : 0;
    busy += live->current ? 1 : 0;
  }
  to.family("vm_system_sessions", gauge, "Live sessions by state.");
  to.sample(x.sessions_in_creation,
            {{"state", name_of(session_status::starting)}});
  to.sample(ready, {{"state", name_of(session_status::ready)}});
  to.one("vm_system_sessions_busy", gauge,
         "Live sessions in which something runs.", busy);
  to.one("vm_system_sessions_max", gauge,
         "How many live sessions there may be.", x.max_sessions);
  const auto& counters = x.counters;
  to.one("vm_system_sessions_created_total", counter,
         "Sessions that became ready.", counters.sessions_created);
  to.family("vm_system_sessions_ended_total", counter,
            "Sessions that ended, by the state in which they were left.");
  to.sample(counters.sessions_closed,
            {{"state", name_of(session_status::closed)}});
  to.sample(counters.sessions_crashed,
            {{"state", name_of(session_status::crashed)}});
  to.one("vm_system_images", gauge,
         "Images of templates that are kept for new sessions.",
         x.images.size());
}

void add_engine(metrics_text& to, const supervisor_state& x) {
  const auto busy
    = std::count_if(x.slots.begin(), x.slots.end(),
                    [](const slot_entry& slot) { return !slot.free; });
  to.one("vm_system_slots", gauge, "Engine slots: threads that run scripts.",
         x.slots.size());
  to.one("vm_system_slots_busy", gauge, "Engine slots that have work.",
         static_cast<uint64_t>(busy));
  to.one("vm_system_engine_memory_bytes", gauge,
         "Linear memory of all instances: what their scripts took, touched or "
         "not.",
         engine::linear_memory_bytes());
  to.one("vm_system_slots_replaced_total", counter,
         "Engine slots that died or hung and were replaced.",
         x.counters.slots_replaced);
  to.one("vm_system_stages_replaced_total", counter,
         "Other stages of the pipeline that died or hung and were replaced.",
         x.counters.stages_replaced);
}

void add_writer(metrics_text& to, const writer_stats& x) {
  to.one("vm_system_writer_commits_total", counter,
         "Groups of changes that were made durable, with one fsync each.",
         x.group_sets.count());
  to.family("vm_system_writer_group_sets", histogram,
            "Change sets that were made durable together.");
  to.histogram(x.group_sets);
  to.family("vm_system_writer_commit_seconds", histogram,
            "Time of a commit or flush of the store, fsync included.", in_us);
  to.histogram(x.commit_us);
  to.one("vm_system_writer_bytes_total", counter,
         "Bytes of documents and events that were made durable.", x.bytes);
  to.one("vm_system_writer_failures_total", counter,
         "Change sets and flushes that the store refused.", x.failures);
}

void add_retention(metrics_text& to, const retention_stats& x) {
  to.family("vm_system_retention_removed_total", counter,
            "Records that were not kept any longer.");
  to.sample(x.executions, {{"kind", "execution"}});
  to.sample(x.batches, {{"kind", "batch"}});
  to.sample(x.sessions, {{"kind", "session"}});
  to.one("vm_system_retention_failures_total", counter,
         "Searches for what is not kept that the store broke off.", x.failures);
}

void add_store(metrics_text& to, const supervisor_state& x) {
  if (x.setup.written)
    add_writer(to, *x.setup.written);
  if (x.setup.removed)
    add_retention(to, *x.setup.removed);
  to.one("vm_system_writer_waiting", gauge,
         "Writes of the supervisor that are not durable yet.",
         x.open_writes.size());
  to.one("vm_system_store_failing", gauge,
         "1 when the last write failed, else 0.",
         x.store_failure.empty() ? 0 : 1);
  to.one("vm_system_executions_unstored_total", counter,
         "Executions that ended and whose record the store refused.",
         x.counters.unstored);
  to.one("vm_system_records_unstored", gauge,
         "Records that are kept in memory until the store takes them.",
         x.unstored.size());
}

} // namespace

std::string metrics(supervisor_pointer self) {
  const auto& state = self->state;
  metrics_text to;
  add_ends(to, state.counters);
  add_refusals(to, state.counters);
  add_costs(to, state.counters);
  add_flights(to, state);
  add_messages(to, state);
  add_sessions(to, state);
  add_engine(to, state);
  add_store(to, state);
  to.one("vm_system_supervisor_mailbox_messages", gauge,
         "Messages that wait for the supervisor.", self->mailbox().size());
  return to.text();
}

} // namespace vmsystem::supervision
