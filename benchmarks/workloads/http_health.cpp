#include "vmsystem/benchmarks/harness/constant_server.hpp"
#include "vmsystem/benchmarks/harness/http_load.hpp"
#include "vmsystem/benchmarks/harness/rig.hpp"
#include "vmsystem/benchmarks/workloads/shared.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace vmsystem::bench {

namespace {

constexpr double bar_per_second = 120000;

constexpr std::string_view healthy = R"({"status":"ok"})";

/// What the constant server answers: about as long as the gateway's answer.
std::string constant_answer() {
  return "HTTP/1.1 200 OK\r\n"
         "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
         "X-Request-Id: 00000000-0000-0000-0000-000000000000\r\n"
         "Content-Type: application/json\r\n"
         "Content-Length: "
         + std::to_string(healthy.size()) + "\r\n\r\n" + std::string{healthy};
}

class health_dialogue final : public http_dialogue {
public:
  std::string_view next_request(uint32_t) override {
    return request_;
  }

  expected<void> check(uint32_t, const http_answer& answer) override {
    if (answer.status == 200 && answer.body == healthy)
      return success();
    return fail(ec::internal, "GET /health answered "
                                + std::to_string(answer.status) + " "
                                + std::string{answer.body});
  }

private:
  std::string request_ = http_request("GET", "/api/v1/health");
};

expected<load_results> ask_for_health(const context& run, uint16_t port,
                                      uint32_t clients) {
  health_dialogue dialogue;
  return run.repeat([&](const load_limit& limit) {
    return run_http_load(port, clients, limit, dialogue);
  });
}

const expected<load_results>& constant_answers(context& run, uint32_t clients) {
  return run.once("constant/" + std::to_string(clients),
                  [&]() -> expected<load_results> {
                    auto server = constant_server::start(constant_answer());
                    if (!server)
                      return server.error();
                    return ask_for_health(run, server.value()->port(), clients);
                  });
}

} // namespace

const expected<load_results>& health_requests(context& run, uint32_t clients) {
  return run.once("health/" + std::to_string(clients),
                  [&]() -> expected<load_results> {
                    auto server = rig::start(run);
                    if (!server)
                      return server.error();
                    return ask_for_health(run, server.value()->port(), clients);
                  });
}

expected<figures> run_http_health(context& run) {
  const auto& measured = health_requests(run, busy_lanes);
  if (!measured)
    return measured.error();
  const auto& constant = constant_answers(run, busy_lanes);
  if (!constant)
    return constant.error();
  auto rate = rate_figure("http-health", "64 connections", measured.value());
  rate.bar = bar_per_second;
  rate.bounds = {rate_bound("constant server", constant.value())};
  auto costs = cost_figures("http-health", "64 connections", measured.value());
  const auto floors = cost_figures("http-health", "constant", constant.value());
  figures result{std::move(rate)};
  for (std::size_t i = 0; i < costs.size(); ++i) {
    costs[i].bounds = {{"constant server", floors[i].measured.median()}};
    result.push_back(std::move(costs[i]));
  }
  return result;
}

} // namespace vmsystem::bench
