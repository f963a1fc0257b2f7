#include "vmsystem/persistence/rocksdb_reader.hpp"

#include "vmsystem/models/json_reader.hpp"
#include "vmsystem/persistence/event_chunk.hpp"
#include "vmsystem/persistence/rocksdb_failures.hpp"

#include <rocksdb/slice.h>
#include <rocksdb/status.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace vmsystem {

namespace {

/// How many documents are read at a time.
constexpr std::size_t read_ahead = 128;

/// Whether the value of an index entry has the bytes that are wanted.
bool matches(std::string_view value,
             const std::vector<std::optional<uint8_t>>& wanted) {
  return std::equal(wanted.begin(), wanted.end(), value.begin(),
                    [](std::optional<uint8_t> byte, char there) {
                      return !byte || *byte == static_cast<uint8_t>(there);
                    });
}

} // namespace

rocksdb_reader::rocksdb_reader(std::shared_ptr<const rocksdb_database> database)
  : database_{std::move(database)}, snapshot_{database_->db().GetSnapshot()} {
  options_.snapshot = snapshot_;
}

rocksdb_reader::~rocksdb_reader() {
  database_->db().ReleaseSnapshot(snapshot_);
}

expected<std::string> rocksdb_reader::template_document(template_id id) {
  return get_or(family::templates, id.raw, ec::template_not_found);
}

expected<std::vector<stored_document>> rocksdb_reader::template_documents() {
  std::vector<stored_document> result;
  auto it = iterate(family::templates);
  for (it->SeekToLast(); it->Valid(); it->Prev())
    result.push_back({last_id_of(text(it->key())), it->value().ToString()});
  if (!it->status().ok())
    return unreadable(family::templates, it->status());
  return result;
}

expected<std::string> rocksdb_reader::session_document(session_id id) {
  return get_or(family::sessions, id.raw, ec::session_not_found);
}

expected<document_page>
rocksdb_reader::session_documents(const session_filter& filter) {
  index_filter wanted;
  wanted.prefix.add(index_kind::session);
  wanted.value = {byte_or_any(filter.by_status, filter.status)};
  return newest_documents(family::sessions, wanted);
}

expected<std::string> rocksdb_reader::execution_document(execution_id id) {
  return get_or(family::executions, id.raw, ec::execution_not_found);
}

expected<document_page>
rocksdb_reader::execution_documents(const execution_filter& filter) {
  if (auto valid = check_limit(filter.limit, max_documents); !valid)
    return valid.error();
  if (auto known
      = require(family::sessions, filter.session.raw, ec::session_not_found);
      !known)
    return known.error();
  index_filter wanted;
  wanted.prefix.add(index_kind::execution_of_session).add(filter.session.raw);
  wanted.cursor = filter.cursor.raw;
  wanted.limit = filter.limit;
  wanted.value = {byte_or_any(filter.by_status, filter.status),
                  byte_or_any(filter.by_kind, filter.kind)};
  return newest_documents(family::executions, wanted);
}

expected<std::string>
rocksdb_reader::event_documents(const event_filter& filter) {
  store_key prefix;
  prefix.add(filter.execution.raw);
  // The chunk that holds `after_seq`, or the last one before it, is the first
  // one that can hold a later event.
  store_key start = prefix;
  start.add(filter.after_seq);
  auto it = iterate(family::events);
  it->SeekForPrev(slice(start.view()));
  if (!it->Valid() || !begins_with(it->key(), prefix))
    it->Seek(slice(prefix.view()));
  std::string array = "[";
  bool known = false;
  uint32_t left = filter.limit;
  for (; it->Valid() && begins_with(it->key(), prefix); it->Next()) {
    known = true;
    const uint32_t first_seq = last_number_of(text(it->key()));
    const uint32_t skip
      = filter.after_seq >= first_seq ? filter.after_seq - first_seq + 1 : 0;
    const auto found = slice_events(text(it->value()), skip, left);
    if (found.count == 0)
      continue;
    append_document(array, found.text);
    if (filter.limit != 0) {
      left -= found.count;
      if (left == 0)
        break;
    }
  }
  if (!it->status().ok())
    return unreadable(family::events, it->status());
  if (!known) {
    if (auto exists = require(family::executions, filter.execution.raw,
                              ec::execution_not_found);
        !exists)
      return exists.error();
  }
  array += ']';
  return array;
}

expected<std::string> rocksdb_reader::key_document(std::string_view key) {
  const auto place = idempotency_index(key);
  std::string document;
  const auto status
    = database_->db().Get(options_, database_->handle(family::indexes),
                          slice(place), &document);
  if (status.IsNotFound())
    return std::string{};
  if (!status.ok())
    return unreadable(family::indexes, status);
  const auto id = stored_string(document, "execution_id");
  if (!id)
    return id.error();
  const auto execution = execution_id::parse(id.value());
  if (!execution || is_key_stale(execution->raw, timestamp::now()))
    return std::string{};
  return document;
}

