#include "vmsystem/actors/http/connection.hpp"

#include "vmsystem/models/codec.hpp"

#include <algorithm>
#include <utility>

namespace vmsystem::http {

namespace {

/// A buffer above this gives its memory back when it becomes empty.
constexpr std::size_t kept_buffer_bytes = 64 * 1024;

void clear_buffer(std::string& buffer) {
  if (buffer.capacity() > kept_buffer_bytes)
    std::string{}.swap(buffer);
  else
    buffer.clear();
}

} // namespace

connection::connection(const connection_context& context, uint64_t id,
                       time_point now)
  : context_{&context},
    id_{id},
    reader_{context.limits.request},
    slots_(1),
    waiting_since_{now} {}

// -- in -----------------------------------------------------------------------

void connection::receive(std::string_view bytes, time_point now,
                         request_sink& sink) {
  if (phase_ != phase::open) {
    dropped_bytes_ += bytes.size();
    return;
  }
  if (input_.empty() && may_parse()) {
    // The common case needs no copy.
    parse(bytes, sink);
  }
  if (phase_ == phase::open)
    input_.append(bytes);
  pump(now, sink);
}

void connection::receive_end(time_point now) {
  peer_ended_ = true;
  clear_buffer(input_);
  if (phase_ == phase::open)
    phase_ = phase::last_answers;
  after_pop();
  note_waiting(now);
}

bool connection::may_parse() const noexcept {
  return phase_ == phase::open && !parsing_
         && slot_count_ < context_->limits.max_in_flight
         && output_.size() - sent_ <= context_->limits.max_unsent_bytes;
}

void connection::pump(time_point now, request_sink& sink) {
  if (!input_.empty() && may_parse()) {
    std::string_view rest{input_};
    parse(rest, sink);
    if (rest.empty() || phase_ != phase::open)
      clear_buffer(input_);
    else
      input_.erase(0, input_.size() - rest.size());
  }
  if (phase_ == phase::open && slot_count_ == 0 && reader_.wants_continue()) {
    output_ += "HTTP/1.1 100 Continue\r\n\r\n";
    reader_.continue_sent();
  }
  note_waiting(now);
}

void connection::parse(std::string_view& input, request_sink& sink) {
  while (!input.empty() && may_parse()) {
    const auto outcome = reader_.read(input);
    if (outcome == request_reader::outcome::need_more)
      return;
    if (outcome == request_reader::outcome::failed) {
      refuse(reader_.error());
      return;
    }
    const auto x = reader_.current();
    auto& s = push_slot();
    s.http11 = x.http11;
    s.close = !x.keep_alive;
    s.head_only = x.verb == method::head;
    s.request_id = x.request_id;
    if (s.close)
      phase_ = phase::last_answers;
    parsing_ = true;
    sink.on_request(*this, first_number_ + slot_count_ - 1, x);
    parsing_ = false;
    reader_.next();
  }
}

void connection::refuse(const read_failure& error) {
  auto& s = push_slot();
  s.close = true;
  phase_ = phase::last_answers;
  const auto body = error_envelope(error.reason);
  response x;
  x.status = error.status;
  x.body = body;
  render(s, x, s.rendered);
  s.ready = true;
  after_pop();
}

// -- out ----------------------------------------------------------------------

connection::slot& connection::push_slot() {
  if (slot_count_ == slots_.size()) {
    std::vector<slot> larger(slots_.size() * 2);
    for (std::size_t i = 0; i < slot_count_; ++i)
      larger[i] = std::move(slot_at(i));
    slots_ = std::move(larger);
    first_slot_ = 0;
  }
  auto& s = slot_at(slot_count_++);
  s.ready = false;
  s.close = false;
  s.deadline = time_point::max();
  s.request_id.clear();
  s.rendered.clear();
  return s;
}

void connection::pop_slot() {
  if (slot_at(0).close)
    phase_ = phase::closing;
  if (slot_at(0).rendered.capacity() > kept_buffer_bytes)
    clear_buffer(slot_at(0).rendered);
  first_slot_ = (first_slot_ + 1) & (slots_.size() - 1);
  --slot_count_;
  ++first_number_;
}

void connection::render(const slot& s, const response& x,
                        std::string& out) const {
  response_frame frame;
  frame.request_id = s.request_id;
  frame.date = context_->date;
  frame.head_only = s.head_only;
  frame.close = s.close;
  frame.announce_keep_alive = !s.http11;
  append_response(out, x, frame);
}

void connection::answer(uint64_t number, const response& x, time_point now,
                        request_sink& sink) {
  if (number < first_number_ || number - first_number_ >= slot_count_)
    return;
  const auto index = static_cast<std::size_t>(number - first_number_);
  auto& s = slot_at(index);
  if (s.ready)
    return;
  // Whoever drains while this is the last request wants no further ones.
  s.close
    = s.close || (phase_ == phase::last_answers && index + 1 == slot_count_);
  if (index == 0) {
    render(s, x, output_);
    pop_slot();
    after_pop();
  } else {
    render(s, x, s.rendered);
    s.ready = true;
  }
  if (!parsing_)
    pump(now, sink);
}

void connection::after_pop() {
  while (slot_count_ > 0 && slot_at(0).ready) {
    output_ += slot_at(0).rendered;
    pop_slot();
  }
  if (slot_count_ == 0 && phase_ == phase::last_answers)
    phase_ = phase::closing;
}

void connection::expect_answer(uint64_t number, time_point deadline) {
  if (number < first_number_ || number - first_number_ >= slot_count_)
    return;
  slot_at(static_cast<std::size_t>(number - first_number_)).deadline = deadline;
}

void connection::sent(std::size_t bytes, time_point now, request_sink& sink) {
  sent_ += bytes;
  if (bytes > 0)
    unsent_since_ = now;
  if (sent_ == output_.size()) {
    clear_buffer(output_);
    sent_ = 0;
  } else if (sent_ > kept_buffer_bytes && sent_ > output_.size() / 2) {
    output_.erase(0, sent_);
    sent_ = 0;
  }
  const bool unsent = !output_.empty();
  if (unsent && !has_unsent_)
    unsent_since_ = now;
  has_unsent_ = unsent;
  if (!input_.empty() && !parsing_)
    pump(now, sink);
}

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
  if (phase_ == phase::open && may_parse()) {
    if (reader_.reading() == request_reader::part::body)
      next = waiting::body;
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

void connection::tick(time_point now, std::vector<uint64_t>& overdue) {
  const auto& limits = context_->limits;
  if (has_unsent_ && now - unsent_since_ >= limits.write_timeout)
    phase_ = phase::broken;
  if (phase_ == phase::lingering
      && now - lingering_since_ >= limits.linger_timeout)
    phase_ = phase::broken;
  const auto waited = now - waiting_since_;
  const auto time_is_up = [](std::string_view what, milliseconds limit) {
    return read_failure{408, fail(ec::invalid_request,
                                  "the " + std::string{what}
                                    + " was not complete within "
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
        refuse(time_is_up("header", limits.header_timeout));
      break;
    case waiting::body:
      if (waited >= limits.body_timeout)
        refuse(time_is_up("body", limits.body_timeout));
      break;
    default:
      break;
  }
  note_waiting(now);
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
    clear_buffer(input_);
    after_pop();
  }
  note_waiting(now);
}

} // namespace vmsystem::http
