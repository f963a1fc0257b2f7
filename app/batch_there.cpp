#include "vmsystem/app/batch_there.hpp"

#include "vmsystem/app/batch_progress.hpp"
#include "vmsystem/app/batch_sink.hpp"
#include "vmsystem/app/batch_source.hpp"
#include "vmsystem/app/batch_template_there.hpp"
#include "vmsystem/models/codec.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

namespace vmsystem {

namespace {

/// How often a server is asked how far a batch is.
constexpr std::chrono::milliseconds poll_gap{250};

constexpr uint32_t page_size = 1000;

/// Where a batch is uploaded to.
std::string upload_path(const batch_spec& spec) {
  std::string path
    = "/batches?isolation=" + std::string{name_of(spec.isolation)}
      + "&on_error=" + std::string{name_of(spec.on_error)};
  if (!spec.vm_id.nil())
    path += "&template_id=" + spec.vm_id.to_string();
  if (!spec.session.nil())
    path += "&session_id=" + spec.session.to_string();
  if (!spec.worktree_path.empty())
    path += "&worktree_path=" + encoded(spec.worktree_path);
  if (spec.concurrency != 0)
    path += "&concurrency=" + std::to_string(spec.concurrency);
  return path;
}

answer<batch> read_batch(const answer<json_value>& document) {
  if (!document)
    return document.error();
  auto record = from_json<batch>(document.value().raw());
  if (!record)
    return as_request_error(record.error());
  return std::move(record).value();
}

/// The template that jobs run in: a known one, or that of a file.
answer<template_id> template_of(client& server,
                                const batch_run_request& request) {
  if (const auto id = template_id::parse(request.vm)) {
    if (auto known = server.get("/templates/" + id->to_string()); !known)
      return known.error();
    return *id;
  }
  const auto plan = template_plan_of(request.vm, request.limits);
  if (!plan)
    return as_request_error(plan.error());
  if (auto there = server.get("/health"); !there)
    return there.error();
  templates_there place{server};
  const auto made = make_planned_template(place, plan.value());
  if (!made)
    return as_request_error(made.error());
  return made.value();
}

/// Sends all of a source. A template or session that the server does not know
/// is found out before: a server that refuses an upload in its middle is not
/// always heard.
answer<batch> upload(client& server, batch_source& source,
                     const batch_run_request& request,
                     const std::atomic<bool>& stop) {
  auto spec = request.spec;
  if (spec.session.nil()) {
    auto vm = template_of(server, request);
    if (!vm)
      return vm.error();
    spec.vm_id = vm.value();
  } else if (auto known = server.get("/sessions/" + spec.session.to_string());
             !known) {
    return known.error();
  }
  std::optional<failure> unreadable;
  const auto next = [&]() -> std::optional<std::string> {
    while (!stop) {
      auto piece = source.read();
      if (!piece) {
        unreadable = piece.error();
        return std::nullopt;
      }
      if (piece.value())
        return std::move(piece.value()->text);
    }
    return std::nullopt;
  };
  auto made = server.upload(upload_path(spec), next);
  if (unreadable)
    return as_request_error(*unreadable);
  return read_batch(made);
}

/// The newest batch of a server that is not over, and has all of its input.
answer<batch_id> newest_unfinished(client& server) {
  batch_id newest;
  for (const auto status : {batch_status::running, batch_status::interrupted}) {
    const auto page
      = server.get("/batches?limit=1&status=" + std::string{name_of(status)});
    if (!page)
      return page.error();
    const auto found = list_from_json<batch>(page.value().raw());
    if (!found)
      return as_request_error(found.error());
    for (const auto& x : found.value())
      newest = std::max(newest, x.id);
  }
  if (newest.nil())
    return as_request_error(
      fail(ec::batch_not_found,
           "no batch of this server goes on; see `batch list` for those that "
           "are over, and name one"));
  return newest;
}

/// A batch that was uploaded before.
answer<batch> find_again(client& server, const batch_run_request& request) {
  auto id = request.resumed.nil() ? newest_unfinished(server)
                                  : answer<batch_id>{request.resumed};
  if (!id)
    return id.error();
  return read_batch(server.get("/batches/" + id.value().to_string()));
}

/// Makes a batch of a source.
answer<batch> make_batch(client& server, const batch_run_request& request,
                         const std::atomic<bool>& stop) {
  auto source = batch_source::open(request.jobs);
  if (!source)
    return as_request_error(source.error());
  return upload(server, source.value(), request, stop);
}

/// Waits until a batch is over.
answer<void> follow(client& server, batch_outcome& outcome,
                    const std::atomic<bool>& stop) {
  const auto began = pace_meter::clock::now();
  progress_display progress;
  while (!is_over(outcome.record.status)) {
    if (stop) {
      outcome.interrupted = true;
      outcome.left = fail(ec::internal, "a signal ended the wait for it");
      break;
    }
    std::this_thread::sleep_for(poll_gap);
    auto now
      = read_batch(server.get("/batches/" + outcome.record.id.to_string()));
    if (!now)
      return now.error();
    auto& record = outcome.record;
    record = std::move(now).value();
    const auto well = record.outcomes[static_cast<std::size_t>(end_reason::ok)];
    progress.show({record.done, record.done - well, record.jobs, false});
    outcome.tally.sample(std::chrono::duration_cast<std::chrono::milliseconds>(
                           pace_meter::clock::now() - began),
                         record.done);
  }
  progress.clear();
  return BOOST_OUTCOME_V2_NAMESPACE::success();
}

} // namespace

answer<void>
fetch_results(client& server, const batch_id& id,
              const std::function<expected<void>(const std::string&)>& take) {
  std::string cursor = "0";
  for (;;) {
    auto page
      = server.get("/batches/" + id.to_string() + "/results?cursor="
                   + encoded(cursor) + "&limit=" + std::to_string(page_size));
    if (!page)
      return page.error();
    std::string lines;
    for (const auto& result : page.value().field("results").elements())
      lines += result.raw() + '\n';
    if (auto taken = take(lines); !taken)
      return as_request_error(taken.error());
    const auto next = page.value().field("next_cursor");
    if (!next.present() || lines.empty())
      return BOOST_OUTCOME_V2_NAMESPACE::success();
    cursor = next.text();
  }
}

answer<batch_outcome> run_batch_there(const batch_run_request& request,
                                      const server_address& where,
                                      const std::atomic<bool>& stop) {
  auto sink = batch_sink::open(request.out);
  if (!sink)
    return as_request_error(sink.error());
  client server{where};
  auto made = request.resume ? find_again(server, request)
                             : make_batch(server, request, stop);
  if (!made)
    return made.error();
  batch_outcome outcome;
  outcome.record = std::move(made).value();
  if (auto followed = follow(server, outcome, stop); !followed)
    outcome.left = as_failure(followed.error());
  if (outcome.left)
    return outcome;
  const auto take = [&](const std::string& lines) -> expected<void> {
    if (auto counted = outcome.tally.add(lines); !counted)
      return counted;
    return sink.value().write(lines);
  };
  if (auto fetched = fetch_results(server, outcome.record.id, take); !fetched)
    outcome.left = as_failure(fetched.error());
  return outcome;
}

} // namespace vmsystem
