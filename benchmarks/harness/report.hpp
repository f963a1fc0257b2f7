#pragma once

#include "vmsystem/benchmarks/harness/context.hpp"
#include "vmsystem/benchmarks/harness/figure.hpp"

#include <string>
#include <vector>

namespace vmsystem::bench {

/// The circumstances of a run, for people: a few lines.
[[nodiscard]] std::string heading(const bench_options& options);

/// One table of all figures, for people.
[[nodiscard]] std::string table_of(const std::vector<figure>& figures);

/// All that was measured, with each repetition and bound, as a JSON document.
[[nodiscard]] std::string json_of(const bench_options& options,
                                  const std::vector<figure>& figures);

} // namespace vmsystem::bench
