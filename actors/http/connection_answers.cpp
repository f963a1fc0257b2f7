#include "vmsystem/actors/http/connection.hpp"
#include "vmsystem/models/ids.hpp"

#include <utility>

namespace vmsystem::http {

// -- slots --------------------------------------------------------------------

connection::slot* connection::unanswered(uint64_t number) noexcept {
  if (number < first_number_ || number - first_number_ >= slot_count_)
    return nullptr;
  auto& s = slot_at(static_cast<std::size_t>(number - first_number_));
  return s.ready ? nullptr : &s;
}

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
  s.begun = false;
  s.wants_room = false;
  s.close = false;
  s.deadline = time_point::max();
  s.mark.reset();
  s.request_id.clear();
  s.headers.clear();
  s.rendered.clear();
  return s;
}

void connection::pop_slot() {
  // Behind an answer that ends with the connection nothing can follow.
  const auto count = slot_at(0).close ? slot_count_ : 1;
  if (slot_at(0).close)
    phase_ = phase::closing;
  first_slot_ = (first_slot_ + count) & (slots_.size() - 1);
  slot_count_ -= count;
  first_number_ += count;
}

void connection::after_pop() {
  while (slot_count_ > 0) {
    auto& s = slot_at(0);
    output_ += s.rendered;
    clear_buffer(s.rendered);
    if (!s.ready)
      break;
    pop_slot();
  }
  if (slot_count_ == 0 && phase_ == phase::last_answers)
    phase_ = phase::closing;
}

std::string& connection::out_of(slot& s) noexcept {
  return &s == &slot_at(0) ? output_ : s.rendered;
}

response_frame connection::frame_of(const slot& s) const noexcept {
  response_frame frame;
  frame.request_id = s.request_id;
  frame.date = context_->date;
  frame.headers = s.headers;
  frame.head_only = s.head_only;
  frame.close = s.close;
  frame.announce_keep_alive = !s.http11;
  return frame;
}

// Whoever drains while this is the last request wants no further ones.
void connection::close_behind_last(uint64_t number, slot& s) const noexcept {
  if (phase_ == phase::last_answers
      && number + 1 == first_number_ + slot_count_)
    s.close = true;
}

// -- answers ------------------------------------------------------------------

void connection::add_headers(uint64_t number, std::string_view lines) {
  if (auto* s = unanswered(number))
    s->headers += lines;
}

void connection::answer(uint64_t number, const response& x, time_point now,
                        request_sink& sink) {
  auto* s = unanswered(number);
  if (s == nullptr || s->begun)
    return;
  if (receiving_ == number)
    stop_receiving();
  close_behind_last(number, *s);
  append_response(out_of(*s), x, frame_of(*s));
  finish_answer(*s, now, sink);
}

void connection::begin_answer(uint64_t number, const response& x) {
  auto* s = unanswered(number);
  if (s == nullptr || s->begun)
    return;
  s->begun = true;
  s->chunked = s->http11;
  close_behind_last(number, *s);
  if (!s->chunked) {
    s->close = true;
    if (phase_ == phase::open)
      phase_ = phase::last_answers;
  }
  append_stream_head(out_of(*s), x, frame_of(*s), s->chunked);
}

void connection::add_to_answer(uint64_t number, std::string_view data) {
  auto* s = unanswered(number);
  if (s == nullptr || !s->begun || s->head_only || data.empty())
    return;
  if (s->chunked)
    append_chunk(out_of(*s), data);
  else
    out_of(*s) += data;
}

void connection::end_answer(uint64_t number, time_point now,
                            request_sink& sink) {
  auto* s = unanswered(number);
  if (s == nullptr || !s->begun)
    return;
  if (receiving_ == number)
    stop_receiving();
  if (s->chunked && !s->head_only)
    out_of(*s) += last_chunk;
  finish_answer(*s, now, sink);
}

void connection::finish_answer(slot& s, time_point now, request_sink& sink) {
  s.ready = true;
  after_pop();
  if (!calling_)
    pump(now, sink);
}

void connection::expect_answer(uint64_t number, time_point deadline) {
  if (auto* s = unanswered(number))
    s->deadline = deadline;
}

void connection::mark(uint64_t number, const request_mark& x) {
  if (auto* s = unanswered(number))
    s->mark = x;
}

std::string connection::request_id_of(uint64_t number) {
  auto* s = unanswered(number);
  if (s == nullptr)
    return {};
  if (s->request_id.empty())
    s->request_id = raw_id::generate().to_string();
  return s->request_id;
}

const request_mark* connection::mark_of(uint64_t number) noexcept {
  auto* s = unanswered(number);
  return s != nullptr && !s->begun && s->mark ? &*s->mark : nullptr;
}

// -- room ---------------------------------------------------------------------

bool connection::has_room(uint64_t number) noexcept {
  auto* s = unanswered(number);
  if (s == nullptr)
    return false;
  const bool room = s == &slot_at(0) && has_stream_room();
  s->wants_room = !room;
  return room;
}

bool connection::offer_room(request_sink& sink) {
  if (slot_count_ == 0 || phase_ == phase::broken || !slot_at(0).wants_room
      || !has_stream_room())
    return false;
  slot_at(0).wants_room = false;
  calling_ = true;
  sink.on_room(*this, first_number_);
  calling_ = false;
  return true;
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
  if (!calling_)
    pump(now, sink);
}

} // namespace vmsystem::http
