#pragma once

#include "vmsystem/models/batch.hpp"
#include "vmsystem/models/change.hpp"
#include "vmsystem/models/error_code.hpp"
#include "vmsystem/models/event.hpp"
#include "vmsystem/models/execution.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/query.hpp"
#include "vmsystem/models/readiness.hpp"
#include "vmsystem/models/session.hpp"
#include "vmsystem/models/template.hpp"

#include <caf/error.hpp>
#include <caf/make_message.hpp>
#include <caf/message.hpp>
#include <caf/type_id.hpp>

#include <string>
#include <vector>

/// The first type id of vm-system's messages. The ids in front of it, from
/// `caf::first_custom_type_id` on, are for the embedding program. The archives
/// are compiled with it: one of `add_message_types` links only with the same.
#ifndef VMSYSTEM_FIRST_TYPE_ID
#  define VMSYSTEM_FIRST_TYPE_ID 1000
#endif

/// The first type id behind ours; with room for messages that later versions
/// add. An embedding program's block may begin here too.
#define VMSYSTEM_NEXT_TYPE_ID (VMSYSTEM_FIRST_TYPE_ID + 500)

static_assert(VMSYSTEM_FIRST_TYPE_ID >= caf::first_custom_type_id,
              "VMSYSTEM_FIRST_TYPE_ID is one of CAF's own ids");

CAF_BEGIN_TYPE_ID_BLOCK(vmsystem, VMSYSTEM_FIRST_TYPE_ID)

  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::json_text))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::template_id))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::session_id))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::execution_id))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::capability_id))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::startup_file_id))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::template_record))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::template_settings))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::template_bundle))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::template_spec))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::capability))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::capability_spec))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::startup_file))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::startup_file_spec))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::listed_name))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::session))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::session_spec))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::session_filter))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::runtime_summary))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::execution))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::execution_request))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::finished_execution))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::execution_filter))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::event_filter))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::document_page))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::event))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::change_set))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::commit_receipt))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::readiness))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::cancel_receipt))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::batch_id))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::batch_spec))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::batch))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::batch_input))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::batch_results))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::batch_filter))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::batch_result_filter))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::batch_result_page))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::batch_input_chunk))
  CAF_ADD_TYPE_ID(vmsystem, (vmsystem::done_job_page))
  CAF_ADD_TYPE_ID(vmsystem, (std::vector<vmsystem::event>))
  CAF_ADD_TYPE_ID(vmsystem, (std::vector<vmsystem::template_bundle>))

  CAF_ADD_ATOM(vmsystem, vmsystem, create_atom, "create")
  CAF_ADD_ATOM(vmsystem, vmsystem, remove_atom, "remove")
  CAF_ADD_ATOM(vmsystem, vmsystem, update_atom, "update")
  CAF_ADD_ATOM(vmsystem, vmsystem, add_atom, "add")
  CAF_ADD_ATOM(vmsystem, vmsystem, get_atom, "get")
  CAF_ADD_ATOM(vmsystem, vmsystem, bundle_atom, "bundle")
  CAF_ADD_ATOM(vmsystem, vmsystem, list_atom, "list")
  CAF_ADD_ATOM(vmsystem, vmsystem, events_atom, "events")
  CAF_ADD_ATOM(vmsystem, vmsystem, close_atom, "close")
  CAF_ADD_ATOM(vmsystem, vmsystem, execute_atom, "execute")
  CAF_ADD_ATOM(vmsystem, vmsystem, cancel_atom, "cancel")
  CAF_ADD_ATOM(vmsystem, vmsystem, summary_atom, "summary")
  CAF_ADD_ATOM(vmsystem, vmsystem, ready_atom, "ready")
  CAF_ADD_ATOM(vmsystem, vmsystem, drain_atom, "drain")
  CAF_ADD_ATOM(vmsystem, vmsystem, admit_atom, "admit")
  CAF_ADD_ATOM(vmsystem, vmsystem, load_atom, "load")
  CAF_ADD_ATOM(vmsystem, vmsystem, run_atom, "run")
  CAF_ADD_ATOM(vmsystem, vmsystem, image_atom, "image")
  CAF_ADD_ATOM(vmsystem, vmsystem, clone_atom, "clone")
  CAF_ADD_ATOM(vmsystem, vmsystem, finalize_atom, "finalize")
  CAF_ADD_ATOM(vmsystem, vmsystem, write_atom, "write")
  CAF_ADD_ATOM(vmsystem, vmsystem, commit_atom, "commit")
  CAF_ADD_ATOM(vmsystem, vmsystem, flush_atom, "flush")
  CAF_ADD_ATOM(vmsystem, vmsystem, port_atom, "port")
  CAF_ADD_ATOM(vmsystem, vmsystem, tick_atom, "tick")
  CAF_ADD_ATOM(vmsystem, vmsystem, wake_atom, "wake")
  CAF_ADD_ATOM(vmsystem, vmsystem, call_atom, "call")
  CAF_ADD_ATOM(vmsystem, vmsystem, results_atom, "results")
  CAF_ADD_ATOM(vmsystem, vmsystem, resume_atom, "resume")
  CAF_ADD_ATOM(vmsystem, vmsystem, release_atom, "release")
  CAF_ADD_ATOM(vmsystem, vmsystem, done_atom, "done")
  CAF_ADD_ATOM(vmsystem, vmsystem, freeze_atom, "freeze")
  CAF_ADD_ATOM(vmsystem, vmsystem, metrics_atom, "metrics")

CAF_END_TYPE_ID_BLOCK(vmsystem)

CAF_ERROR_CODE_ENUM(vmsystem::ec, "vmsystem")
