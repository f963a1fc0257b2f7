#pragma once

#include "vmsystem/engine/instance.hpp"
#include "vmsystem/engine/run.hpp"
#include "vmsystem/models/change.hpp"
#include "vmsystem/models/execution.hpp"
#include "vmsystem/pipeline/admission.hpp"
#include "vmsystem/pipeline/finalization.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace vmsystem {

/// One execution on its way through the pipeline. Each stage reads what earlier
/// stages wrote and writes its own part; between a request to a stage and its
/// answer nobody else touches that part. What admission wrote never changes
/// afterwards, so the supervisor may read it at any time, also when a stage
/// died or hangs.
struct execution_job {
  // From the supervisor, before admission.
  execution_request request;
  admission_view view;
  std::chrono::steady_clock::time_point arrived
    = std::chrono::steady_clock::now();

  // From admission: the running record.
  execution record;

  // From the supervisor, after admission.
  /// The session's worktree.
  std::string worktree;
  uint32_t max_source_bytes = 0;
  std::shared_ptr<engine::instance> instance;

  // From loading; for snippets it is empty and the input is the source.
  std::string source;

  // From execution.
  run_report report;
  /// When the script started; the wall limit counts from here.
  std::chrono::steady_clock::time_point run_started;

  // From finalization.
  finished_execution finished;
  change_set changes;

  /// Stops the script; for any thread, at any time.
  engine::run_control control;
};

/// A job in a message. Never leaves the process.
struct job_ref {
  std::shared_ptr<execution_job> job;
};

/// An image in a message. Never leaves the process.
struct image_ref {
  std::shared_ptr<const engine::image> image;
};

/// An instance in a message. Never leaves the process.
struct instance_ref {
  std::shared_ptr<engine::instance> instance;
};

/// Events of an execution that goes on. Never leaves the process.
struct event_part {
  execution_id execution;
  uint32_t first_seq = 1;
  std::string text;
};

} // namespace vmsystem
