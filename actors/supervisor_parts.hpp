#pragma once

// The parts of the supervisor's behaviour, one file each. Internal: only the
// supervisor's own files include this.

#include "vmsystem/actors/errors.hpp"
#include "vmsystem/actors/supervisor_state.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vmsystem::supervision {

/// What delivers the outcome of something to whoever waits for it.
template <class T>
auto deliver_to(caf::typed_response_promise<T> promise) {
  return [promise](expected<T> result) mutable {
    if (result)
      promise.deliver(std::move(result).value());
    else
      promise.deliver(to_error(result.error()));
  };
}

// --- stages (supervisor_stages.cpp) ---

/// Makes all stages and watches over them.
void start_stages(supervisor_pointer self);

/// Runs `task` on the next slot that is free.
void on_next_slot(supervisor_pointer self, slot_task task);

/// Gives waiting tasks and executions to free slots. To be called by whoever
/// queued an execution, once for many.
void dispatch(supervisor_pointer self);

/// Takes a slot back that did what it was asked.
void release_slot(supervisor_pointer self, const slot_lease& lease);

/// Goes on with executions that a slot finished while another one of its group
/// lasts, and takes back those that it did not take yet; gives up slots that
/// are late.
void look_at_slots(supervisor_pointer self);

/// Takes a slot back that answered with an error, or replaces it when the error
/// says that it is lost.
void end_lease(supervisor_pointer self, const slot_lease& lease,
               const caf::error& reason);

/// Whether `reason` says that the receiver of a request is gone or hangs.
[[nodiscard]] bool is_lost(const caf::error& reason);

// --- executions (supervisor_executions.cpp) ---

/// Takes a request into the pipeline; `done` is called once, later or at once.
void execute(supervisor_pointer self, execution_request request,
             completion done, std::unique_ptr<flight_extras> extras = nullptr);

/// What to say of an execution that is neither queued nor running.
[[nodiscard]] failure not_in_flight(execution_id id);

/// Stops an execution that is queued or running.
[[nodiscard]] caf::result<cancel_receipt> cancel(supervisor_pointer self,
                                                 execution_id id);

/// Stops a flight for `reason`, wherever it is. Takes the flight by value: the
/// caller's pointer may be in a queue that changes.
void stop_flight(supervisor_pointer self, flight_ptr flight, end_reason reason);

/// The deadline of a flight that waits for its session or its promise; stale
/// when the flight's ticket is another one by now.
void wake(supervisor_pointer self, execution_id id, uint32_t ticket);

/// Takes a flight that waits out of its session's queue and fails it.
void refuse_waiting(supervisor_pointer self, flight_ptr flight, failure reason);

/// Gives up the stages that hold an execution beyond its deadline.
void sweep_flights(supervisor_pointer self);

/// A stage that is not a slot ended: the executions that it held end too, on
/// the record.
void stage_lost(supervisor_pointer self, flight_stage stage);

/// Takes flights to admission, in one message.
void admit(supervisor_pointer self, flight_list flights);

/// A flight needs its session no more: with the last one of its chain, the
/// session is free. Nothing for flights without a chain.
void leave_chain(supervisor_pointer self, const flight_ptr& flight);

/// Ends the flight of a job that did not run, and leaves no trace.
void give_back(supervisor_pointer self, const flight_ptr& flight);

/// Ends the flights of a chain that its slot left, because their session was
/// not able to run them, and those that wait behind them.
void give_back_rest(supervisor_pointer self, const flight_list& left);

/// Takes the requests that gathered to admission.
void admit_gathered(supervisor_pointer self);

/// Goes on with executions that a slot finished.
void after_run(supervisor_pointer self, const flight_list& flights);

/// Ends an execution whose slot was lost while it ran, on the record.
void lose_run(supervisor_pointer self, const flight_ptr& flight,
              const std::string& why);

/// Gives the session to the next one that waits, or closes it.
void release_session(supervisor_pointer self, session_id id);

// --- what clients want beside an end (supervisor_requests.cpp) ---

/// Whether a client may request it. Errors: validation_error.
[[nodiscard]] expected<void> check_kind(const execution_request& request);

/// Begins an execution; answers with its running record. `key` may be empty.
[[nodiscard]] caf::result<execution>
start(supervisor_pointer self, execution_request request, std::string key);

/// Runs something once for its idempotency key.
[[nodiscard]] caf::result<finished_execution>
execute_once(supervisor_pointer self, execution_request request,
             std::string key);

/// The change that remembers the idempotency key of a flight; nothing when it
/// has none.
[[nodiscard]] std::optional<change> key_change(const flight& x);

/// Tells a client who waits for it that the running record of a flight is
/// stored, or why not.
void tell_begun(const flight_ptr& flight, const expected<void>& result);

/// Answers when an execution has another number of stored events than `known`.
[[nodiscard]] caf::result<uint32_t>
await_events(supervisor_pointer self, execution_id id, uint32_t known);

/// More events of a flight are stored.
void wake_watches(supervisor_pointer self, const flight& x);

/// Takes an execution off the table of those that are not over.
void forget_flight(supervisor_pointer self, execution_id id);

// --- persistence (supervisor_persistence.cpp) ---

/// Stores what finalization made, and ends the flights.
void persist(supervisor_pointer self, const flight_list& flights);

