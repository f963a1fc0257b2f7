#pragma once

#include "vmsystem/models/end_reason.hpp"
#include "vmsystem/models/enum_names.hpp"
#include "vmsystem/models/execution.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/json_text.hpp"
#include "vmsystem/models/settings.hpp"
#include "vmsystem/models/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vmsystem {

/// What the jobs of a batch share. Stored by name: append only.
enum class batch_isolation : uint8_t {
  /// Nothing: each runs in a pristine copy of the template's image, with the
  /// effects of its startup files.
  fresh = 0,
  /// The state of as many sessions as there are slots, or of a named session.
  session = 1,
};

template <>
struct enum_names<batch_isolation> {
  static constexpr std::array<std::string_view, 2> value{"fresh", "session"};
};

/// What a batch does when a job fails. Stored by name: append only.
enum class batch_on_error : uint8_t {
  /// Goes on.
  go_on = 0,
  /// Begins no further job; those that run come to their end.
  stop = 1,
};

template <>
struct enum_names<batch_on_error> {
  static constexpr std::array<std::string_view, 2> value{"continue", "stop"};
};

/// Where a batch is in its life. Stored by name: append only.
enum class batch_status : uint8_t {
  /// Its jobs are still coming in.
  receiving = 0,
  /// All of its jobs are stored; they run.
  running = 1,
  /// All of its jobs ran.
  completed = 2,
  /// A job failed, and `on_error` is `stop`: the rest did not run.
  stopped = 3,
  /// Somebody cancelled it: the rest did not run.
  cancelled = 4,
  /// It cannot go on; its error says why.
  failed = 5,
  /// The process ended before all jobs had come in; it may be resumed.
  interrupted = 6,
};

template <>
struct enum_names<batch_status> {
  static constexpr std::array<std::string_view, 7> value{
    "receiving", "running", "completed",  "stopped",
    "cancelled", "failed",  "interrupted"};
};

/// Whether a batch with this status is over for good.
[[nodiscard]] constexpr bool is_over(batch_status status) noexcept {
  return status == batch_status::completed || status == batch_status::stopped
         || status == batch_status::cancelled || status == batch_status::failed;
}

/// How many jobs ended for which reason, by `end_reason`.
using outcome_counts
  = std::array<uint64_t, enum_names<end_reason>::value.size()>;

/// Durations in microseconds that shares of all jobs did not exceed.
struct duration_summary {
  uint64_t p50_us = 0;
  uint64_t p90_us = 0;
  uint64_t p99_us = 0;
  uint64_t max_us = 0;
};

/// What a client sends to make a batch.
struct batch_spec {
  /// The template; for a named session it may be nil.
  template_id vm_id;
  /// An existing absolute directory; empty when no job and no startup file is
  /// a file.
  std::string worktree_path;
  batch_isolation isolation = batch_isolation::fresh;
  /// For `session` isolation: the session that all jobs share; nil: new ones.
  session_id session;
  /// Jobs that may be queued or running at any time; 0 lets the runtime choose.
  uint32_t concurrency = 0;
  batch_on_error on_error = batch_on_error::go_on;
  /// A reader takes the results while it runs: jobs begin as they come in, and
  /// no faster than results are taken.
  bool attached = false;
  /// The reader gets the results in input order.
  bool ordered = false;
};

/// What a client sends to make a batch, with all of its jobs.
struct batch_request {
  batch_spec spec;
  /// Each as the line of a `batch_input`, without its line feed.
  std::vector<json_text> jobs;
};

/// The record of one batch.
struct batch {
  batch_id id;
  template_id vm_id;
  /// The session whose records the jobs are; nil when there are several.
  session_id session;
  std::string worktree_path;
  batch_isolation isolation = batch_isolation::fresh;
  uint32_t concurrency = 0;
  batch_on_error on_error = batch_on_error::go_on;
  batch_status status = batch_status::receiving;
  timestamp created_at;
  /// Not set until it is over.
  timestamp ended_at;
  /// Why it failed.
  std::string error;
  /// Whether all jobs came in.
  bool input_complete = false;
  /// Jobs that came in and are stored.
  uint32_t jobs = 0;
  /// Jobs whose result is stored.
  uint32_t done = 0;
  outcome_counts outcomes{};
  /// Time in which it ran, over all processes that it saw, in milliseconds.
  uint64_t active_ms = 0;
  /// Results in a second of that time, rounded.
  uint64_t jobs_per_s = 0;
  duration_summary queue;
  duration_summary cpu;
  duration_summary wall;
};

/// Jobs on their way into a batch: NDJSON, cut anywhere.
struct batch_input {
  /// At most `max_batch_input` bytes.
  std::string text;
  /// Nothing follows; a last line may lack its line feed.
  bool last = false;
};

