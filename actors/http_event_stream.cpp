#include "vmsystem/actors/http_event_stream.hpp"

#include "vmsystem/actors/http/media_type.hpp"
#include "vmsystem/models/codec.hpp"

#include <chrono>

namespace vmsystem {

using clock = std::chrono::steady_clock;

void append_event(std::string& to, uint32_t number, std::string_view data) {
  to.append("id: ").append(std::to_string(number));
  to.append("\ndata: ").append(data).append("\n\n");
}

void event_stream::begin() {
  if (begun_ || over_)
    return;
  begun_ = true;
  http::response x;
  x.content_type = http::event_stream_type;
  x.headers = "Cache-Control: no-store\r\n";
  gateway_.begin_answer(call_, x);
}

void event_stream::greet() {
  // The header goes out with what is added first.
  if (!begun_)
    send_rendered(": welcome\n\n");
}

void event_stream::send(std::string_view event, std::string_view data) {
  std::string text = "event: ";
  text.append(event).append("\ndata: ").append(data).append("\n\n");
  send_rendered(text);
}

void event_stream::send_rendered(std::string_view events) {
  if (over_)
    return;
  begin();
  sent_at_ = clock::now();
  gateway_.add_to_answer(call_, events);
}

void event_stream::finish() {
  if (over_)
    return;
  begin();
  over_ = true;
  gateway_.end_answer(call_);
  on_over();
}

void event_stream::on_tick(http::time_point now) {
  if (over_ || !begun_ || now - sent_at_ < gateway_.options().heartbeat
      || !gateway_.has_room(call_))
    return;
  send_rendered(": heartbeat\n\n");
}

// The client sees that the end is not that of what it watches, and may ask
// again.
void event_stream::on_drain() {
  finish();
}

void event_stream::on_failure(const failure& reason) {
  if (over_)
    return;
  if (begun_) {
    send("error", error_envelope(reason));
    return finish();
  }
  over_ = true;
  gateway_.refuse(call_, reason);
  on_over();
}

void event_stream::on_gone() {
  if (over_)
    return;
  over_ = true;
  on_over();
}

void event_stream::on_over() {}

} // namespace vmsystem
