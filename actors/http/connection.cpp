#include "vmsystem/actors/http/connection.hpp"

#include "vmsystem/models/codec.hpp"

#include <algorithm>
#include <utility>

namespace vmsystem::http {

connection::connection(const connection_context& context, uint64_t id,
                       time_point now)
  : context_{&context},
    id_{id},
    reader_{context.limits.request},
    slots_(1),
    waiting_since_{now} {}

void connection::clear_buffer(std::string& buffer) {
  if (buffer.capacity() > kept_buffer_bytes)
    std::string{}.swap(buffer);
  else
    buffer.clear();
}

// -- in -----------------------------------------------------------------------

void connection::receive(std::string_view bytes, time_point now,
                         request_sink& sink) {
  if (!takes_input()) {
    dropped_bytes_ += bytes.size();
    return;
  }
  if (receiving_ != 0)
    waiting_since_ = now;
  if (input_.empty() && may_parse()) {
    // The common case needs no copy.
    parse(bytes, sink);
  }
  if (takes_input())
    input_.append(bytes);
  pump(now, sink);
}

void connection::receive_end(time_point now, request_sink& sink) {
  peer_ended_ = true;
  clear_buffer(input_);
  if (phase_ == phase::open)
    phase_ = phase::last_answers;
  if (takes_input() && receiving_ != 0 && !body_complete_)
    break_body({400, fail(ec::invalid_request,
                          "the connection ended before the body")},
               sink);
  after_pop();
  note_waiting(now);
}

bool connection::takes_input() const noexcept {
  return phase_ == phase::open
         || (phase_ == phase::last_answers && receiving_ != 0);
}

bool connection::may_parse() const noexcept {
  if (calling_ || !takes_input())
    return false;
  const auto& limits = context_->limits;
  if (receiving_ != 0)
    return !body_complete_
           && reader_.piece_bytes() < limits.request.max_piece_bytes;
  return slot_count_ < limits.max_in_flight
         && unsent_bytes() <= limits.max_unsent_bytes;
}

void connection::pump(time_point now, request_sink& sink) {
  while (parse_kept_input(sink) || hand_over_piece(sink) || offer_room(sink)) {}
  if (!takes_input())
    clear_buffer(input_);
  offer_continue();
  note_waiting(now);
}

bool connection::parse_kept_input(request_sink& sink) {
  if (input_.empty() || !may_parse())
    return false;
  std::string_view rest{input_};
  parse(rest, sink);
  const auto taken = input_.size() - rest.size();
  if (rest.empty())
    clear_buffer(input_);
  else
    input_.erase(0, taken);
  return taken > 0;
}

void connection::parse(std::string_view& input, request_sink& sink) {
  while (!input.empty() && may_parse()) {
    switch (reader_.read(input)) {
      case request_reader::outcome::need_more:
        return;
      case request_reader::outcome::failed:
        refuse(reader_.error(), sink);
        return;
      case request_reader::outcome::header:
        if (!choose_body(sink))
          return;
        break;
      case request_reader::outcome::complete:
        if (receiving_ != 0) {
          body_complete_ = true;
        } else {
          take_request(sink);
          reader_.next();
        }
        break;
    }
  }
}

bool connection::choose_body(request_sink& sink) {
  if (sink.takes_pieces(reader_.current())) {
    reader_.take_pieces();
    receiving_ = first_number_ + slot_count_;
    body_complete_ = false;
    piece_wanted_ = false;
    take_request(sink);
    return true;
  }
  if (reader_.take_whole() != request_reader::outcome::failed)
    return true;
  refuse(reader_.error(), sink);
  return false;
}

void connection::take_request(request_sink& sink) {
  const auto x = reader_.current();
  auto& s = push_slot();
  s.http11 = x.http11;
  s.close = !x.keep_alive;
  s.head_only = x.verb == method::head;
  s.request_id = x.request_id;
  if (s.close)
    phase_ = phase::last_answers;
  calling_ = true;
  sink.on_request(*this, first_number_ + slot_count_ - 1, x);
  calling_ = false;
}

void connection::refuse(const read_failure& error, request_sink& sink) {
  if (receiving_ != 0)
    return break_body(error, sink);
  sink.on_malformed(error.status);
  auto& s = push_slot();
  s.close = true;
  phase_ = phase::last_answers;
  const auto body = error_envelope(error.reason);
  response x;
  x.status = error.status;
  x.body = body;
  if (x.status == 503)
    x.headers = retry_after_line;
  append_response(s.rendered, x, frame_of(s));
  s.ready = true;
  after_pop();
}

// -- bodies in pieces ---------------------------------------------------------

void connection::want_piece(uint64_t number, time_point now,
                            request_sink& sink) {
  if (receiving_ != number)
    return;
  piece_wanted_ = true;
  if (!calling_)
    pump(now, sink);
}

bool connection::hand_over_piece(request_sink& sink) {
  const bool there_is_one = reader_.piece_bytes() > 0 || body_complete_;
  if (receiving_ == 0 || !piece_wanted_ || !there_is_one)
    return false;
  piece_wanted_ = false;
  const auto number = receiving_;
  const bool last = body_complete_;
  auto piece = reader_.take_piece();
  if (last)
    stop_receiving();
  calling_ = true;
  sink.on_piece(*this, number, std::move(piece), last);
  calling_ = false;
  return true;
}

void connection::offer_continue() {
  if (!reader_.wants_continue())
    return;
  const bool read_next
    = receiving_ == 0 ? phase_ == phase::open && slot_count_ == 0
                      : piece_wanted_ && slot_count_ == 1 && !slot_at(0).begun;
  if (!read_next)
    return;
  output_ += "HTTP/1.1 100 Continue\r\n\r\n";
  reader_.continue_sent();
}

void connection::break_body(const read_failure& error, request_sink& sink) {
  const auto number = receiving_;
  stop_receiving();
  calling_ = true;
  sink.on_broken_body(*this, number, error);
  calling_ = false;
}

void connection::stop_receiving() {
  if (body_complete_) {
    reader_.next();
  } else {
    slot_at(static_cast<std::size_t>(receiving_ - first_number_)).close = true;
    if (phase_ == phase::open)
      phase_ = phase::last_answers;
  }
  receiving_ = 0;
}

// -- memory -------------------------------------------------------------------

std::size_t connection::buffered_bytes() const noexcept {
  auto result = input_.size() + reader_.piece_bytes() + output_.size();
  for (std::size_t i = 0; i < slot_count_; ++i)
    result += slot_at(i).rendered.size();
  return result;
}

void connection::shed(time_point now, request_sink& sink) {
  const bool takes_whole = takes_input() && receiving_ == 0
                           && reader_.reading() == request_reader::part::body;
  if (!takes_whole || reader_.piece_bytes() <= buffered_bytes() / 2) {
    phase_ = phase::broken;
    return;
  }
  const auto bytes = reader_.piece_bytes();
  reader_ = request_reader{context_->limits.request};
  refuse({503, fail(ec::overloaded, "the server has no memory for the body, of "
                                    "which "
                                      + std::to_string(bytes)
                                      + " bytes have come; try later")},
         sink);
  clear_buffer(input_);
  note_waiting(now);
}

// -- the end ------------------------------------------------------------------

void connection::shutdown_done(time_point now) {
  phase_ = phase::lingering;
  lingering_since_ = now;
  dropped_bytes_ = 0;
  clear_buffer(input_);
}

bool connection::wants_read() const noexcept {
  if (peer_ended_)
    return false;
  return phase_ == phase::lingering || may_parse();
}

bool connection::finished() const noexcept {
  switch (phase_) {
    case phase::broken:
      return true;
    case phase::lingering:
      return peer_ended_ || dropped_bytes_ > context_->limits.max_dropped_bytes;
    case phase::closing:
      return peer_ended_ && sent_ == output_.size();
    default:
      return false;
  }
}

// -- time ---------------------------------------------------------------------

void connection::note_waiting(time_point now) {
  auto next = waiting::nothing;
  if (may_parse()) {
    // Nothing comes before the client was told to go on.
    if (reader_.reading() == request_reader::part::body)
      next = reader_.wants_continue() ? waiting::nothing : waiting::body;
    else if (!input_.empty())
      next = waiting::header;
    else if (slot_count_ == 0)
      next = waiting::request;
  }
  const auto number = first_number_ + slot_count_;
  if (next == waiting_ && number == waiting_number_)
    return;
  waiting_ = next;
  waiting_number_ = number;
  waiting_since_ = now;
}

void connection::tick(time_point now, std::vector<uint64_t>& overdue,
                      request_sink& sink) {
  const auto& limits = context_->limits;
  if (has_unsent_ && now - unsent_since_ >= limits.write_timeout)
    phase_ = phase::broken;
  if (phase_ == phase::lingering
      && now - lingering_since_ >= limits.linger_timeout)
    phase_ = phase::broken;
  const auto waited = now - waiting_since_;
  const auto time_is_up = [](std::string_view what, milliseconds limit) {
    return read_failure{408, fail(ec::invalid_request,
                                  "the " + std::string{what} + " within "
                                    + std::to_string(limit.count()) + " ms")};
  };
  switch (waiting_) {
    case waiting::request:
      if (waited >= limits.idle_timeout) {
        phase_ = phase::last_answers;
        after_pop();
      }
      break;
    case waiting::header:
      if (waited >= limits.header_timeout)
        refuse(time_is_up("header was not complete", limits.header_timeout),
               sink);
      break;
    case waiting::body:
      if (waited >= limits.body_timeout)
        refuse(time_is_up(receiving_ == 0 ? "body was not complete"
                                          : "body did not go on",
                          limits.body_timeout),
               sink);
      break;
    default:
      break;
  }
  pump(now, sink);
  for (std::size_t i = 0; i < slot_count_; ++i)
    if (auto& s = slot_at(i); !s.ready && now >= s.deadline)
      overdue.push_back(first_number_ + i);
}

void connection::list_unanswered(std::vector<uint64_t>& numbers) {
  for (std::size_t i = 0; i < slot_count_; ++i)
    if (!slot_at(i).ready)
      numbers.push_back(first_number_ + i);
}

void connection::drain(time_point now) {
  if (phase_ == phase::open) {
    phase_ = slot_count_ == 0 && sent_ == output_.size() ? phase::broken
                                                         : phase::last_answers;
    if (receiving_ == 0)
      clear_buffer(input_);
    after_pop();
  }
  note_waiting(now);
}

} // namespace vmsystem::http
