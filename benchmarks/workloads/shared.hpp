#pragma once

#include "vmsystem/benchmarks/harness/context.hpp"
#include "vmsystem/benchmarks/harness/figure.hpp"
#include "vmsystem/engine/instance.hpp"
#include "vmsystem/models/change.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/runtime_options.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem::bench {

// Measurements that are one workload's figure and another one's bound. Each is
// made once in a run. Errors: whatever did not work.

/// Sessions, and requests in flight, of all workloads that keep the machine
/// busy.
inline constexpr uint32_t busy_lanes = 64;

/// Commits of the disk that the stores are on.
[[nodiscard]] const expected<load_results>& disk_commits(context& run);

/// GET /health on so many connections.
[[nodiscard]] const expected<load_results>& health_requests(context& run,
                                                            uint32_t clients);

/// `1+1` through instances of the engine alone, with so many threads.
[[nodiscard]] const expected<load_results>&
engine_evaluations(context& run, uint32_t threads);

/// The job of harness/bench_job.hpp in a pristine instance each time, by the
/// engine alone, with so many threads.
[[nodiscard]] const expected<load_results>& fresh_jobs(context& run,
                                                       uint32_t threads);

/// The same, in instances of an image that has the compiled job.
[[nodiscard]] const expected<load_results>& prepared_jobs(context& run,
                                                          uint32_t threads);

/// `1+1` through the pipeline without HTTP, on as many sessions as lanes.
[[nodiscard]] const expected<load_results>&
inproc_executions(context& run, durability how, uint32_t lanes);

/// Messages on the way of an execution through the pipeline, by actors that do
/// nothing else.
[[nodiscard]] const expected<load_results>& actor_chain(context& run,
                                                        uint32_t lanes);

/// Executions that printed so many lines (0: `1+1`), through the writer on a
/// store of its own; measured anew at each call.
[[nodiscard]] expected<load_results>
writer_commits(const context& run, uint32_t lines, uint32_t lanes);

/// What such an execution hands to the writer.
[[nodiscard]] change_set prepared_changes(uint32_t lines);

/// A script that prints so many lines.
[[nodiscard]] std::string printing_script(uint32_t lines);

/// What `1+1` results in, as JSON.
[[nodiscard]] const std::string& two_as_json();

/// An instance of its own of the engine as it is, without libraries or host
/// functions. Errors: those of making one.
[[nodiscard]] expected<std::unique_ptr<engine::instance>> plain_instance();

/// A row about the rate of `results`, in 1/s.
[[nodiscard]] figure rate_figure(std::string_view workload, std::string name,
                                 const load_results& results);

/// A row about a quantile of the latency of `results`, in ms.
[[nodiscard]] figure latency_figure(std::string_view workload, std::string name,
                                    const load_results& results, double q);

/// A row about the processor time of the whole process for each answer, in us,
/// load generator included.
[[nodiscard]] figure processor_figure(std::string_view workload,
                                      const std::string& name,
                                      const load_results& results);

/// A row about how many processors were busy, beside the `threads` that had
/// work.
[[nodiscard]] figure
cores_figure(std::string_view workload, const std::string& name,
             const load_results& results, uint32_t threads);

/// Rows about what an answer takes: p50 and p99 of its latency in ms, and the
/// processor time of the whole process in us, load generator included.
[[nodiscard]] std::vector<figure> cost_figures(std::string_view workload,
                                               const std::string& name,
                                               const load_results& results);

/// A bound that is the median rate of `results`, times `factor`.
[[nodiscard]] bound rate_bound(std::string what, const load_results& results,
                               double factor = 1);

/// The bound that the disk sets to executions of which so many are in flight:
/// a commit makes at most all of them durable. Errors: those of the disk.
[[nodiscard]] expected<bound> disk_bound(context& run, uint32_t in_flight);

} // namespace vmsystem::bench
