#include "vmsystem/actors/http_gateway.hpp"

#include "vmsystem/actors/http_batch_board.hpp"
#include "vmsystem/actors/http_execution_board.hpp"
#include "vmsystem/actors/http_gateway_state.hpp"
#include "vmsystem/actors/process_bounds.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>
#include <caf/send.hpp>

#include <algorithm>

#include <sys/resource.h>

namespace vmsystem {

using caf::io::network::default_multiplexer;

namespace {

constexpr std::size_t receive_buffer_bytes = 64 * 1024;

/// What is logged of a change whose client got no answer.
constexpr http::response no_answer{0, {}, {}, {}};

std::size_t socket_limit(uint32_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return wanted;
  const auto reserve
    = std::min<rlim_t>(reserved_descriptors, limit.rlim_cur / 2);
  return std::min<std::size_t>(wanted, limit.rlim_cur - reserve);
}

/// Sends itself a message later. Without a sender: one that names the actor
/// itself would keep it alive for ever when it is still unread at its end.
template <class... Ts>
void wake_up(gateway_state::pointer self, std::chrono::milliseconds delay,
             const Ts&... message) {
  caf::delayed_anon_send(caf::actor_cast<gateway_actor>(self), delay,
                         message...);
}

gateway_actor::behavior_type
http_gateway(gateway_state::pointer self, const gateway_options& options,
             const http::listening_socket& listening,
             const supervisor_actor& supervisor, const query_actor& query) {
  self->monitor(supervisor);
  self->monitor(query);
  self->set_down_handler(
    [self](const caf::down_msg& x) { self->state.runtime_ended(x.reason); });
  self->state.start(options, listening, supervisor, query);
  wake_up(self, options.tick, tick_atom_v);
  return {
    [self](drain_atom, uint32_t grace_ms) -> caf::result<uint32_t> {
      auto promise = self->make_response_promise<uint32_t>();
      self->state.drain(std::chrono::milliseconds{grace_ms}, promise);
      return promise;
    },
    [self](drain_atom) { self->state.finish_drain(); },
    [self](tick_atom) {
      self->state.tick();
      wake_up(self, self->state.options().tick, tick_atom_v);
    },
    [self](wake_atom) { self->state.shed_load(); },
    [self](wake_atom, const batch_id& id) { self->state.board().look_at(id); },
  };
}

} // namespace

expected<gateway_handle>
spawn_http_gateway(caf::actor_system& system, gateway_options options,
                   supervisor_actor supervisor, query_actor query) {
  if (!system.has_middleman()
      || dynamic_cast<default_multiplexer*>(&system.middleman().backend())
           == nullptr)
    return fail(ec::internal,
                "the actor system was made without CAF's I/O module");
  auto listening = options.listening
                     ? expected<http::listening_socket>{*options.listening}
                     : http::listen_on(options.listen, options.socket_mode);
  if (!listening)
    return listening.error();
  gateway_handle result;
  result.bound = listening.value().bound;
  result.actor
    = system.middleman().spawn_broker(http_gateway, std::move(options),
                                      std::move(listening).value(),
                                      std::move(supervisor), std::move(query));
  return result;
}

// -- begin and end ------------------------------------------------------------

gateway_state::gateway_state(pointer self)
  : self_{self},
    router_{http_routes()},
    counters_{http_routes()},
    board_{std::make_unique<batch_board>(*this)},
    executions_{std::make_unique<execution_board>(*this)} {}

gateway_state::~gateway_state() {
  draining_ = false;
  close_all();
  failures_.settle(http::time_point::max());
}

void gateway_state::start(gateway_options options,
                          http::listening_socket listening,
                          supervisor_actor supervisor, query_actor query) {
  backend_ = dynamic_cast<default_multiplexer*>(&self_->backend());
  begin_event();
  options_ = std::move(options);
  failures_ = limited_log{options_.log, log_level::error, "a request failed"};
  supervisor_ = std::move(supervisor);
  query_ = std::move(query);
  context_.limits = options_.connection;
  context_.date = http::http_date();
  receive_buffer_.resize(receive_buffer_bytes);
  max_sockets_
    = std::max<std::size_t>(1, socket_limit(options_.max_connections));
  listener_ = std::make_shared<http_listener>(*backend_, listening.fd, *this);
  socket_file_ = std::move(listening.file);
  update_listener();
}

void gateway_state::update_listener() {
  if (listener_ == nullptr)
    return;
  if (!exhausted_ && sockets_.size() < max_sockets_)
    listener_->resume();
  else
    listener_->pause();
  if (sockets_.size() >= max_sockets_)
    warn_full("as many connections are open as may be");
  else if (full_at_ && sockets_.size() < (*full_at_ + 1) / 2)
    full_at_.reset();
}

// -- memory -------------------------------------------------------------------

void gateway_state::on_settled(http_socket& socket) {
  const auto bytes = socket.wire().buffered_bytes();
  buffered_bytes_ += bytes;
  buffered_bytes_ -= socket.note_bytes(bytes);
  if (buffered_bytes_ <= options_.max_buffered_bytes || shedding_)
    return;
  // Later, and not from within what others do with their connections.
  shedding_ = true;
  caf::anon_send(caf::actor_cast<gateway_actor>(self_), wake_atom_v);
}

void gateway_state::shed_load() {
  begin_event();
  while (buffered_bytes_ > options_.max_buffered_bytes) {
    const auto largest = std::max_element(sockets_.begin(), sockets_.end(),
                                          [](const auto& x, const auto& y) {
                                            return x.second->noted_bytes()
                                                   < y.second->noted_bytes();
                                          });
    if (largest == sockets_.end() || largest->second->noted_bytes() == 0)
      break;
    const auto socket = largest->second;
    ++shed_;
    socket->wire().shed(event_time(), *this);
    socket->settle();
  }
  shedding_ = false;
}

std::vector<gateway_state::socket_ptr> gateway_state::all_sockets() const {
  std::vector<socket_ptr> result;
  result.reserve(sockets_.size());
  for (const auto& [id, socket] : sockets_)
    result.push_back(socket);
  return result;
}

void gateway_state::close_listener() {
  if (listener_ == nullptr)
    return;
  listener_->pause();
  // The multiplexer may still have events of it.
  backend_->post([kept = std::move(listener_)] {});
  listener_ = nullptr;
  socket_file_ = nullptr;
}

void gateway_state::close_all() {
  close_listener();
  for (const auto& socket : all_sockets())
    socket->close();
}

void gateway_state::tick() {
  begin_event();
  const auto now = event_time();
  failures_.settle(now);
  context_.date = http::http_date();
  exhausted_ = false;
  update_listener();
  std::vector<uint64_t> overdue;
  for (const auto& socket : all_sockets()) {
    auto& wire = socket->wire();
    overdue.clear();
    wire.tick(now, overdue, *this);
    for (const auto number : overdue)
      give_up({wire.id(), number},
              fail(ec::internal, "the runtime did not answer in time"));
    socket->settle();
  }
  for (const auto& stream : all_streams())
    stream->on_tick(now);
}

void gateway_state::runtime_ended(const caf::error& reason) {
  begin_event();
  const auto message = "the runtime ended: " + caf::to_string(reason);
  std::vector<uint64_t> numbers;
  for (const auto& socket : all_sockets()) {
    numbers.clear();
    socket->wire().list_unanswered(numbers);
    for (const auto number : numbers)
      give_up({socket->wire().id(), number}, fail(ec::internal, message));
  }
}

void gateway_state::drain(std::chrono::milliseconds grace,
                          caf::typed_response_promise<uint32_t> promise) {
  begin_event();
  const auto now = event_time();
  drained_.push_back(std::move(promise));
  drain_deadline_
    = draining_ ? std::min(drain_deadline_, now + grace) : now + grace;
  draining_ = true;
  close_listener();
  for (const auto& socket : all_sockets()) {
    socket->wire().drain(now);
    socket->settle();
  }
  for (const auto& stream : all_streams())
    stream->on_drain();
  wake_up(self_, std::chrono::milliseconds{0}, drain_atom_v);
  wake_up(self_, grace, drain_atom_v);
}

void gateway_state::finish_drain() {
  begin_event();
  if (!draining_ || (!sockets_.empty() && event_time() < drain_deadline_))
    return;
  draining_ = false;
  uint32_t unanswered = 0;
  for (const auto& [id, socket] : sockets_)
    unanswered += static_cast<uint32_t>(socket->wire().in_flight());
  close_all();
  while (!audited_.empty()) {
    const auto call = audited_.begin()->first;
    end_audit(call, no_answer);
  }
  for (auto& promise : drained_)
    promise.deliver(unanswered);
  self_->quit();
}

// -- sockets ------------------------------------------------------------------

void gateway_state::begin_event() {
  event_time_ = std::chrono::steady_clock::now();
}

http::time_point gateway_state::event_time() const {
  return event_time_;
}

std::vector<char>& gateway_state::receive_buffer() {
  return receive_buffer_;
}

void gateway_state::on_accept(caf::io::network::native_socket fd) {
  const auto id = next_socket_++;
  sockets_.emplace(id, std::make_shared<http_socket>(*backend_, fd, context_,
                                                     id, *this));
  update_listener();
}

void gateway_state::on_exhausted() {
  exhausted_ = true;
  update_listener();
  warn_full("the process has no descriptor or memory left for a further "
            "connection");
}

void gateway_state::warn_full(std::string_view what) {
  if (full_at_)
    return;
  full_at_ = sockets_.size();
  if (options_.log)
    options_.log({log_level::warning,
                  std::string{what}
                    + ": further clients wait until some of those that are "
                      "connected leave; raise the limit of descriptors "
                      "(ulimit -n, LimitNOFILE=) or --max-connections",
                  {{"connections", sockets_.size()}}});
}

void gateway_state::on_closed(http_socket& socket) {
  const auto id = socket.wire().id();
  const auto found = sockets_.find(id);
  if (found == sockets_.end())
    return;
  // The multiplexer may still have events of this socket.
  buffered_bytes_ -= socket.note_bytes(0);
  backend_->post([kept = std::move(found->second)] {});
  sockets_.erase(found);
  const auto first = streams_.lower_bound({id, 0});
  const auto last = streams_.lower_bound({id + 1, 0});
  std::vector<stream_ptr> gone;
  for (auto it = first; it != last; ++it) {
    gone.push_back(std::move(it->second));
    end_audit(it->first, no_answer);
  }
  streams_.erase(first, last);
  for (const auto& stream : gone)
    stream->on_gone();
  exhausted_ = false;
  update_listener();
  if (draining_ && sockets_.empty())
    wake_up(self_, std::chrono::milliseconds{0}, drain_atom_v);
}

void gateway_state::wake_board(const batch_id& id,
                               std::chrono::milliseconds delay) {
  wake_up(self_, delay, wake_atom_v, id);
}

} // namespace vmsystem
