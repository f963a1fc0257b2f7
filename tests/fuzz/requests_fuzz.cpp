// Bodies of requests: whatever is let in can be written again.

#include "vmsystem/models/codec.hpp"
#include "vmsystem/models/validation.hpp"
#include "vmsystem/tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace vmsystem;

namespace {

/// JSON that was kept as text is JSON.
void require_json(const json_text& kept) {
  fuzz::require(kept.empty() || parse_json(kept.text).has_value(),
                "kept JSON is JSON");
}

void require_json(const expected<execution_request>& read) {
  if (!read)
    return;
  require_json(read.value().args);
  require_json(read.value().env);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string_view body{reinterpret_cast<const char*>(data), size};
  require_json(read_repl_request(body));
  require_json(read_run_file_request(body));
  if (const auto read = from_json<batch_request>(body))
    for (const auto& job : read.value().jobs)
      require_json(job);
  if (const auto read = from_json<capability_spec>(body))
    require_json(read.value().config);
  static_cast<void>(from_json<template_spec>(body));
  static_cast<void>(from_json<startup_file_spec>(body));
  static_cast<void>(from_json<listed_name>(body));
  static_cast<void>(from_json<session_spec>(body));
  static_cast<void>(from_json<template_settings>(body));
  return 0;
}