expected<unfinished_work> rocksdb_reader::unfinished() {
  unfinished_work result;
  auto executions = marked(index_kind::running_execution, family::executions);
  if (!executions)
    return executions.error();
  result.executions = std::move(executions).value();
  auto sessions = marked(index_kind::live_session, family::sessions);
  if (!sessions)
    return sessions.error();
  result.sessions = std::move(sessions).value();
  auto batches = marked(index_kind::unfinished_batch, family::batches);
  if (!batches)
    return batches.error();
  result.batches = std::move(batches).value();
  for (const auto where : {family::templates, family::sessions,
                           family::executions, family::batches}) {
    auto it = iterate(where);
    it->SeekToLast();
    if (!it->status().ok())
      return unreadable(where, it->status());
    if (it->Valid())
      result.newest = std::max(result.newest, first_id_of(text(it->key())));
  }
  return result;
}

expected<uint32_t> rocksdb_reader::last_event_seq(execution_id id) {
  store_key prefix;
  prefix.add(id.raw);
  store_key last = prefix;
  last.add(UINT32_MAX);
  auto it = iterate(family::events);
  it->SeekForPrev(slice(last.view()));
  if (!it->status().ok())
    return unreadable(family::events, it->status());
  if (!it->Valid() || !begins_with(it->key(), prefix))
    return uint32_t{0};
  return last_number_of(text(it->key())) + count_events(text(it->value())) - 1;
}

rocksdb_reader::iterator_ptr rocksdb_reader::iterate(family where) const {
  return iterator_ptr{
    database_->db().NewIterator(options_, database_->handle(where))};
}

expected<std::optional<std::string>> rocksdb_reader::get(family where,
                                                         const raw_id& id) {
  rocksdb::PinnableSlice value;
  const auto status = database_->db().Get(options_, database_->handle(where),
                                          slice(id.view()), &value);
  if (status.IsNotFound())
    return std::optional<std::string>{};
  if (!status.ok())
    return unreadable(where, id.view(), status);
  return std::optional<std::string>{value.ToString()};
}

expected<std::string> rocksdb_reader::get_or(family where, const raw_id& id,
                                             ec absent) {
  auto value = get(where, id);
  if (!value)
    return value.error();
  if (!value.value())
    return not_there(absent, id);
  return std::move(*value.value());
}

expected<void> rocksdb_reader::require(family where, const raw_id& id,
                                       ec absent) {
  if (const auto value = get_or(where, id, absent); !value)
    return value.error();
  return success();
}

expected<document_page>
rocksdb_reader::newest_documents(family where, const index_filter& filter) {
  store_key newest = filter.prefix;
  newest.add(filter.cursor.nil() ? greatest_id() : filter.cursor);
  document_page page;
  std::vector<raw_id> ids;
  auto it = iterate(family::indexes);
  it->SeekForPrev(slice(newest.view()));
  if (it->Valid() && text(it->key()) == newest.view())
    it->Prev();
  for (; it->Valid() && begins_with(it->key(), filter.prefix); it->Prev()) {
    const auto value = text(it->value());
    if (value.size() != filter.value.size())
      return damaged(family::indexes, text(it->key()),
                     filter.value.size() == 1 ? "has no status"
                                              : "has no status and kind");
    if (!matches(value, filter.value))
      continue;
    if (ids.size() == filter.limit) {
      page.next = ids.back();
      break;
    }
    ids.push_back(last_id_of(text(it->key())));
  }
  if (!it->status().ok())
    return unreadable(family::indexes, it->status());
  page.array.text = "[";
  if (auto done = append_all(where, ids, page.array.text); !done)
    return done.error();
  page.array.text += ']';
  return page;
}

expected<void> rocksdb_reader::append_all(family where,
                                          const std::vector<raw_id>& ids,
                                          std::string& array) {
  std::array<rocksdb::Slice, read_ahead> keys;
  std::array<rocksdb::PinnableSlice, read_ahead> values;
  std::array<rocksdb::Status, read_ahead> statuses;
  for (std::size_t first = 0; first < ids.size(); first += read_ahead) {
    const auto count = std::min(read_ahead, ids.size() - first);
    for (std::size_t i = 0; i < count; ++i) {
      keys[i] = slice(ids[first + i].view());
      values[i].Reset();
    }
    database_->db().MultiGet(options_, database_->handle(where), count,
                             keys.data(), values.data(), statuses.data());
    for (std::size_t i = 0; i < count; ++i) {
      const auto& id = ids[first + i];
      if (statuses[i].IsNotFound())
        return damaged(where, id.view(),
                       "is missing, though an index names it");
      if (!statuses[i].ok())
        return unreadable(where, id.view(), statuses[i]);
      append_document(array, text(values[i]));
    }
  }
  return success();
}

expected<std::vector<stored_document>> rocksdb_reader::marked(index_kind kind,
                                                              family where) {
  store_key prefix;
  prefix.add(kind);
  std::vector<stored_document> result;
  auto it = iterate(family::indexes);
  for (it->Seek(slice(prefix.view()));
       it->Valid() && begins_with(it->key(), prefix); it->Next()) {
    const auto id = last_id_of(text(it->key()));
    auto document = get(where, id);
    if (!document)
      return document.error();
    if (!document.value())
      return damaged(where, id.view(), "is missing, though an index names it");
    result.push_back({id, std::move(*document.value())});
  }
  if (!it->status().ok())
    return unreadable(family::indexes, it->status());
  return result;
}

} // namespace vmsystem
