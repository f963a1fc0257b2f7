#pragma once

#include "vmsystem/engine/instance.hpp"
#include "vmsystem/engine/library.hpp"
#include "vmsystem/engine/run.hpp"
#include "vmsystem/models/change.hpp"
#include "vmsystem/models/execution.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/pipeline/admission.hpp"
#include "vmsystem/pipeline/finalization.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace vmsystem {

/// What a slot does with a job.
enum class job_turn : uint8_t {
  /// Runs its script.
  run,
  /// Goes on with a run that waits.
  resume,
  /// Ends a run that waits.
  give_up,
};

/// One execution on its way through the pipeline. Each stage reads what earlier
/// stages wrote and writes its own part; between a request to a stage and its
/// answer nobody else touches that part. What admission wrote never changes
/// afterwards, so the supervisor may read it at any time, also when a stage
/// died or hangs.
struct execution_job {
  // From the supervisor, before admission.
  execution_request request;
  admission_view view;
  /// For a job of a batch: which one it is.
  std::optional<batch_place> place;
  std::chrono::steady_clock::time_point arrived
    = std::chrono::steady_clock::now();

  // From admission: the running record.
  execution record;

  // From admission or loading: why it does not run. For a job of a batch also
  // from its runner.
  std::optional<failure> refusal;

  // From the supervisor, after admission.
  /// The session's worktree.
  std::string worktree;
  uint32_t max_source_bytes = 0;
  std::shared_ptr<engine::instance> instance;
  /// When there is no instance: the job runs in a pristine copy of this.
  std::shared_ptr<const engine::image> image;
  /// What the slot does with it.
  job_turn turn = job_turn::run;

  // From loading; for snippets it is empty and the input is the source.
  std::string source;

  // From execution.
  run_report report;
  /// When the script started; the wall limit counts from here.
  std::chrono::steady_clock::time_point run_started;

  // From finalization.
  finished_execution finished;
  change_set changes;
  /// For a job of a batch with a reader: the document of its result.
  std::string result_line;

  /// Stops the script; for any thread, at any time.
  engine::run_control control;
};

/// A job that is shared by the supervisor and the stage that has it.
using job_ptr = std::shared_ptr<execution_job>;

/// Jobs that go to a stage in one message: the more there are under way, the
/// fewer messages, answers and wake-ups each one costs.
///
/// A slot takes them one after the other. While one of them lasts, the
/// supervisor takes back those that the slot did not take yet, and goes on with
/// those that are over.
class job_group {
public:
  explicit job_group(std::vector<job_ptr> members) : jobs{std::move(members)} {}

  [[nodiscard]] std::size_t size() const noexcept {
    return jobs.size();
  }

  /// Takes the next job: its position, or `size()` when none is left. For the
  /// slot.
  [[nodiscard]] std::size_t take() noexcept {
    return std::min(taken_.fetch_add(1, std::memory_order_acq_rel), size());
  }

  /// Takes all jobs that were not taken: the position of the first, or
  /// `size()`. Any thread.
  [[nodiscard]] std::size_t take_rest() noexcept {
    return std::min(taken_.exchange(size(), std::memory_order_acq_rel), size());
  }

  /// The job that was taken last is over, and its slot does not touch it any
  /// more.
  void finish_one() noexcept {
    finished_.fetch_add(1, std::memory_order_release);
  }

  /// Jobs that are over: the first ones.
  [[nodiscard]] std::size_t finished() const noexcept {
    return finished_.load(std::memory_order_acquire);
  }

  /// The jobs, which never change.
  const std::vector<job_ptr> jobs;
  /// The slot goes on only while the session is able to run the next one.
  bool in_one_session = false;

private:
  std::atomic<std::size_t> taken_{0};
  std::atomic<std::size_t> finished_{0};
};

/// Jobs in a message. Never leaves the process.
struct job_group_ref {
  std::shared_ptr<job_group> group;
};

/// Jobs of a batch for the pipeline. Never leaves the process.
struct batch_work {
  std::vector<job_ptr> jobs;
  /// They run in the session of their requests, one after the other; else each
  /// in a pristine copy of the batch's image.
  bool in_one_session = false;
  /// How often jobs for this session have come back that did not run. All that
  /// was sent before the sender knew comes back, too, so that their order
  /// stays.
  uint32_t turn = 0;
};

/// What became of jobs of a batch. Never leaves the process.
struct batch_part {
  /// Those whose record is stored.
  std::vector<job_ptr> finished;
  /// Those that did not run; they leave no trace, and may be sent again.
  std::vector<job_ptr> not_run;
  /// A session that is not live any more.
  session_id lost_session;
  /// Why something could not be stored; empty when all could.
  std::string store_failure;
};

/// An image in a message. Never leaves the process.
struct image_ref {
  std::shared_ptr<const engine::image> image;
};

/// What a session needs of the disk. Never leaves the process.
struct session_needs {
  /// A worktree that has to be there; empty for none.
  std::string worktree;
  /// The names of libraries, and the cache to look in.
  std::vector<std::string> libraries;
  std::string library_cache;
};

/// Libraries in a message. Never leaves the process.
struct libraries_ref {
  engine::library_list list;
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
