#pragma once

#include "vmsystem/persistence/rocksdb_database.hpp"
#include "vmsystem/persistence/store.hpp"

#include <rocksdb/iterator.h>
#include <rocksdb/options.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

/// Reads a RocksDB store on a snapshot that it takes when it is made.
class rocksdb_reader final : public store_reader {
public:
  explicit rocksdb_reader(std::shared_ptr<const rocksdb_database> database);

  rocksdb_reader(const rocksdb_reader&) = delete;
  rocksdb_reader& operator=(const rocksdb_reader&) = delete;

  ~rocksdb_reader() override;

  expected<std::string> template_document(template_id id) override;
  expected<std::vector<stored_document>> template_documents() override;
  expected<std::string> session_document(session_id id) override;
  expected<document_page>
  session_documents(const session_filter& filter) override;
  expected<std::string> execution_document(execution_id id) override;
  expected<document_page>
  execution_documents(const execution_filter& filter) override;
  expected<std::string> event_documents(const event_filter& filter) override;
  expected<std::string> key_document(std::string_view key) override;
  expected<unfinished_work> unfinished() override;
  expected<uint32_t> last_event_seq(execution_id id) override;
  expected<std::string> batch_document(batch_id id) override;
  expected<document_page> batch_documents(const batch_filter& filter) override;
  expected<batch_input_chunk> batch_input(batch_id id, uint32_t line) override;
  expected<batch_result_page>
  batch_results(const batch_result_filter& filter) override;
  expected<done_job_page> done_jobs(batch_id id, uint32_t first,
                                    uint32_t limit) override;
  expected<retention_step> retire(retention_pass& pass) override;

private:
  using iterator_ptr = std::unique_ptr<rocksdb::Iterator>;

  /// Takes the result of a job; says whether to go on.
  using result_visitor = std::function<expected<bool>(batch_result&&)>;

  /// Which entries of an index are wanted.
  struct index_filter {
    /// What their keys have in front of the id.
    store_key prefix;
    /// Only entries older than this one; nil begins with the newest.
    raw_id cursor;
    /// How many at most.
    std::size_t limit = SIZE_MAX;
    /// The bytes of their values; nothing where any will do.
    std::vector<std::optional<uint8_t>> value;
  };

  /// The byte of `value` in an index when it `counts`.
  template <class Enum>
  static std::optional<uint8_t> byte_or_any(bool counts, Enum value) {
    if (!counts)
      return std::nullopt;
    return static_cast<uint8_t>(value);
  }

  iterator_ptr iterate(family where) const;

  /// The value of `id`; nothing when there is none.
  expected<std::optional<std::string>> get(family where, const raw_id& id);

  /// The value of `id`. Errors: `absent` when there is none.
  expected<std::string> get_or(family where, const raw_id& id, ec absent);

  /// The status of a batch. Errors: batch_not_found.
  expected<batch_status> status_of(batch_id id);

  /// Gives the results of a batch's jobs that are over, from index `first` on
  /// and in order, until `visit` wants no more. Says whether that was all.
  expected<bool> each_result(batch_id id, uint32_t first,
                             const result_visitor& visit);

  /// Whether `id` is there. Errors: `absent` when it is not.
  expected<void> require(family where, const raw_id& id, ec absent);

  /// A page of the documents that the wanted index entries name, newest first.
  expected<document_page> newest_documents(family where,
                                           const index_filter& filter);

  /// Appends the values of `ids` to an array. One that is not there is a
  /// damaged store, since an index named it.
  expected<void> append_all(family where, const std::vector<raw_id>& ids,
                            std::string& array);

  /// The documents that the index entries of `kind` name, oldest first.
  expected<std::vector<stored_document>> marked(index_kind kind, family where);

  std::shared_ptr<const rocksdb_database> database_;
  const rocksdb::Snapshot* snapshot_;
  rocksdb::ReadOptions options_;
};

} // namespace vmsystem
