#pragma once

#include "vmsystem/benchmarks/harness/load.hpp"
#include "vmsystem/models/failure.hpp"

namespace vmsystem::bench {

/// Evaluates `1+1` by calling the translated engine, many times in one entry
/// of the guest: no limits, no globals, no rendering. What an instance adds to
/// this is its own cost. Errors: those of the engine.
[[nodiscard]] expected<load_result> run_raw_engine(const load_limit& limit);

} // namespace vmsystem::bench
