#pragma once

#include "vmsystem/models/batch.hpp"
#include "vmsystem/models/change.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/query.hpp"
#include "vmsystem/models/runtime_options.hpp"
#include "vmsystem/models/template.hpp"
#include "vmsystem/persistence/retention.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

/// A document and the id that it is stored under, so that a reader who cannot
/// decode it is able to name it.
struct stored_document {
  raw_id id;
  std::string text;
};

/// What a crash left: live things that have no heap any more.
struct unfinished_work {
  /// Executions that are stored as running, oldest first.
  std::vector<stored_document> executions;
  /// Sessions that are stored as starting or ready, oldest first.
  std::vector<stored_document> sessions;
  /// Batches that are not over, oldest first.
  std::vector<stored_document> batches;
  /// The greatest id in the store; nil when it is empty.
  raw_id newest;
};

/// The most entries of a page of documents.
inline constexpr uint32_t max_documents = 1000;

/// The most results of a page.
inline constexpr uint32_t max_results = 10000;

/// A page of results ends behind the one with which it has so many bytes.
inline constexpr std::size_t max_result_bytes = std::size_t{8} << 20;

/// How long an idempotency key is remembered, by the clock.
inline constexpr std::chrono::hours key_lifetime{24};

/// The most idempotency keys that are remembered: the oldest go first.
inline constexpr std::size_t max_keys = 100000;

/// A consistent view of a store at one moment. Used by one thread at a time.
/// Every function fails with `ec::internal` and the store's words when the
/// store cannot be read.
class store_reader {
public:
  virtual ~store_reader();

  /// The bundle document of a template. Errors: template_not_found.
  virtual expected<std::string> template_document(template_id id) = 0;

  /// All bundle documents, newest first.
  virtual expected<std::vector<stored_document>> template_documents() = 0;

  /// A session's document. Errors: session_not_found.
  virtual expected<std::string> session_document(session_id id) = 0;

  /// Documents of sessions as a JSON array, newest first.
  virtual expected<document_page> session_documents(const session_filter&) = 0;

  /// An execution's document. Errors: execution_not_found.
  virtual expected<std::string> execution_document(execution_id id) = 0;

  /// Documents of executions as a JSON array, newest first. Errors:
  /// session_not_found; validation_error when `limit` is out of its range.
  virtual expected<document_page> execution_documents(const execution_filter&)
    = 0;

  /// Events as a JSON array, in order; `[]` where there is none that counts.
  /// Errors: execution_not_found.
  virtual expected<std::string> event_documents(const event_filter&) = 0;

  /// What an idempotency key was used for: see `change_kind::put_key`. Empty
  /// when it was not, or longer ago than `key_lifetime`.
  virtual expected<std::string> key_document(std::string_view key) = 0;

  /// What an earlier process left unfinished.
  virtual expected<unfinished_work> unfinished() = 0;

  /// The greatest `seq` that is stored for an execution; 0 when there is none.
  virtual expected<uint32_t> last_event_seq(execution_id id) = 0;

  /// A batch's document. Errors: batch_not_found.
  virtual expected<std::string> batch_document(batch_id id) = 0;

  /// Documents of batches as a JSON array, newest first. Errors:
  /// validation_error when `limit` is out of its range.
  virtual expected<document_page> batch_documents(const batch_filter&) = 0;

  /// The stored run of a batch's input that holds a line, or else the first
  /// one behind it. Its text is empty when there is neither. Lines are counted
  /// by their line feeds, the last one also without.
  virtual expected<batch_input_chunk> batch_input(batch_id id, uint32_t line)
    = 0;

  /// Results of a batch's jobs that are over, in the order of their index. A
  /// page may have fewer than its limit before the last one: see
  /// `max_result_bytes`. Errors: batch_not_found; validation_error when `limit`
  /// is out of its range.
  virtual expected<batch_result_page> batch_results(const batch_result_filter&)
    = 0;

  /// Which jobs of a batch are over, from index `first` on, at most `limit` of
  /// them. Errors: batch_not_found; validation_error when `limit` is 0.
  virtual expected<done_job_page>
  done_jobs(batch_id id, uint32_t first, uint32_t limit) = 0;

  /// Takes a bounded step of a pass: what is to be removed next. The pass goes
  /// on, or is over.
  virtual expected<retention_step> retire(retention_pass& pass) = 0;
};

/// Where records are kept. Reading is thread-safe; committing is not: only the
/// writer actor does it.
class store {
public:
  virtual ~store();

  /// Makes all change sets of a group durable, all or none. When it fails,
  /// readers see nothing of the group; where the disk itself failed, the next
  /// start may find the whole group, never part of it. Errors:
  /// `ec::validation_error` when one of the sets is malformed, so that the
  /// others may be committed without it; `ec::internal` with the store's words
  /// for all else.
  virtual expected<void>
  commit(const std::vector<const change_set*>& group, durability how) = 0;

  /// A view of what is committed now.
  virtual std::unique_ptr<store_reader> read() const = 0;

  /// Makes durable what `durability::async` or `off` left in memory.
  virtual expected<void> flush() = 0;
};

/// A store that several actors share.
using store_ptr = std::shared_ptr<store>;

} // namespace vmsystem
