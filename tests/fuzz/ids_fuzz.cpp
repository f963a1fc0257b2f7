// What stands in targets and header fields: ids, times, cursors, queries.

#include "vmsystem/actors/http/media_type.hpp"
#include "vmsystem/actors/http/uri.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/time.hpp"
#include "vmsystem/persistence/event_chunk.hpp"
#include "vmsystem/tests/fuzz/require.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace vmsystem;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  if (const auto id = raw_id::parse(text))
    fuzz::require(raw_id::parse(id->to_string()) == id, "an id has one text");
  if (const auto time = timestamp::parse(text)) {
    const auto again = timestamp::parse(time->to_string());
    fuzz::require(again && again->us == time->us, "a time has one text");
  }
  if (const auto parts = http::split_target(text)) {
    const auto query = http::query_string::parse(parts.value().query);
    if (query)
      for (const auto* name : {"cursor", "limit", "session_id"})
        static_cast<void>(query.value().find(name));
    static_cast<void>(
      http::percent_decode(parts.value().path, http::plus_sign::itself));
  }
  if (const auto decoded = http::percent_decode(text, http::plus_sign::space))
    fuzz::require(decoded->size() <= text.size(), "decoding makes shorter");
  static_cast<void>(http::is_media_type(text, http::ndjson_type));
  fuzz::require(http::weight_of(text, http::ndjson_type) <= 1000,
                "a weight is at most one");
  // A page of events in two parts is the whole page. A document follows each
  // newline, and is not empty.
  const auto count = count_events(text);
  const auto first = slice_events(text, 0, 1);
  const auto rest = slice_events(text, 1, 0);
  fuzz::require(text.empty() || text.back() == '\n'
                  || first.count + rest.count == count,
                "events are counted once");
  return 0;
}
