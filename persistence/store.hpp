#pragma once

#include "vmsystem/models/change.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/query.hpp"
#include "vmsystem/models/runtime_options.hpp"
#include "vmsystem/models/template.hpp"

#include <cstdint>
#include <memory>
#include <string>
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
  /// The greatest id in the store; nil when it is empty.
  raw_id newest;
};

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

  /// What an earlier process left unfinished.
  virtual expected<unfinished_work> unfinished() = 0;

  /// The greatest `seq` that is stored for an execution; 0 when there is none.
  virtual expected<uint32_t> last_event_seq(execution_id id) = 0;
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
