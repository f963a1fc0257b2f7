#pragma once

#include "process.hpp"

#include <string>

namespace vmsystem::test {

// Faults of the disk under the stores of all daemons of a test program, which
// tests/faults/ has. The variable VM_TEST_FAULTS asks for them: "MODE ONE_IN
// SEED", as tests/faults/store_faults.cpp takes it. What comes of it goes into
// the file that VM_TEST_FAULTS_REPORT names, a line for each thing; those that
// must not be begin with "BAD".

/// Whether there are to be faults.
[[nodiscard]] bool faults_wanted();

/// What a server needs in its environment to have faults in `store`; nothing
/// when there are to be none. Each call chooses other writes.
[[nodiscard]] variables faults_in(const std::string& store);

/// How many faults the servers of this store had.
[[nodiscard]] std::size_t faults_had(const std::string& store);

/// Adds a line to the report.
void report_of_faults(const std::string& line);

/// Reports how a server ended, and what `db check` says of its store then.
/// @param status as of `child_process::wait`.
void examine_after_faults(const std::string& store, std::optional<int> status,
                          const std::string& log);

} // namespace vmsystem::test
