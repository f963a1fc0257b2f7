#include "vmsystem/pipeline/event_log.hpp"

#include "vmsystem/models/codec.hpp"

#include <utility>

namespace vmsystem {

event_log::event_log(execution_id execution, const limits_config& limits,
                     uint32_t last_seq)
  : execution_{execution},
    max_events_{limits.max_events},
    max_output_{uint64_t{limits.max_output_kb} * 1024},
    last_seq_{last_seq},
    pending_{last_seq + 1, {}} {}

std::optional<end_reason> event_log::append(event_type type,
                                            const json_text& payload) {
  if (last_seq_ >= max_events_)
    return end_reason::event_limit;
  // The echo repeats what the client sent; only what the script makes counts.
  if (type != event_type::input_echo) {
    if (payload.text.size() > output_left())
      return end_reason::output_limit;
    output_bytes_ += payload.text.size();
  }
  render(type, payload);
  return std::nullopt;
}

void event_log::append_always(event_type type, const json_text& payload) {
  render(type, payload);
}

event_chunk event_log::take() {
  return std::exchange(pending_, event_chunk{last_seq_ + 1, {}});
}

void event_log::render(event_type type, const json_text& payload) {
  auto& to = pending_.text;
  if (!to.empty())
    to += ",\n";
  json_writer writer;
  write(writer,
        event{execution_, ++last_seq_, timestamp::now(), type, payload});
  to += writer.view();
}

} // namespace vmsystem
