#pragma once

#include "vmsystem/benchmarks/harness/load.hpp"
#include "vmsystem/models/failure.hpp"

#include <filesystem>

namespace vmsystem::bench {

/// Appends 4 KiB to a new file in `folder` and waits for fdatasync, again and
/// again: the disk's commits per second, each counted as an answer. Errors:
/// internal.
[[nodiscard]] expected<load_result>
run_disk_probe(const std::filesystem::path& folder, const load_limit& limit);

} // namespace vmsystem::bench
