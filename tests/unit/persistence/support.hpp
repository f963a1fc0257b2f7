#pragma once

#include "vmsystem/models/codec.hpp"
#include "vmsystem/persistence/rocksdb_store.hpp"
#include "vmsystem/tests/must.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace vmsystem::test {

/// An id whose text ends in `number`; greater numbers are newer.
inline raw_id id_of(uint8_t number) {
  raw_id result;
  result.bytes[0] = 1;
  result.bytes[15] = number;
  return result;
}

/// The id of an execution that was made so long ago.
inline raw_id made_before(std::chrono::minutes age) {
  auto id = raw_id::generate();
  const auto ms
    = timestamp::now().us / 1000 - std::chrono::milliseconds{age}.count();
  for (std::size_t i = 0; i < 6; ++i)
    id.bytes[i] = static_cast<uint8_t>(ms >> (40 - 8 * i) & 0xff);
  return id;
}

inline change put_template(raw_id id, std::string text) {
  change x;
  x.kind = change_kind::put_template;
  x.id = id;
  x.text = std::move(text);
  return x;
}

inline change remove_template(raw_id id) {
  change x;
  x.kind = change_kind::remove_template;
  x.id = id;
  return x;
}

inline change put_session(raw_id id, session_status status, std::string text) {
  change x;
  x.kind = change_kind::put_session;
  x.id = id;
  x.status = static_cast<uint8_t>(status);
  x.text = std::move(text);
  return x;
}

inline change begin_execution(raw_id id, raw_id session, std::string text) {
  change x;
  x.kind = change_kind::begin_execution;
  x.id = id;
  x.owner = session;
  x.status = static_cast<uint8_t>(execution_status::running);
  x.detail = static_cast<uint8_t>(execution_kind::repl);
  x.text = std::move(text);
  return x;
}

inline change end_execution(raw_id id, raw_id session, std::string text,
                            execution_status status = execution_status::ok,
                            execution_kind kind = execution_kind::repl) {
  change x;
  x.kind = change_kind::end_execution;
  x.id = id;
  x.owner = session;
  x.status = static_cast<uint8_t>(status);
  x.detail = static_cast<uint8_t>(kind);
  x.text = std::move(text);
  return x;
}

inline change append_events(raw_id execution, uint32_t first_seq,
                            std::string text) {
  change x;
  x.kind = change_kind::append_events;
  x.id = execution;
  x.first_seq = first_seq;
  x.text = std::move(text);
  return x;
}

inline change remove_execution(raw_id id, raw_id session) {
  change x;
  x.kind = change_kind::remove_execution;
  x.id = id;
  x.owner = session;
  return x;
}

inline change put_batch(raw_id id, batch_status status, std::string text) {
  change x;
  x.kind = change_kind::put_batch;
  x.id = id;
  x.status = static_cast<uint8_t>(status);
  x.text = std::move(text);
  return x;
}

inline change append_input(raw_id batch, uint32_t first_line,
                           uint32_t first_index, std::string text) {
  change x;
  x.kind = change_kind::append_input;
  x.id = batch;
  x.first_seq = first_line;
  x.first_index = first_index;
  x.text = std::move(text);
  return x;
}

inline change put_key(raw_id execution, const std::string& key) {
  change x;
  x.kind = change_kind::put_key;
  x.id = execution;
  x.text = key + "\n{\"execution_id\":\"" + execution.to_string()
           + "\",\"fingerprint\":\"f\"}";
  return x;
}

/// A change that has a kind and an id only.
inline change remove(change_kind kind, raw_id id) {
  change x;
  x.kind = kind;
  x.id = id;
  return x;
}

/// The record of a job that was running, or is over for a reason.
inline execution job(batch_id of, uint32_t index,
                     end_reason reason = end_reason::ok) {
  execution x;
  x.id = job_execution_id(of, index);
  x.session.raw = id_of(200);
  x.input = "1";
  x.args.text = "{}";
  x.env.text = "{}";
  x.status = status_of(reason);
  x.reason = reason;
  x.started_at.us = 1;
  x.ended_at.us = 2;
  if (reason == end_reason::ok)
    x.result.text = R"({"type":"number","preview":"1","json":1})";
  else
    x.error.text = R"({"message":"no"})";
  x.metrics.wall_us = 1000 + index;
  x.batch = of;
  x.batch_index = index;
  return x;
}

inline change end_job(const execution& x) {
  return end_execution(x.id.raw, x.session.raw, must(to_json(x)).text, x.status,
                       x.kind);
}

/// The job as it was stored while it ran.
inline change begin_job(execution x) {
  x.status = execution_status::running;
  x.result.text.clear();
  x.error.text.clear();
  return begin_execution(x.id.raw, x.session.raw, must(to_json(x)).text);
}

/// Commits changes as one set.
inline expected<void> commit(store& to, std::initializer_list<change> changes,
                             durability how = durability::sync) {
  const change_set set{changes};
  return to.commit({&set}, how);
}

/// An empty store in memory.
inline std::shared_ptr<rocksdb_store> memory_store() {
  rocksdb_config config;
  config.path = "/store";
  config.env = make_memory_env();
  return must(rocksdb_store::open(config));
}

/// Opens a store on the disk.
inline expected<std::shared_ptr<rocksdb_store>>
open_store(const std::string& path) {
  rocksdb_config config;
  config.path = path;
  return rocksdb_store::open(config);
}

} // namespace vmsystem::test
