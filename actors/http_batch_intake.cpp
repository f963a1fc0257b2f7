#include "vmsystem/actors/http_batch_intake.hpp"

#include "vmsystem/actors/http/media_type.hpp"
#include "vmsystem/actors/http_batch_lookup.hpp"
#include "vmsystem/models/codec.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace vmsystem {

namespace {

/// What a batch has of a token's executions that does not say how many of its
/// jobs are queued or running at a time.
constexpr uint32_t default_share = 1024;

uint32_t wanted_share(const batch_spec& spec) {
  // The jobs of a batch in a session run one behind the other.
  if (!spec.session.nil())
    return 1;
  return spec.concurrency == 0 ? default_share : spec.concurrency;
}

} // namespace

batch_intake::batch_intake(gateway_state& gateway, const http_exchange& x,
                           const batch_spec& spec)
  : gateway_{gateway},
    call_{x.call},
    attached_{spec.attached},
    account_{x.account} {}

void batch_intake::from_body(gateway_state& gateway, const http_exchange& x,
                             const batch_spec& spec) {
  const auto self = std::make_shared<batch_intake>(gateway, x, spec);
  gateway.attach(x.call, self);
  self->create(spec);
}

void batch_intake::from_text(gateway_state& gateway, const http_exchange& x,
                             const batch_spec& spec, std::string lines) {
  const auto self = std::make_shared<batch_intake>(gateway, x, spec);
  self->text_ = std::move(lines);
  self->has_text_ = true;
  self->input_ended_ = true;
  gateway.attach(x.call, self);
  self->create(spec);
}

void batch_intake::create(const batch_spec& spec) {
  gateway_.accounts().take(
    account_, token_resource::executions, wanted_share(spec),
    [self = shared_from_this(), spec](const expected<token_grant>& granted) {
      if (granted)
        self->create(spec, granted.value());
      else
        self->on_failure(granted.error());
    });
}

void batch_intake::create(batch_spec spec, const token_grant& granted) {
  if (over_)
    return;
  share_ = granted.share;
  if (share_ != nullptr && spec.session.nil())
    spec.concurrency = granted.count;
  const auto self = shared_from_this();
  gateway_.send(
    gateway_.options().execution_timeout, gateway_.supervisor(),
    [self](const batch& x) { self->created(x); },
    [self](const failure& reason) { self->on_failure(reason); }, create_atom_v,
    std::move(spec));
}

void batch_intake::created(const batch& x) {
  id_ = x.id;
  if (share_ != nullptr)
    account_->batches.emplace(id_, std::exchange(share_, nullptr));
  if (over_)
    leave_batch();
  if (!over_ || released_)
    want_input();
  if (attached_)
    take_results();
}

// -- in -----------------------------------------------------------------------

void batch_intake::want_input() {
  if (!has_text_)
    return gateway_.want_piece(call_);
  const auto size = std::min(max_batch_input, text_.size() - next_);
  auto piece = text_.substr(next_, size);
  next_ += size;
  add(std::move(piece), next_ == text_.size());
}

void batch_intake::on_piece(std::string piece, bool last) {
  input_ended_ = last;
  add(std::move(piece), last);
}

void batch_intake::add(std::string text, bool last) {
  const auto self = shared_from_this();
  gateway_.send(
    gateway_.options().execution_timeout, gateway_.supervisor(),
    [self, last](const batch& x) { self->added(x, last); },
    [self](const failure& reason) { self->not_added(reason); }, add_atom_v, id_,
    batch_input{std::move(text), last});
}

void batch_intake::added(const batch& x, bool last) {
  if (over_ && !released_)
    return;
  if (!last && !is_over(x.status))
    want_input();
  else if (!attached_)
    accept(x);
}

// A batch that is over before its input is takes no more of it: somebody
// cancelled it, or a job failed and it stops at the first.
void batch_intake::not_added(const failure& reason) {
  input_ended_ = false;
  if (over_)
    return leave_batch();
  if (reason.code != ec::validation_error && reason.code != ec::batch_not_found)
    return on_failure(reason);
  const auto self = shared_from_this();
  find_batch(
    gateway_, id_,
    [self, reason](const found_batch& x) {
      if (self->over_)
        return;
      if (!is_over(x.status))
        self->on_failure(reason);
      else if (!self->attached_)
        self->accept(x.document);
    },
    [self, reason](const failure&) { self->on_failure(reason); });
}

// -- out ----------------------------------------------------------------------

void batch_intake::accept(const batch& x) {
  const auto document = to_json(x);
  if (!document)
    return on_failure(document.error());
  accept(document.value());
}

void batch_intake::accept(const json_text& document) {
  over_ = true;
  const auto headers = location();
  http::response x;
  x.status = 202;
  x.body = document.text;
  x.headers = headers;
  gateway_.answer(call_, x);
}

void batch_intake::take_results() {
  // Nothing is taken that the client does not read.
  if (asked_ || over_ || id_.nil() || !gateway_.has_room(call_))
    return;
  asked_ = true;
  const auto self = shared_from_this();
  gateway_.send(
    gateway_.options().execution_timeout, gateway_.supervisor(),
    [self](const batch_results& x) { self->took(x); },
    [self](const failure& reason) { self->on_failure(reason); }, results_atom_v,
    id_);
}

void batch_intake::on_room() {
  take_results();
}

void batch_intake::took(const batch_results& x) {
  asked_ = false;
  if (over_)
    return;
  if (x.count > 0) {
    begin();
    gateway_.add_to_answer(call_, x.lines);
  }
  if (x.last)
    send_summary();
  else
    take_results();
}

void batch_intake::begin() {
  if (begun_)
    return;
  begun_ = true;
  const auto headers = location();
  http::response x;
  x.content_type = http::ndjson_type;
  x.headers = headers;
  gateway_.begin_answer(call_, x);
}

void batch_intake::send_summary() {
  const auto self = shared_from_this();
  find_batch(
    gateway_, id_,
    [self](const found_batch& x) {
      if (self->over_)
        return;
      self->begin();
      self->over_ = true;
      self->gateway_.add_to_answer(self->call_,
                                   "{\"batch\":" + x.document.text + "}\n");
      self->gateway_.end_answer(self->call_);
    },
    [self](const failure& reason) { self->on_failure(reason); });
}

std::string batch_intake::location() const {
  return "Location: /api/v1/batches/" + id_.to_string() + "\r\n";
}

// -- ends before the end ------------------------------------------------------

void batch_intake::on_broken_body(const http::read_failure& reason) {
  fail_with(reason);
}

void batch_intake::on_failure(const failure& reason) {
  fail_with({row_of(reason.code).status, reason});
}

void batch_intake::fail_with(const http::read_failure& reason) {
  if (over_)
    return;
  over_ = true;
  give_back(share_);
  leave_batch();
  if (!begun_)
    return gateway_.refuse(call_, reason);
  gateway_.add_to_answer(call_, error_envelope(reason.reason) + "\n");
  gateway_.end_answer(call_);
}

void batch_intake::on_gone() {
  if (over_)
    return;
  over_ = true;
  leave_batch();
}

// Sent without a sender: nobody waits for the answer.
void batch_intake::leave_batch() {
  if (id_.nil())
    return;
  released_ = attached_ && input_ended_;
  if (released_)
    caf::anon_send(gateway_.supervisor(), release_atom_v, id_);
  else
    caf::anon_send(gateway_.supervisor(), cancel_atom_v, id_);
}

} // namespace vmsystem
