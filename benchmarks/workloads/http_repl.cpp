#include "vmsystem/benchmarks/harness/http_load.hpp"
#include "vmsystem/benchmarks/harness/rig.hpp"
#include "vmsystem/benchmarks/workloads/shared.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace vmsystem::bench {

namespace {

constexpr double bar_per_second = 25000;
constexpr double bar_p50_ms = 0.8;

/// Each client executes `1+1` in a session of its own.
class repl_dialogue final : public http_dialogue {
public:
  explicit repl_dialogue(const std::vector<session_id>& sessions) {
    for (const auto& id : sessions) {
      const auto field = R"("session_id":")" + id.to_string() + '"';
      clients_.push_back({http_request("POST", "/api/v1/executions/repl",
                                       "{" + field + R"(,"input":"1+1"})"),
                          field, 0});
    }
  }

  std::string_view next_request(uint32_t index) override {
    return clients_[index].request;
  }

  expected<void> check(uint32_t index, const http_answer& answer) override {
    auto& self = clients_[index];
    ++self.answers;
    const auto has = [&](std::string_view text) {
      return answer.body.find(text) != std::string_view::npos;
    };
    if (answer.status == 201 && has(self.session) && has(result_)
        && has(R"("status":"ok")") && has(R"("end_reason":"ok")"))
      return success();
    return fail(ec::internal, "1+1 was answered with "
                                + std::to_string(answer.status) + " "
                                + std::string{answer.body});
  }

  /// Answers that client `index` got.
  [[nodiscard]] uint64_t answers(std::size_t index) const {
    return clients_[index].answers;
  }

private:
  struct client {
    std::string request;
    /// The field that names its session.
    std::string session;
    uint64_t answers = 0;
  };

  std::vector<client> clients_;
  std::string result_ = "\"result\":" + two_as_json();
};

expected<load_results> execute(const context& run, durability how,
                               uint32_t clients) {
  auto made = rig_with_sessions::make(run, how, clients);
  if (!made)
    return made.error();
  auto& server = *made.value().server;
  const auto& sessions = made.value().sessions;
  repl_dialogue dialogue{sessions};
  auto results = run.repeat([&](const load_limit& limit) {
    return run_http_load(server.port(), clients, limit, dialogue);
  });
  if (!results)
    return results;
  if (auto stored = server.check_stored(sessions.front(), dialogue.answers(0));
      !stored)
    return stored.error();
  return results;
}

/// Many connections: bound by what is the slower one, the gateway or the
/// pipeline behind it.
expected<figures> run_busy(context& run, durability how) {
  const auto measured = execute(run, how, busy_lanes);
  if (!measured)
    return measured.error();
  const auto& health = health_requests(run, busy_lanes);
  if (!health)
    return health.error();
  const auto& inproc = inproc_executions(run, how, busy_lanes);
  if (!inproc)
    return inproc.error();
  const auto name = "64 connections, " + std::string{name_of(how)};
  auto rate = rate_figure("http-repl", name, measured.value());
  rate.bounds = {rate_bound("inproc-repl", inproc.value()),
                 rate_bound("http-health", health.value())};
  if (how == durability::sync) {
    rate.bar = bar_per_second;
    auto disk = disk_bound(run, busy_lanes);
    if (!disk)
      return disk.error();
    rate.bounds.push_back(disk.value());
  }
  auto result = cost_figures("http-repl", name, measured.value());
  result.insert(result.begin(), std::move(rate));
  return result;
}

/// One connection: nothing happens at the same time, so that the times of the
/// parts add up.
expected<figures> run_alone(context& run, durability how) {
  const auto measured = execute(run, how, 1);
  if (!measured)
    return measured.error();
  const auto& health = health_requests(run, 1);
  if (!health)
    return health.error();
  const auto& chain = actor_chain(run, 1);
  if (!chain)
    return chain.error();
  const auto name = "1 connection, " + std::string{name_of(how)};
  auto p50 = latency_figure("http-repl", name + ": p50", measured.value(), 0.5);
  bound floor{"http-health + actors",
              latencies_of(health.value(), 0.5).median()
                + latencies_of(chain.value(), 0.5).median()};
  if (how == durability::sync) {
    p50.bar = bar_p50_ms;
    const auto& disk = disk_commits(run);
    if (!disk)
      return disk.error();
    floor.what += " + disk";
    floor.value += latencies_of(disk.value(), 0.5).median();
  }
  p50.bounds = {std::move(floor)};
  return figures{std::move(p50), latency_figure("http-repl", name + ": p99",
                                                measured.value(), 0.99)};
}

} // namespace

expected<figures> run_http_repl(context& run) {
  figures result;
  for (const auto measure : {run_busy, run_alone})
    for (const auto how : {durability::sync, durability::async}) {
      auto rows = measure(run, how);
      if (!rows)
        return rows.error();
      for (auto& row : rows.value())
        result.push_back(std::move(row));
    }
  return result;
}

} // namespace vmsystem::bench
