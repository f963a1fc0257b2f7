#include "vmsystem/app/batch_there.hpp"

#include "vmsystem/app/batch_progress.hpp"
#include "vmsystem/app/batch_sink.hpp"
#include "vmsystem/app/batch_source.hpp"
#include "vmsystem/models/codec.hpp"

#include <chrono>
#include <optional>
#include <thread>
#include <utility>

namespace vmsystem {

namespace {

/// How often a server is asked how far a batch is.
constexpr std::chrono::milliseconds poll_gap{250};

constexpr uint32_t page_size = 1000;

request_error as_request_error(const failure& why) {
  return {std::string{to_string_view(why.code)}, why.message, {}};
}

failure as_failure(const request_error& why) {
  return fail(error_code_of(why.code), why.message);
}

/// Where a batch is uploaded to.
std::string upload_path(const batch_run_request& request) {
  const auto& spec = request.spec;
  std::string path
    = "/batches?isolation=" + std::string{name_of(spec.isolation)}
      + "&on_error=" + std::string{name_of(spec.on_error)};
  if (!request.vm.empty())
    path += "&template_id=" + encoded(request.vm);
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

/// Sends all of a source. A template or session that the server does not know
/// is found out before: a server that refuses an upload in its middle is not
/// always heard.
answer<batch> upload(client& server, batch_source& source,
                     const batch_run_request& request,
                     const std::atomic<bool>& stop) {
  if (!request.vm.empty())
    if (auto known = server.get("/templates/" + encoded(request.vm)); !known)
      return known.error();
  if (!request.spec.session.nil())
    if (auto known
        = server.get("/sessions/" + request.spec.session.to_string());
        !known)
      return known.error();
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
  auto made = server.upload(upload_path(request), next);
  if (unreadable)
    return as_request_error(*unreadable);
  return read_batch(made);
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
                                      const std::string& server_url,
                                      const std::atomic<bool>& stop) {
  auto source = batch_source::open(request.jobs);
  if (!source)
    return as_request_error(source.error());
  auto sink = batch_sink::open(request.out);
  if (!sink)
    return as_request_error(sink.error());
  client server{server_url};
  auto made = upload(server, source.value(), request, stop);
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
