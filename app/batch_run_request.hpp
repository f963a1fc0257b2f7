#pragma once

#include "vmsystem/app/batch_tally.hpp"
#include "vmsystem/models/batch.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/json_text.hpp"
#include "vmsystem/models/runtime_options.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace vmsystem {

/// What `batch run` is asked for.
struct batch_run_request {
  /// A file of job lines, or `-`.
  std::string jobs;
  /// The folder of the store.
  std::string store;
  /// The folder with the libraries of templates.
  std::string library_cache;
  /// Whether scripts may run the programs that the template lists.
  bool allow_exec = false;
  durability how = durability::sync;
  /// A template's id, the file of one, or empty.
  std::string vm;
  /// A JSON object of limits that go over those of the template's file.
  json_text limits;
  /// All but the template and what says how results are taken.
  batch_spec spec;
  /// Where results go: a file, `-`, or empty.
  std::string out;
  /// Whether an unfinished batch goes on.
  bool resume = false;
  /// Which one; nil: the newest.
  batch_id resumed;
};

/// How a batch went.
struct batch_outcome {
  /// Its record, as far as it came; its id is nil when it was not even made.
  batch record;
  /// What its results say.
  batch_tally tally;
  /// Why it was left before it was over. It may be resumed.
  std::optional<failure> left;
  /// Whether a signal is the reason.
  bool interrupted = false;
};

} // namespace vmsystem
