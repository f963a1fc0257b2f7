#include "vmsystem/benchmarks/workloads/shared.hpp"

#include "vmsystem/benchmarks/harness/disk_probe.hpp"
#include "vmsystem/models/codec.hpp"

#include <utility>

namespace vmsystem::bench {

const expected<load_results>& disk_commits(context& run) {
  return run.once("disk", [&]() -> expected<load_results> {
    auto folder = run.scratch();
    if (!folder)
      return folder.error();
    return run.repeat([&](const load_limit& limit) {
      return run_disk_probe(folder.value().path(), limit);
    });
  });
}

const std::string& two_as_json() {
  static const std::string text
    = to_json_or(value_payload{value_type::number, "2", {"2"}}, {}).text;
  return text;
}

std::string printing_script(uint32_t lines) {
  return "for (let i = 0; i < " + std::to_string(lines)
         + "; ++i) console.log('line ' + i)";
}

expected<std::unique_ptr<engine::instance>> plain_instance() {
  const auto image = engine::image::build({});
  if (!image)
    return image.error();
  return engine::instance::clone(image.value());
}

figure rate_figure(std::string_view workload, std::string name,
                   const load_results& results) {
  figure x;
  x.workload = workload;
  x.name = std::move(name);
  x.unit = "1/s";
  x.measured = rates_of(results);
  return x;
}

figure latency_figure(std::string_view workload, std::string name,
                      const load_results& results, double q) {
  figure x;
  x.workload = workload;
  x.name = std::move(name);
  x.unit = "ms";
  x.direction = better::lower;
  x.measured = latencies_of(results, q);
  return x;
}

figure processor_figure(std::string_view workload, const std::string& name,
                        const load_results& results) {
  figure x;
  x.workload = workload;
  x.name = name + ": CPU each";
  x.unit = "us";
  x.direction = better::lower;
  x.measured = processor_times_of(results);
  return x;
}

figure cores_figure(std::string_view workload, const std::string& name,
                    const load_results& results, uint32_t threads) {
  figure x;
  x.workload = workload;
  x.name = name + ": busy";
  x.unit = "cores";
  x.measured = busy_cores_of(results);
  x.bounds = {{"threads", static_cast<double>(threads)}};
  return x;
}

std::vector<figure> cost_figures(std::string_view workload,
                                 const std::string& name,
                                 const load_results& results) {
  return {latency_figure(workload, name + ": p50", results, 0.5),
          latency_figure(workload, name + ": p99", results, 0.99),
          processor_figure(workload, name, results)};
}

bound rate_bound(std::string what, const load_results& results, double factor) {
  return {std::move(what), rates_of(results).median() * factor};
}

expected<bound> disk_bound(context& run, uint32_t in_flight) {
  const auto& disk = disk_commits(run);
  if (!disk)
    return disk.error();
  return rate_bound("disk x " + std::to_string(in_flight), disk.value(),
                    in_flight);
}

} // namespace vmsystem::bench
