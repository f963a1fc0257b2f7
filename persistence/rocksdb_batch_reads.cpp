#include "vmsystem/models/codec.hpp"
#include "vmsystem/persistence/event_chunk.hpp"
#include "vmsystem/persistence/rocksdb_failures.hpp"
#include "vmsystem/persistence/rocksdb_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace vmsystem {

namespace {

/// What the execution ids of a batch's jobs begin with.
std::string_view job_prefix(const batch_id& id) {
  return id.view().substr(0, sizeof(raw_id::bytes) - sizeof(uint32_t));
}

/// Whether the record under a key that looks like one of a job's is one.
bool belongs_to(const std::string& batch, std::string_view document) {
  const auto named = stored_string(document, "batch_id");
  return named && named.value() == batch;
}

/// Where a run of input begins, by its key.
batch_input_chunk chunk_at(std::string_view key) {
  const auto index_at = key.size() - sizeof(uint32_t);
  return {last_number_of(key.substr(0, index_at)), last_number_of(key), {}};
}

} // namespace

expected<std::string> rocksdb_reader::batch_document(batch_id id) {
  return get_or(family::batches, id.raw, ec::batch_not_found);
}

expected<document_page>
rocksdb_reader::batch_documents(const batch_filter& filter) {
  if (auto valid = check_limit(filter.limit, max_documents); !valid)
    return valid.error();
  index_filter wanted;
  wanted.prefix.add(index_kind::batch);
  wanted.cursor = filter.cursor.raw;
  wanted.limit = filter.limit;
  wanted.value = {byte_or_any(filter.by_status, filter.status)};
  return newest_documents(family::batches, wanted);
}

expected<batch_input_chunk> rocksdb_reader::batch_input(batch_id id,
                                                        uint32_t line) {
  store_key prefix;
  prefix.add(id.raw);
  store_key wanted = prefix;
  wanted.add(line).add(UINT32_MAX);
  const auto is_input = [&](const rocksdb::Iterator& at) {
    return at.Valid() && begins_with(at.key(), prefix)
           && at.key().size() == wanted.view().size();
  };
  auto it = iterate(family::batches);
  // The last run that does not begin behind the line is the only one that can
  // hold it.
  it->SeekForPrev(slice(wanted.view()));
  if (is_input(*it)) {
    auto chunk = chunk_at(text(it->key()));
    chunk.text = it->value().ToString();
    if (line < chunk.next_line())
      return chunk;
  }
  if (it->status().ok())
    it->Seek(slice(wanted.view()));
  if (!it->status().ok())
    return unreadable(family::batches, it->status());
  if (!is_input(*it))
    return batch_input_chunk{};
  auto chunk = chunk_at(text(it->key()));
  chunk.text = it->value().ToString();
  return chunk;
}

expected<batch_status> rocksdb_reader::status_of(batch_id id) {
  store_key key;
  key.add(index_kind::batch).add(id.raw);
  rocksdb::PinnableSlice value;
  const auto status
    = database_->db().Get(options_, database_->handle(family::indexes),
                          slice(key.view()), &value);
  if (status.IsNotFound())
    return not_there(ec::batch_not_found, id.raw);
  if (!status.ok())
    return unreadable(family::indexes, key.view(), status);
  if (value.size() != 1)
    return damaged(family::indexes, key.view(), "has no status");
  return static_cast<batch_status>(value[0]);
}

expected<bool> rocksdb_reader::each_result(batch_id id, uint32_t first,
                                           const result_visitor& visit) {
  const auto name = id.to_string();
  const auto prefix = slice(job_prefix(id));
  auto it = iterate(family::executions);
  for (it->Seek(slice(job_execution_id(id, first).view()));
       it->Valid() && it->key().starts_with(prefix); it->Next()) {
    const auto document = text(it->value());
    if (!belongs_to(name, document))
      continue;
    auto result = read_batch_result(document);
    if (!result)
      return damaged(family::executions, text(it->key()), "cannot be read");
    if (result.value().status == execution_status::running)
      continue;
    auto more = visit(std::move(result).value());
    if (!more)
      return more.error();
    if (!more.value())
      return false;
  }
  if (!it->status().ok())
    return unreadable(family::executions, it->status());
  return true;
}

expected<batch_result_page>
rocksdb_reader::batch_results(const batch_result_filter& filter) {
  if (auto valid = check_limit(filter.limit, max_results); !valid)
    return valid.error();
  const auto status = status_of(filter.id);
  if (!status)
    return status.error();
  const bool over = is_over(status.value());
  batch_result_page page;
  page.next = filter.first;
  const auto visit = [&](batch_result&& x) -> expected<bool> {
    const bool gap = x.index != page.next;
    if (page.count == filter.limit || page.lines.size() >= max_result_bytes
        || (gap && !over && !filter.past_gaps))
      return false;
    auto line = to_json(x);
    if (!line)
      return line.error();
    page.lines += line.value().text;
    page.lines += '\n';
    page.next = x.index + 1;
    ++page.count;
    return true;
  };
  const auto all = each_result(filter.id, filter.first, visit);
  if (!all)
    return all.error();
  page.last = over && all.value();
  return page;
}

expected<done_job_page> rocksdb_reader::done_jobs(batch_id id, uint32_t first,
                                                  uint32_t limit) {
  if (auto valid = check_limit(limit, UINT32_MAX); !valid)
    return valid.error();
  if (const auto status = status_of(id); !status)
    return status.error();
  done_job_page page;
  page.next = first;
  const auto visit = [&](batch_result&& x) -> expected<bool> {
    if (page.jobs.size() == limit)
      return false;
    page.jobs.push_back({x.index, x.reason, x.metrics});
    page.next = x.index + 1;
    return true;
  };
  const auto all = each_result(id, first, visit);
  if (!all)
    return all.error();
  page.last = all.value();
  return page;
}

} // namespace vmsystem
