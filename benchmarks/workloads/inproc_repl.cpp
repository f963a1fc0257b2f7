#include "vmsystem/benchmarks/harness/rig.hpp"
#include "vmsystem/benchmarks/workloads/shared.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace vmsystem::bench {

namespace {

constexpr double bar_per_second = 40000;

expected<void> check(const finished_execution& x, session_id asked) {
  const auto& record = x.record;
  if (record.session == asked && record.status == execution_status::ok
      && record.result.text == two_as_json() && record.metrics.events == 2
      && !x.document.empty())
    return success();
  return fail(ec::internal, "1+1 was answered with " + x.document.text);
}

expected<load_results> execute(const context& run, durability how,
                               uint32_t lanes) {
  auto made = rig_with_sessions::make(run, how, lanes);
  if (!made)
    return made.error();
  auto& server = *made.value().server;
  const auto& sessions = made.value().sessions;
  uint64_t of_first = 0;
  const auto execute_one = [&](caf::event_based_actor* self, uint32_t lane,
                               const request_done& done) {
    execution_request request;
    request.session = sessions[lane];
    request.input = "1+1";
    of_first += lane == 0 ? 1 : 0;
    self
      ->request(server.supervisor(), caf::infinite, execute_atom_v,
                std::move(request))
      .then([done, asked = sessions[lane]](
              const finished_execution& x) { done(check(x, asked)); },
            [done](const caf::error& reason) { done(to_failure(reason)); });
  };
  auto results = run.repeat([&](const load_limit& limit) {
    return run_actor_load(server.system(), lanes, limit, execute_one);
  });
  if (!results)
    return results;
  if (auto stored = server.check_stored(sessions.front(), of_first); !stored)
    return stored.error();
  return results;
}

} // namespace

const expected<load_results>& inproc_executions(context& run, durability how,
                                                uint32_t lanes) {
  return run.once("inproc/" + std::string{name_of(how)} + "/"
                    + std::to_string(lanes),
                  [&] { return execute(run, how, lanes); });
}

expected<figures> run_inproc_repl(context& run) {
  figures result;
  for (const auto how : {durability::sync, durability::async}) {
    const auto& measured = inproc_executions(run, how, busy_lanes);
    if (!measured)
      return measured.error();
    const auto& chain = actor_chain(run, busy_lanes);
    if (!chain)
      return chain.error();
    const auto& engine = engine_evaluations(run, run.engine_threads());
    if (!engine)
      return engine.error();
    const auto name = "64 in flight, " + std::string{name_of(how)};
    auto rate = rate_figure("inproc-repl", name, measured.value());
    rate.bounds = {rate_bound("actors alone", chain.value()),
                   rate_bound("engine alone", engine.value())};
    if (how == durability::sync) {
      rate.bar = bar_per_second;
      auto disk = disk_bound(run, busy_lanes);
      if (!disk)
        return disk.error();
      rate.bounds.push_back(disk.value());
    }
    result.push_back(std::move(rate));
    for (auto& row : cost_figures("inproc-repl", name, measured.value()))
      result.push_back(std::move(row));
  }
  return result;
}

} // namespace vmsystem::bench
