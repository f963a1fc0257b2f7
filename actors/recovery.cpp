#include "vmsystem/actors/recovery.hpp"

#include "vmsystem/models/codec.hpp"
#include "vmsystem/pipeline/event_log.hpp"
#include "vmsystem/pipeline/finalization.hpp"

#include <utility>

namespace vmsystem {

namespace {

failure unreadable(std::string_view what, const raw_id& id,
                   const failure& why) {
  return fail(ec::internal, "the stored " + std::string{what} + ' '
                              + id.to_string()
                              + " cannot be read: " + why.message);
}

/// Gives an execution that was running its end.
expected<change_set> interrupt(store_reader& reader,
                               const stored_document& stored) {
  auto record = from_json<execution>(stored.text);
  if (!record)
    return unreadable("execution", stored.id, record.error());
  auto last_seq = reader.last_event_seq(record.value().id);
  if (!last_seq)
    return last_seq.error();
  run_report report;
  report.outcome = failed_outcome(end_reason::interrupted,
                                  "the process that ran the execution ended");
  report.events
    = event_log{record.value().id, record.value().limits, last_seq.value()};
  const auto finished = finalize(record.value(), report);
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

expected<void> mend(store& kept, store_reader& reader,
                    recovered_state& result) {
  auto left = reader.unfinished();
  if (!left)
    return left.error();
  raw_id::generate_after(left.value().newest);
  committer mended{kept};
  for (const auto& stored : left.value().executions) {
    auto changes = interrupt(reader, stored);
    if (!changes)
      return changes.error();
    if (auto outcome = mended.add(std::move(changes).value()); !outcome)
      return outcome;
    ++result.interrupted_executions;
  }
  for (const auto& stored : left.value().sessions) {
    auto changes = close(stored);
    if (!changes)
      return changes.error();
    if (auto outcome = mended.add(std::move(changes).value()); !outcome)
      return outcome;
    ++result.closed_sessions;
  }
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
