#include "vmsystem/benchmarks/harness/http_load.hpp"
#include "vmsystem/benchmarks/harness/rig.hpp"
#include "vmsystem/benchmarks/workloads/shared.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"
#include "vmsystem/engine/instance.hpp"
#include "vmsystem/engine/thread.hpp"
#include "vmsystem/models/codec.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace vmsystem::bench {

namespace {

constexpr double inproc_bar_per_second = 5000;
constexpr double http_bar_per_second = 3000;

/// What a library in the image may leave of the rate.
constexpr double library_share = 0.9;

constexpr uint32_t http_clients = 16;

/// Sessions that are made in a repetition, and closed after its time.
constexpr uint32_t sessions_per_repetition = 4000;
constexpr uint32_t quick_sessions = 100;

/// Clients that create sessions, and close them if they are told to.
class session_dialogue final : public http_dialogue {
public:
  session_dialogue(const session_spec& spec, uint32_t clients, bool closing)
    : clients_(clients), closing_{closing} {
    json_writer body;
    body.begin_object();
    for (const auto& [name, value] :
         {std::pair{"template_id", spec.vm_id.to_string()},
          std::pair{"workspace_id", spec.workspace_id},
          std::pair{"base_commit_oid", spec.base_commit_oid},
          std::pair{"worktree_path", spec.worktree_path}}) {
      body.key(name);
      body.value(std::string_view{value});
    }
    body.end_object();
    create_ = http_request("POST", "/api/v1/sessions", body.view());
  }

  std::string_view next_request(uint32_t index) override {
    auto& self = clients_[index];
    if (!closing_ || self.open.nil())
      return create_;
    self.close = http_request("POST", "/api/v1/sessions/"
                                        + self.open.to_string() + "/close");
    return self.close;
  }

  expected<void> check(uint32_t index, const http_answer& answer) override {
    auto& self = clients_[index];
    const bool was_close = closing_ && !self.open.nil();
    auto read = from_json<session>(answer.body);
    const auto status
      = was_close ? session_status::closed : session_status::ready;
    if (answer.status != (was_close ? 200u : 201u) || !read
        || read.value().status != status
        || (was_close && read.value().id != self.open))
      return fail(ec::internal, "a session was answered with "
                                  + std::to_string(answer.status) + " "
                                  + std::string{answer.body});
    if (was_close) {
      self.open = {};
      ++closed_;
      return success();
    }
    if (closing_)
      self.open = read.value().id;
    else
      made_.push_back(read.value().id);
    return success();
  }

  /// The sessions that are open since the last call of this.
  [[nodiscard]] std::vector<session_id> take_open() {
    auto result = std::exchange(made_, {});
    for (auto& x : clients_)
      if (!x.open.nil())
        result.push_back(std::exchange(x.open, {}));
    return result;
  }

  /// Sessions that were closed since the last call of this.
  [[nodiscard]] uint64_t take_closed() {
    return std::exchange(closed_, 0);
  }

private:
  struct client {
    /// The session to close next.
    session_id open;
    std::string close;
  };

