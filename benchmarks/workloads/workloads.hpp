#pragma once

#include "vmsystem/benchmarks/harness/context.hpp"
#include "vmsystem/benchmarks/harness/figure.hpp"
#include "vmsystem/models/failure.hpp"

#include <string_view>
#include <vector>

namespace vmsystem::bench {

using figures = std::vector<figure>;

/// Something that is measured, with what bounds it.
struct workload {
  std::string_view name;
  /// One sentence for people.
  std::string_view about;
  expected<figures> (*run)(context&);
};

/// All workloads, in the order in which they run.
[[nodiscard]] const std::vector<workload>& workloads();

// One function for each workload. Errors: whatever did not work, or was not
// answered as it should be.

[[nodiscard]] expected<figures> run_session_memory(context& run);
[[nodiscard]] expected<figures> run_disk(context& run);
[[nodiscard]] expected<figures> run_http_health(context& run);
[[nodiscard]] expected<figures> run_engine_eval(context& run);
[[nodiscard]] expected<figures> run_inproc_repl(context& run);
[[nodiscard]] expected<figures> run_http_repl(context& run);
[[nodiscard]] expected<figures> run_session_create(context& run);
[[nodiscard]] expected<figures> run_events(context& run);

} // namespace vmsystem::bench
