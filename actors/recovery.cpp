#include "vmsystem/actors/recovery.hpp"

#include "vmsystem/models/codec.hpp"
#include "vmsystem/pipeline/event_log.hpp"
#include "vmsystem/pipeline/finalization.hpp"

#include <unordered_set>
#include <utility>

namespace vmsystem {

namespace {

failure unreadable(std::string_view what, const raw_id& id,
                   const failure& why) {
  return fail(ec::internal, "the stored " + std::string{what} + ' '
                              + id.to_string()
                              + " cannot be read: " + why.message);
}

/// Takes away all that is stored of an execution.
change_set remove(const execution& record) {
  change result;
  result.kind = change_kind::remove_execution;
  result.id = record.id.raw;
  result.owner = record.session.raw;
  return change_set{{std::move(result)}};
}

/// Gives an execution that was running its end.
expected<change_set> interrupt(store_reader& reader, const execution& record) {
  auto last_seq = reader.last_event_seq(record.id);
  if (!last_seq)
    return last_seq.error();
  run_report report;
  report.outcome = failed_outcome(end_reason::interrupted,
                                  "the process that ran the execution ended");
  report.events = event_log{record.id, record.limits, last_seq.value()};
  const auto finished = finalize(record, report);
  return end_changes(finished, report.events.take(), true);
}

/// Closes a session whose heap is gone.
expected<change_set> close(const stored_document& stored) {
  auto record = from_json<session>(stored.text);
  if (!record)
    return unreadable("session", stored.id, record.error());
  auto& x = record.value();
  x.status = session_status::closed;
  x.closed_at = timestamp::now();
  x.last_error = "the process that held the session ended";
  return change_set{{session_change(x)}};
}

/// Commits in groups, so that a store with many leftovers needs no memory for
/// all of them at once.
class committer {
public:
  explicit committer(store& kept) : kept_{kept} {}

  expected<void> add(change_set changes) {
    sets_.push_back(std::move(changes));
    return sets_.size() < 1024 ? expected<void>{success()} : commit();
  }

  expected<void> commit() {
    std::vector<const change_set*> group;
    for (const auto& set : sets_)
      group.push_back(&set);
    if (group.empty())
      return success();
    auto outcome = kept_.commit(group, durability::sync);
    sets_.clear();
    return outcome;
  }

private:
  store& kept_;
  std::vector<change_set> sets_;
};

/// Reads the batches that are not over; those that lack input are interrupted.
expected<void> mend_batches(const std::vector<stored_document>& left,
                            committer& mended, recovered_state& result) {
  for (const auto& stored : left) {
    auto record = from_json<batch>(stored.text);
    if (!record)
      return unreadable("batch", stored.id, record.error());
    auto& x = record.value();
    if (x.status == batch_status::receiving) {
      x.status = batch_status::interrupted;
      x.input_complete = false;
      if (auto outcome = mended.add(change_set{{batch_change(x)}}); !outcome)
        return outcome;
    }
    result.batches.push_back(std::move(x));
  }
  return success();
}

/// Ends the executions that were running, or takes them away.
expected<void> mend_executions(const std::vector<stored_document>& left,
                               store_reader& reader, committer& mended,
                               recovered_state& result) {
  std::unordered_set<batch_id> going_on;
  for (const auto& x : result.batches)
    going_on.insert(x.id);
  for (const auto& stored : left) {
    auto record = from_json<execution>(stored.text);
    if (!record)
      return unreadable("execution", stored.id, record.error());
    const bool runs_again = going_on.count(record.value().batch) != 0;
    auto changes = runs_again ? expected<change_set>{remove(record.value())}
                              : interrupt(reader, record.value());
    if (!changes)
      return changes.error();
    if (auto outcome = mended.add(std::move(changes).value()); !outcome)
      return outcome;
    if (!runs_again)
      ++result.interrupted_executions;
  }
  return success();
}

expected<void> mend_sessions(const std::vector<stored_document>& left,
                             committer& mended, recovered_state& result) {
  for (const auto& stored : left) {
    auto changes = close(stored);
    if (!changes)
      return changes.error();
    if (auto outcome = mended.add(std::move(changes).value()); !outcome)
      return outcome;
    ++result.closed_sessions;
  }
  return success();
}

expected<void> mend(store& kept, store_reader& reader,
                    recovered_state& result) {
  auto left = reader.unfinished();
  if (!left)
    return left.error();
  const auto& work = left.value();
  raw_id::generate_after(work.newest);
  committer mended{kept};
  if (auto outcome = mend_batches(work.batches, mended, result); !outcome)
    return outcome;
  if (auto outcome = mend_executions(work.executions, reader, mended, result);
      !outcome)
    return outcome;
  if (auto outcome = mend_sessions(work.sessions, mended, result); !outcome)
    return outcome;
  return mended.commit();
}

} // namespace

expected<recovered_state> recover(store& kept) {
  recovered_state result;
  const auto reader = kept.read();
  if (auto outcome = mend(kept, *reader, result); !outcome)
    return outcome.error();
  auto documents = reader->template_documents();
  if (!documents)
    return documents.error();
  for (const auto& stored : documents.value()) {
    auto bundle = from_json<template_bundle>(stored.text);
    if (!bundle)
      return unreadable("template", stored.id, bundle.error());
    result.templates.push_back(std::move(bundle).value());
  }
  return result;
}

} // namespace vmsystem