  std::vector<client> clients_;
  bool closing_;
  std::string create_;
  std::vector<session_id> made_;
  uint64_t closed_ = 0;
};

/// Clones alone, one after the other, all alive at the same time.
expected<load_results> clone_only(const context& run) {
  const auto guard = engine::thread_guard::make();
  if (!guard)
    return guard.error();
  const auto image = engine::image::build({});
  if (!image)
    return image.error();
  const auto count = run.scaled(sessions_per_repetition, quick_sessions);
  return run.repeat(count,
                    [&](const load_limit& limit) -> expected<load_result> {
                      std::vector<std::unique_ptr<engine::instance>> made;
                      load_result result;
                      load_budget budget{limit};
                      while (budget.take(clock::now())) {
                        auto instance = engine::instance::clone(image.value());
                        if (!instance)
                          return instance.error();
                        made.push_back(std::move(instance).value());
                        ++result.answers;
                      }
                      result.elapsed = clock::now() - budget.start();
                      return result;
                    });
}

expected<load_result> create_inproc(rig& server, template_id id,
                                    const load_limit& limit) {
  std::vector<session_id> made;
  const auto create
    = [&](caf::event_based_actor* self, uint32_t, const request_done& done) {
        self
          ->request(server.supervisor(), caf::infinite, create_atom_v,
                    server.spec_of(id))
          .then(
            [&made, done](const session& x) {
              made.push_back(x.id);
              done(x.status == session_status::ready
                     ? expected<void>{success()}
                     : fail(ec::internal, "a new session is not ready"));
            },
            [done](const caf::error& reason) { done(to_failure(reason)); });
      };
  auto result = run_actor_load(server.system(), busy_lanes, limit, create);
  if (!result)
    return result;
  if (auto closed = server.close_sessions(made); !closed)
    return closed.error();
  return result;
}

expected<load_result> create_over_http(rig& server, template_id id,
                                       bool closing, const load_limit& limit) {
  session_dialogue dialogue{server.spec_of(id), http_clients, closing};
  auto result = run_http_load(server.port(), http_clients, limit, dialogue);
  if (!result)
    return result;
  if (closing)
    result.value().answers = dialogue.take_closed();
  if (auto closed = server.close_sessions(dialogue.take_open()); !closed)
    return closed.error();
  return result;
}

void add_to(load_result& sum, const load_result& x) {
  sum.answers += x.answers;
  sum.elapsed += x.elapsed;
  sum.processor += x.processor;
}

/// Creates sessions of two templates in many short turns, of which each of the
/// two has the first one every other time: what else the machine does, and what
/// the store has to do, meets both.
expected<std::pair<load_result, load_result>>
create_in_turns(rig& server, std::pair<template_id, template_id> ids,
                const load_limit& limit) {
  constexpr uint64_t turns = 20;
  std::pair<load_result, load_result> result;
  auto part = limit;
  part.duration /= turns;
  part.requests = std::max<uint64_t>(limit.requests / turns, 1);
  const auto create = [&](bool second) -> expected<void> {
    auto made = create_inproc(server, second ? ids.second : ids.first, part);
    if (!made)
      return made.error();
    add_to(second ? result.second : result.first, made.value());
    return success();
  };
  for (uint64_t turn = 0; turn < turns; ++turn)
    for (const bool second : {turn % 2 == 1, turn % 2 == 0})
      if (auto outcome = create(second); !outcome)
        return outcome.error();
  return result;
}

/// Creation in process, without a library and with one.
struct with_and_without {
  std::string library;
  load_results bare;
  load_results with;
};

expected<with_and_without> compare_library(const context& run) {
  auto server = rig::start(run);
  if (!server)
    return server.error();
  auto& rig = *server.value();
  const auto plain = rig.make_template();
  if (!plain)
    return plain.error();
  const auto id = rig.make_template();
  if (!id)
    return id.error();
  auto library = rig.add_large_library(id.value());
  if (!library)
    return library.error();
  with_and_without result;
  result.library = std::move(library).value();
  load_results with;
  auto bare = run.repeat(
    run.scaled(sessions_per_repetition, quick_sessions),
    [&](const load_limit& limit) -> expected<load_result> {
      auto both = create_in_turns(rig, {plain.value(), id.value()}, limit);
      if (!both)
        return both.error();
      with.push_back(both.value().second);
      return both.value().first;
    });
  if (!bare)
    return bare.error();
  result.bare = std::move(bare).value();
  // Without the warm-up.
  with.erase(with.begin(),
             with.end() - static_cast<std::ptrdiff_t>(result.bare.size()));
  result.with = std::move(with);
  return result;
}

/// A server with a template, and what is measured on it.
expected<load_results> on_server(
  const context& run,
  const std::function<expected<load_results>(rig&, template_id)>& measure) {
  auto server = rig::start(run);
  if (!server)
    return server.error();
  auto id = server.value()->make_template();
  if (!id)
    return id.error();
  return measure(*server.value(), id.value());
}

} // namespace

expected<figures> run_session_create(context& run) {
  const auto count = run.scaled(sessions_per_repetition, quick_sessions);
  const auto clones = clone_only(run);
  if (!clones)
    return clones.error();
  const auto inproc = on_server(run, [&](rig& server, template_id id) {
    return run.repeat(count, [&](const load_limit& limit) {
      return create_inproc(server, id, limit);
    });
  });
  if (!inproc)
    return inproc.error();
  const auto http = on_server(run, [&](rig& server, template_id id) {
    return run.repeat(count, [&](const load_limit& limit) {
      return create_over_http(server, id, false, limit);
    });
  });
  if (!http)
    return http.error();
  const auto closing = on_server(run, [&](rig& server, template_id id) {
    return run.repeat(2 * uint64_t{count}, [&](const load_limit& limit) {
      return create_over_http(server, id, true, limit);
    });
  });
  if (!closing)
    return closing.error();
  const auto library = compare_library(run);
  if (!library)
    return library.error();
  const auto inproc_disk = disk_bound(run, busy_lanes);
  if (!inproc_disk)
    return inproc_disk.error();
  const auto http_disk = disk_bound(run, http_clients);
  if (!http_disk)
    return http_disk.error();

  const auto clone_bound = rate_bound("clone alone", clones.value());
  auto inproc_row
    = rate_figure("session-create", "in process, 64 in flight", inproc.value());
  inproc_row.bar = inproc_bar_per_second;
  inproc_row.bounds = {clone_bound, inproc_disk.value()};
  auto http_row
    = rate_figure("session-create", "HTTP, 16 connections", http.value());
  http_row.bar = http_bar_per_second;
  http_row.bounds = {clone_bound, http_disk.value(),
                     rate_bound("in process", inproc.value())};
  auto closing_row
    = rate_figure("session-create", "HTTP, 16 connections, create + close",
                  closing.value());
  closing_row.bounds
    = {{"half of create alone", http_row.measured.median() / 2}};
  figures result;
  const auto add = [&](figure&& rate, const load_results& results) {
    auto processor = processor_figure("session-create", rate.name, results);
    result.push_back(std::move(rate));
    result.push_back(std::move(processor));
  };
  add(std::move(inproc_row), inproc.value());
  add(std::move(http_row), http.value());
  add(std::move(closing_row), closing.value());
  const auto bare_bound = rate_bound("without it", library.value().bare);
  auto library_row = rate_figure("session-create",
                                 "in process, with " + library.value().library,
                                 library.value().with);
  library_row.bar = library_share * bare_bound.value;
  library_row.bounds = {bare_bound};
  add(std::move(library_row), library.value().with);
  result.back().bounds
    = {{"without it", processor_times_of(library.value().bare).median()}};
  return result;
}

} // namespace vmsystem::bench
