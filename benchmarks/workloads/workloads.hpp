#pragma once

#include "vmsystem/benchmarks/harness/context.hpp"
#include "vmsystem/benchmarks/harness/figure.hpp"
#include "vmsystem/models/enum_names.hpp"
#include "vmsystem/models/failure.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vmsystem {

namespace bench {

/// The part of the system that a workload is about.
enum class group : uint8_t {
  /// The engine alone.
  engine,
  /// The work of each stage, without actors.
  stages,
  /// The disk, and the writer before it.
  writer,
  /// Executions without HTTP.
  pipeline,
  /// The gateway, and executions over HTTP.
  http,
  /// Making and keeping sessions.
  sessions,
  /// Many executions submitted as one thing. benchmarks/peers/ takes its
  /// figure "fresh isolation, sync" in 1/s of the workload "batch-fresh".
  batch,
  /// The actor layer below all that, with our message types.
  actors,
};

/// Something that is measured, with what bounds it.
struct workload {
  std::string_view name;
  group part;
  /// One sentence for people.
  std::string_view about;
  expected<figures> (*run)(context&);
};

/// All workloads, in the order in which they run.
[[nodiscard]] const std::vector<workload>& workloads();

/// The names that choose workloads: those of the groups and of the workloads,
/// in order.
[[nodiscard]] std::vector<std::string> choices();

/// Whether `x` is among the `chosen` names, by its own or by its group's; no
/// name chooses all.
[[nodiscard]] bool is_chosen(const workload& x,
                             const std::vector<std::string>& chosen);

// One function for each workload. Errors: whatever did not work, or was not
// answered as it should be.

[[nodiscard]] expected<figures> run_session_memory(context& run);
[[nodiscard]] expected<figures> run_disk(context& run);
[[nodiscard]] expected<figures> run_writer(context& run);
[[nodiscard]] expected<figures> run_http_health(context& run);
[[nodiscard]] expected<figures> run_engine_eval(context& run);
[[nodiscard]] expected<figures> run_engine_fresh(context& run);
[[nodiscard]] expected<figures> run_stages(context& run);
[[nodiscard]] expected<figures> run_actor_messages(context& run);
[[nodiscard]] expected<figures> run_inproc_repl(context& run);
[[nodiscard]] expected<figures> run_http_repl(context& run);
[[nodiscard]] expected<figures> run_session_create(context& run);
[[nodiscard]] expected<figures> run_batch_fresh(context& run);
[[nodiscard]] expected<figures> run_batch_session(context& run);
[[nodiscard]] expected<figures> run_batch_compute(context& run);
[[nodiscard]] expected<figures> run_events(context& run);

} // namespace bench

template <>
struct enum_names<bench::group> {
  static constexpr std::array<std::string_view, 8> value{"engine", "stages",
                                                         "writer", "pipeline",
                                                         "http",   "sessions",
                                                         "batch",  "actors"};
};

} // namespace vmsystem