/// The most bytes of one `batch_input`.
inline constexpr std::size_t max_batch_input = std::size_t{1} << 20;

/// The longest line that is read as a job, in bytes; a longer one is a failed
/// job.
inline constexpr std::size_t max_job_line = std::size_t{8} << 20;

/// One line of a batch's input.
struct batch_job {
  /// The client's name for it; may be empty.
  std::string id;
  /// A snippet; or else `path`.
  std::string input;
  /// A file of the worktree.
  std::string path;
  /// A JSON object; absent means `{}`.
  json_text args;
  /// A JSON object; absent means `{}`.
  json_text env;
  /// The template's limits, where the job does not tighten them.
  limits_config limits;
};

/// What became of one job.
struct batch_result {
  /// From 0, in input order; lines that are empty do not count.
  uint32_t index = 0;
  /// The client's name for it; may be empty.
  std::string id;
  execution_id execution;
  execution_status status = execution_status::ok;
  end_reason reason = end_reason::ok;
  /// As in the execution's record.
  json_text result;
  json_text error;
  execution_metrics metrics;
};

/// Results for the reader of a batch, as they became durable.
struct batch_results {
  /// Documents of `batch_result`, each followed by a line feed.
  std::string lines;
  uint32_t count = 0;
  /// No further result will come: the batch is over, or was interrupted.
  bool last = false;
};

/// Which batches to list, newest first.
struct batch_filter {
  /// How many at most, 1 to 1000.
  uint32_t limit = 50;
  /// Only batches older than this one; nil begins with the newest.
  batch_id cursor;
  /// Whether `status` counts.
  bool by_status = false;
  batch_status status = batch_status::running;
};

/// Which results of a batch to read, in input order.
struct batch_result_filter {
  batch_id id;
  /// The first index that counts.
  uint32_t first = 0;
  /// How many at most, 1 to 10000.
  uint32_t limit = 1000;
  /// Whether results count that lie behind a job which may still get one. When
  /// they do not, pages that are read while the batch goes on join without gap.
  bool past_gaps = false;
};

/// A page of stored results: those that are there, in input order.
struct batch_result_page {
  /// Documents of `batch_result`, each followed by a line feed.
  std::string lines;
  uint32_t count = 0;
  /// Where the next page begins.
  uint32_t next = 0;
  /// Whether the batch is over and this is the last page.
  bool last = false;
};

/// A job of a batch whose result is stored: what a resume has to know of it.
struct done_job {
  uint32_t index = 0;
  end_reason reason = end_reason::ok;
  execution_metrics metrics;
};

/// Some done jobs of a batch, in the order of their index.
struct done_job_page {
  std::vector<done_job> jobs;
  /// Where the next page begins.
  uint32_t next = 0;
  /// Whether nothing is behind this page.
  bool last = false;
};

/// A run of a batch's input as the store keeps it: whole lines, in order.
struct batch_input_chunk {
  /// Number of the first line, from 1.
  uint32_t first_line = 1;
  /// Index of the first job in it.
  uint32_t first_index = 0;
  std::string text;

  /// Number of the line behind it.
  [[nodiscard]] uint32_t next_line() const noexcept;
};

/// The id of a job's execution: the same each time the job runs, so that its
/// record exists once. Ids of one batch are in the order of their index.
[[nodiscard]] execution_id job_execution_id(const batch_id& batch,
                                            uint32_t index) noexcept;

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, done_job& x) {
  return f(x.index, x.reason, x.metrics);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, done_job_page& x) {
  return f(x.jobs, x.next, x.last);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, batch_input_chunk& x) {
  return f(x.first_line, x.first_index, x.text);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, duration_summary& x) {
  return f(x.p50_us, x.p90_us, x.p99_us, x.max_us);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, batch_spec& x) {
  return f(x.vm_id, x.worktree_path, x.isolation, x.session, x.concurrency,
           x.on_error, x.attached, x.ordered);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, batch& x) {
  return f(x.id, x.vm_id, x.session, x.worktree_path, x.isolation,
           x.concurrency, x.on_error, x.status, x.created_at, x.ended_at,
           x.error, x.input_complete, x.jobs, x.done, x.outcomes, x.active_ms,
           x.jobs_per_s, x.queue, x.cpu, x.wall);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, batch_input& x) {
  return f(x.text, x.last);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, batch_results& x) {
  return f(x.lines, x.count, x.last);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, batch_filter& x) {
  return f(x.limit, x.cursor, x.by_status, x.status);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, batch_result_filter& x) {
  return f(x.id, x.first, x.limit, x.past_gaps);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, batch_result_page& x) {
  return f(x.lines, x.count, x.next, x.last);
}

} // namespace vmsystem
