#pragma once

#include "vmsystem/actors/http_gateway_state.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace vmsystem {

/// An answer that is a stream of server-sent events, with a comment now and
/// then while there is nothing to say. Whoever derives from it says what.
class event_stream : public http_stream {
public:
  event_stream(gateway_state& gateway, http_call call)
    : gateway_{gateway}, call_{call} {}

  /// Sends the header at once, so that the client knows that it is connected;
  /// nothing when something was sent already.
  void greet();

  /// Sends an event of a name of its own.
  void send(std::string_view event, std::string_view data);

  /// Sends events that are rendered already; see `append_event`.
  void send_rendered(std::string_view events);

  /// Ends the stream.
  void finish();

  /// Whether it was not ended yet, by either side.
  [[nodiscard]] bool open() const noexcept {
    return !over_;
  }

  /// Whether the client takes more now; if not, `on_room` is called when it
  /// does.
  [[nodiscard]] bool has_room() {
    return open() && gateway_.has_room(call_);
  }

  void on_tick(http::time_point now) override;
  void on_drain() override;
  void on_failure(const failure& reason) override;
  void on_gone() override;

protected:
  [[nodiscard]] gateway_state& gateway() noexcept {
    return gateway_;
  }

private:
  void begin();

  /// Called once when it was ended, by either side.
  virtual void on_over();

  gateway_state& gateway_;
  http_call call_;
  bool begun_ = false;
  bool over_ = false;
  http::time_point sent_at_;
};

/// Appends an event that has a number and no name of its own.
void append_event(std::string& to, uint32_t number, std::string_view data);

} // namespace vmsystem
