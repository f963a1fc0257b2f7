#include "vmsystem/benchmarks/workloads/shared.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"

namespace vmsystem::bench {

expected<figures> run_disk(context& run) {
  const auto& commits = disk_commits(run);
  if (!commits)
    return commits.error();
  const auto& results = commits.value();
  return figures{rate_figure("disk", "append 4 KiB, fdatasync", results),
                 latency_figure("disk", "append 4 KiB, fdatasync: p50", results,
                                0.5)};
}

} // namespace vmsystem::bench
