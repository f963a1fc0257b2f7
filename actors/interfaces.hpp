#pragma once

#include "vmsystem/models/type_ids.hpp"

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace vmsystem {

// Every error is an `ec` with a message and a JSON object of details; see
// actors/errors.hpp. Every interface but those of the pipeline's process-local
// stages is made of serialisable model types only.

/// Keeps the templates: validates each change, makes it durable, and knows the
/// current bundle of each. Serialises all changes of templates.
using catalog_actor = caf::typed_actor<
  // Creates a template. Errors: validation_error, template_exists,
  // engine_unsupported.
  caf::replies_to<create_atom, template_spec>::with<template_record>,
  // Removes a template with all that belongs to it; live sessions go on.
  // Errors: template_not_found.
  caf::replies_to<remove_atom, template_id>::with<template_id>,
  // Merges a JSON object {"limits"?,"resolver"?,"runtime"?} into the settings.
  // Errors: template_not_found, invalid_request, validation_error.
  caf::replies_to<update_atom, template_id, json_text>::with<template_settings>,
  // Adds a capability. Errors: template_not_found, validation_error,
  // capability_exists, module_not_allowed.
  caf::replies_to<add_atom, capability_spec>::with<capability>,
  // Removes a capability. Errors: template_not_found, capability_not_found.
  caf::replies_to<remove_atom, template_id, capability_id>::with<capability_id>,
  // Adds a startup file. Errors: template_not_found, validation_error,
  // invalid_path, startup_mode_unsupported, startup_file_exists.
  caf::replies_to<add_atom, startup_file_spec>::with<startup_file>,
  // Removes a startup file. Errors: template_not_found,
  // startup_file_not_found.
  caf::replies_to<remove_atom, template_id,
                  startup_file_id>::with<startup_file_id>,
  // Adds a native module or a library; twice is no error. Errors:
  // template_not_found, validation_error, module_not_allowed,
  // library_not_found.
  caf::replies_to<add_atom, listed_name>::with<listed_name>,
  // Removes a native module or a library; one that is not there is no error.
  // Errors: template_not_found, validation_error.
  caf::replies_to<remove_atom, listed_name>::with<listed_name>,
  // All that belongs to a template. Errors: template_not_found.
  caf::replies_to<bundle_atom, template_id>::with<template_bundle>>;

/// The door to a runtime: keeps the sessions and drives every execution
/// through the pipeline. Takes the catalogue's messages too.
using supervisor_actor = catalog_actor::extend<
  // Creates a session and runs its startup files; answers when it is ready.
  // Errors: validation_error, template_not_found, worktree_not_found,
  // startup_failed, overloaded, internal.
  caf::replies_to<create_atom, session_spec>::with<session>,
  // Closes a live session; a running execution is cancelled first. Errors:
  // session_not_found.
  caf::replies_to<close_atom, session_id>::with<session>,
  // Runs something in a session; answers when its record is durable. What ran
  // has a record, also when it failed. Errors: those of admission and loading,
  // overloaded, internal.
  caf::replies_to<execute_atom, execution_request>::with<finished_execution>,
  // The same, once for an idempotency key: whoever comes again with the key and
  // the same request gets the execution that there is. Errors: as before, and
  // idempotency_conflict, whose details say whether it goes on still
  // (`in_flight`) or the key came with another request (`other_request`).
  caf::replies_to<execute_atom, execution_request,
                  std::string>::with<finished_execution>,
  // Begins to run something in a session; answers with the running record when
  // that is durable. An empty key is none; with one, whoever comes again gets
  // the record as it stands then. Errors: as before.
  caf::replies_to<create_atom, execution_request, std::string>::with<execution>,
  // Waits until an execution has another number of stored events than the
  // number given, and answers that; `UINT32_MAX` is answered at once. Errors:
  // execution_not_found when it is neither queued nor running, or no more.
  caf::replies_to<events_atom, execution_id, uint32_t>::with<uint32_t>,
  // Stops an execution that is queued or running. Errors: execution_not_found
  // when it is neither.
  caf::replies_to<cancel_atom, execution_id>::with<cancel_receipt>,
  // The live sessions.
  caf::replies_to<summary_atom>::with<runtime_summary>,
  // Whether new work is taken, and if not, all that is in the way.
  caf::replies_to<ready_atom>::with<readiness>,
  // What was counted and what goes on now, in Prometheus's text format; the
  // families that docs/operations.md lists, but those of HTTP and the process.
  caf::replies_to<metrics_atom>::with<std::string>,
  // Makes a batch, which is `receiving`: its jobs follow. Errors:
  // validation_error, template_not_found, session_not_ready,
  // worktree_not_found, startup_failed, overloaded.
  caf::replies_to<create_atom, batch_spec>::with<batch>,
  // Adds to the input of a batch that receives. The answer, which comes when
  // the input is stored and there is room for more, is the credit for the next
  // one: a sender has one of them on its way. Errors: batch_not_found,
  // validation_error, overloaded, internal.
  caf::replies_to<add_atom, batch_id, batch_input>::with<batch>,
  // Takes results of an attached batch; waits a second at most when there are
  // none. Has one reader. Errors: batch_not_found.
  caf::replies_to<results_atom, batch_id>::with<batch_results>,
  // The reader of an attached batch leaves: it goes on by itself. Errors:
  // batch_not_found.
  caf::replies_to<release_atom, batch_id>::with<batch>,
  // Stops a batch: what runs is cancelled, the rest does not run. One that is
  // over is answered as it is. Errors: batch_not_found.
  caf::replies_to<cancel_atom, batch_id>::with<batch>,
  // Goes on with a batch that a former process left; one that was still
  // receiving takes more input, behind what is stored. The flag says whether a
  // reader takes the results of what is left to run. Errors: batch_not_found,
  // validation_error when it is over or goes on already.
  caf::replies_to<resume_atom, batch_id, bool>::with<batch>,
  // A batch that goes on, as it stands now. Errors: batch_not_found when it
  // does not go on in this process.
  caf::replies_to<get_atom, batch_id>::with<batch>,
  // Takes no new work, lets running executions finish within `grace_ms`,
  // cancels the rest, closes all sessions, and answers when all is durable.
  caf::replies_to<drain_atom, uint32_t>::with<runtime_summary>>;

/// Reads the store on snapshots; never sees the writer. The documents are
/// those that the API serves.
using query_actor = caf::typed_actor<
  // {"template","settings","capabilities","startup_files"}. Errors:
  // template_not_found.
  caf::replies_to<get_atom, template_id>::with<json_text>,
  // The same, decoded.
  caf::replies_to<bundle_atom, template_id>::with<template_bundle>,
  // The records of all templates as an array, newest first.
  caf::replies_to<list_atom>::with<json_text>,
  // A session. Errors: session_not_found.
  caf::replies_to<get_atom, session_id>::with<json_text>,
  // Sessions, newest first.
  caf::replies_to<list_atom, session_filter>::with<document_page>,
  // An execution. Errors: execution_not_found.
  caf::replies_to<get_atom, execution_id>::with<json_text>,
  // Executions of a session, newest first. Errors: session_not_found.
  caf::replies_to<list_atom, execution_filter>::with<document_page>,
  // A batch. Errors: batch_not_found.
  caf::replies_to<get_atom, batch_id>::with<json_text>,
  // The batches, newest first, at most 1000.
  caf::replies_to<list_atom, batch_filter>::with<document_page>,
  // Results of a batch that are stored. Errors: batch_not_found,
  // validation_error.
  caf::replies_to<results_atom, batch_result_filter>::with<batch_result_page>,
  // Which jobs of a batch are over. Errors: as before.
  caf::replies_to<done_atom, batch_result_filter>::with<done_job_page>,
  // The first chunk of a batch's stored input at or behind a line. Empty when
  // there is none.
  caf::replies_to<get_atom, batch_id, uint32_t>::with<batch_input_chunk>,
  // What an idempotency key was used for within its time: a document with
  // `execution_id` and `fingerprint`; absent when it was not.
  caf::replies_to<get_atom, std::string>::with<json_text>,
  // Events of an execution as an array. Errors: execution_not_found.
  caf::replies_to<events_atom, event_filter>::with<json_text>>;

/// Answers functions that scripts call as `host.NAME(...)`: an actor of the
/// embedding program; see actors/host_function_actor.hpp.
using host_function_actor = caf::typed_actor<
  // A call of NAME: its arguments as a JSON array, its result as JSON. An
  // error is thrown in the script.
  caf::replies_to<call_atom, std::string, json_text>::with<json_text>>;

/// Makes changes durable, many at a time. Answers each change set when the
/// group that holds it is as durable as the store's setting promises.
using rocksdb_writer_actor = caf::typed_actor<
  // Commits a change set, all or nothing. Errors: internal with the store's
  // words.
  caf::replies_to<write_atom, change_set>::with<commit_receipt>,
  // To itself: commit what has gathered.
  caf::reacts_to<commit_atom>,
  // Makes durable what the setting left in memory; answers when it is.
  caf::replies_to<flush_atom>::with<commit_receipt>>;

} // namespace vmsystem
