#pragma once

#include "vmsystem/benchmarks/harness/context.hpp"
#include "vmsystem/benchmarks/harness/figure.hpp"
#include "vmsystem/benchmarks/harness/machine.hpp"

#include <string>

namespace vmsystem::bench {

/// The circumstances of a run, for people: a few lines.
[[nodiscard]] std::string heading(const machine& where,
                                  const bench_options& options);

/// One table of all figures, for people.
[[nodiscard]] std::string table_of(const figures& measured);

/// All that was measured, with each repetition and bound, as a JSON document
/// that `read_baseline` reads.
[[nodiscard]] std::string
json_of(const machine& where, const bench_options& options, const outcome& all);

} // namespace vmsystem::bench
