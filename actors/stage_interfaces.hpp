#pragma once

#include "vmsystem/actors/interfaces.hpp"
#include "vmsystem/pipeline/job.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <string>

CAF_BEGIN_TYPE_ID_BLOCK(vmsystem_local, caf::id_block::vmsystem::end)

  CAF_ADD_TYPE_ID(vmsystem_local, (vmsystem::job_group_ref))
  CAF_ADD_TYPE_ID(vmsystem_local, (vmsystem::image_ref))
  CAF_ADD_TYPE_ID(vmsystem_local, (vmsystem::instance_ref))
  CAF_ADD_TYPE_ID(vmsystem_local, (vmsystem::event_part))
  CAF_ADD_TYPE_ID(vmsystem_local, (vmsystem::batch_work))
  CAF_ADD_TYPE_ID(vmsystem_local, (vmsystem::batch_part))
  CAF_ADD_TYPE_ID(vmsystem_local, (vmsystem::session_needs))
  CAF_ADD_TYPE_ID(vmsystem_local, (vmsystem::libraries_ref))

CAF_END_TYPE_ID_BLOCK(vmsystem_local)

static_assert(caf::id_block::vmsystem_local::end <= VMSYSTEM_NEXT_TYPE_ID,
              "the ids reach into the room of the embedding program");

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(vmsystem::job_group_ref)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(vmsystem::image_ref)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(vmsystem::instance_ref)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(vmsystem::event_part)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(vmsystem::batch_work)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(vmsystem::batch_part)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(vmsystem::session_needs)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(vmsystem::libraries_ref)

namespace vmsystem {

/// What a stage is spawned with that needs nothing. When there is no argument
/// at all, CAF 0.17 binds a null reference on the way, which the sanitizer for
/// undefined behaviour rightly reports.
struct no_arguments {};

// The stages of the pipeline. Only the supervisor talks to them, within one
// process; a stage never calls the next one. Jobs come in groups, and a group
// is answered as a whole; what is wrong with one job is said in that job.

/// Stage 1: decides whether requests may run, and makes their records.
using admission_actor = caf::typed_actor<
  // Fills `record`, or `refusal` with an error of `admit`; for a job of a batch
  // both. No errors.
  caf::replies_to<admit_atom, job_group_ref>::with<job_group_ref>>;

/// Stage 2: the door to the disk for sources and libraries. Detached.
using loading_actor = caf::typed_actor<
  // Fills `source` with the file to run, or `refusal` with an error of
  // `load_source`. No errors.
  caf::replies_to<load_atom, job_group_ref>::with<job_group_ref>,
  // Answers with the libraries; the same ones for as long as their files did
  // not change and somebody has them. Errors: worktree_not_found,
  // library_not_found, library_failed.
  caf::replies_to<load_atom, session_needs>::with<libraries_ref>>;

/// Receives the events of executions that go on for a while.
using event_receiver_actor = caf::typed_actor<
  // A part of an execution's events, in order and without a hole.
  caf::reacts_to<events_atom, event_part>>;

/// Stage 3: one thread that runs guest code. Detached; takes one thing at a
/// time.
using slot_actor = caf::typed_actor<
  // Takes the group's jobs and runs them: fills `report`, and sends events on
  // while a script runs. A job whose outcome waits comes again, with its
  // `turn` saying whether to go on with it or to end it. No errors.
  caf::replies_to<run_atom, job_group_ref>::with<job_group_ref>,
  // Builds the image of a template, with these libraries. Errors: internal,
  // validation_error, library_failed.
  caf::replies_to<image_atom, template_bundle, libraries_ref>::with<image_ref>,
  // Makes an instance. Errors: overloaded.
  caf::replies_to<clone_atom, image_ref>::with<instance_ref>,
  // Makes an image of an instance's state. Errors: internal.
  caf::replies_to<freeze_atom, instance_ref>::with<image_ref>>;

/// Stage 4: makes the terminal records.
using finalization_actor = caf::typed_actor<
  // Fills `finished` and `changes`. No errors.
  caf::replies_to<finalize_atom, job_group_ref>::with<job_group_ref>>;

} // namespace vmsystem