/// Stores events of a flight that goes on.
void persist_part(supervisor_pointer self, event_part part);

/// Remembers to store the running record of a flight that lasts; stores it at
/// once when somebody waits for it.
void watch_young(supervisor_pointer self, const flight_ptr& flight);

/// Makes sure that a tick comes while there is anything to look after.
void arm_tick(supervisor_pointer self);

/// Stores running records that are due, looks at the deadlines, and tries what
/// the store refused before.
void tick(supervisor_pointer self);

/// Stores changes; notes whether the store works.
void write(supervisor_pointer self, change_set changes, write_completion done);

/// The writer ended: whoever waits for it gets an error.
void writer_lost(supervisor_pointer self);

/// Answers whether new work is taken; tries the store when it failed before.
[[nodiscard]] caf::result<readiness> ready(supervisor_pointer self);

// --- sessions (supervisor_sessions.cpp) ---

/// Adds a module or a library to a template.
[[nodiscard]] caf::result<listed_name> add_name(supervisor_pointer self,
                                                const listed_name& name);

/// Makes a session, without a worktree if the spec has none; `done` is called
/// once, later or at once.
void make_session(supervisor_pointer self, session_spec spec,
                  session_completion done);

/// Begins to close a session: what runs in it is stopped first.
void begin_close(supervisor_pointer self, const live_session_ptr& live);

/// Makes a session for a client.
[[nodiscard]] caf::result<session> create_session(supervisor_pointer self,
                                                  session_spec spec);

/// Closes a session.
[[nodiscard]] caf::result<session> close_session(supervisor_pointer self,
                                                 session_id id);

/// Closes a session on which nothing runs any more.
void finish_close(supervisor_pointer self, const live_session_ptr& live);

/// Marks a session as crashed and takes it out of the live ones. The caller
/// stores its record.
/// @param by what ran in it; null when it is not known.
void crash_session(supervisor_pointer self, const live_session_ptr& live,
                   std::string reason, const execution_job* by = nullptr);

/// The ids of the live sessions, sorted.
[[nodiscard]] runtime_summary summary(const supervisor_state& state);

// --- batches (supervisor_batches.cpp) ---

/// Makes a batch and what its jobs run in.
[[nodiscard]] caf::result<batch> create_batch(supervisor_pointer self,
                                              batch_spec spec);

/// Goes on with a batch that is stored.
[[nodiscard]] caf::result<batch> resume_batch(supervisor_pointer self,
                                              batch_id id, bool attached);

/// Cancels a batch, or answers with the one that is over.
[[nodiscard]] caf::result<batch> cancel_batch(supervisor_pointer self,
                                              batch_id id);

/// The batch that goes on. Errors: batch_not_found.
[[nodiscard]] expected<batch_runner_actor>
runner_of(const supervisor_state& state, batch_id id);

/// Takes jobs of a batch into the pipeline.
void take_jobs(supervisor_pointer self, batch_id id, batch_work work);

/// Makes another session of the batch's own.
[[nodiscard]] caf::result<session> add_session(supervisor_pointer self,
                                               batch_id id);

/// Closes the sessions of a batch that is over.
void end_batch_sessions(supervisor_pointer self, batch_id id);

/// Ends the actor of a batch, behind all messages that were handed on to it.
void forget_batch(supervisor_pointer self, batch_id id);

/// Stops the jobs of a batch that run or wait.
void stop_jobs(supervisor_pointer self, batch_id id, end_reason reason);

/// A batch's actor ended.
/// @returns whether `source` was one.
bool batch_lost(supervisor_pointer self, const caf::down_msg& down);

/// Tells batches what became of their jobs since the last call.
void tell_batches(supervisor_pointer self);

// --- log (supervisor_log.cpp) ---

/// Makes the lines go to the host.
void start_log(supervisor_pointer self);

/// An execution ended: logs it if it was slow.
void log_end(supervisor_pointer self, const execution_job& job);

/// Logs that the record of an execution that ended could not be stored.
void log_unstored(supervisor_pointer self, const flight& x);

/// Logs that a session crashed.
/// @param by what ran in it; null when it is not known.
void log_crash(supervisor_pointer self, const session& record,
               const execution_job* by);

/// Logs that an execution ends because the stage that held it was lost.
void log_lost(supervisor_pointer self, const execution_job& job,
              std::string_view why);

/// Logs that a stage was replaced.
/// @param stage its name.
void log_replaced(supervisor_pointer self, std::string_view stage,
                  std::string_view why);

/// Logs how many lines were left out, once their second is over.
/// @param now the end of time for all that is owed.
void settle_log(supervisor_state& state, caf::actor_clock::time_point now);

/// Whether lines were left out of which nothing was said.
[[nodiscard]] bool owes_lines(const supervisor_state& state);

// --- metrics (supervisor_metrics.cpp) ---

/// What was counted and what goes on, in Prometheus's text format.
[[nodiscard]] std::string metrics(supervisor_pointer self);

// --- draining (supervisor_drain.cpp) ---

/// Begins to stop.
[[nodiscard]] caf::result<runtime_summary> drain(supervisor_pointer self,
                                                 uint32_t grace_ms);

/// Cancels what still runs.
void end_grace(supervisor_pointer self);

/// Goes on with a drain when nothing is in flight any more.
void continue_drain(supervisor_pointer self);

} // namespace vmsystem::supervision
