#include "vmsystem/actors/http/cors.hpp"
#include "vmsystem/actors/http/uri.hpp"
#include "vmsystem/actors/http_gateway_state.hpp"
#include "vmsystem/models/codec.hpp"

#include <utility>

namespace vmsystem {

// -- requests -----------------------------------------------------------------

bool gateway_state::takes_pieces(const http::request& x) {
  const auto target = http::split_target(x.target);
  if (!target)
    return false;
  http::router::match match;
  router_.find(x.verb, target.value().path, match);
  return match.outcome == http::router::outcome::found
         && http_route_takes_pieces(match.route, x);
}

bool gateway_state::is_from_allowed_page(const http::request& x) const {
  return !options_.allowed_origins.empty()
         && http::is_allowed_origin(x.origin, options_.allowed_origins);
}

void gateway_state::answer_options(http_call call, const http::request& x,
                                   std::string_view allow) {
  auto headers = "Allow: " + std::string{allow} + "\r\n";
  if (is_from_allowed_page(x))
    headers += http::preflight_lines(allow);
  http::response plain;
  plain.status = 204;
  plain.headers = headers;
  answer(call, plain);
}

expected<void> gateway_state::check_sender(const http::request& x) {
  // Clients call a server by the same name again and again. No name leads to a
  // Unix socket.
  const bool known = options_.listen.is_unix() || x.host == known_host_;
  if (!known && !http::is_own_host(x.host, options_.host_names))
    return fail(ec::forbidden,
                "the name \"" + std::string{x.host}
                  + "\" is not one of this server's; serve with --host-name "
                    "to make it one");
  if (!http::is_own_origin(x.origin, x.host) && !is_from_allowed_page(x))
    return fail(ec::forbidden, "pages of \"" + std::string{x.origin}
                                 + "\" may not use this server");
  if (!known)
    known_host_ = x.host;
  return success();
}

http_sender gateway_state::sender_of(const http::request& x,
                                     std::size_t route) const {
  http_sender from;
  from.needs_token = options_.tokens != nullptr && http_route_scope(route);
  if (!from.needs_token)
    return from;
  const auto sent = http::bearer_of(x.authorization);
  from.sent_token = !sent.empty();
  from.known = options_.tokens->get();
  if (from.sent_token)
    from.token = from.known->find(sent);
  return from;
}

expected<token_account_ptr> gateway_state::check_rights(const http_sender& from,
                                                        std::size_t route) {
  if (!from.needs_token)
    return token_account_ptr{};
  if (!from.sent_token)
    return fail(ec::unauthorized,
                "a token is required: Authorization: Bearer TOKEN");
  if (from.token == nullptr)
    return fail(ec::unauthorized, "the token is none of this server's");
  auto account = accounts_.find(*from.token);
  if (account != nullptr && !account->take_request(event_time()))
    return at_limit(*account, "requests_per_second",
                    "has sent the requests that it may send in a second");
  const auto wanted = http_route_scope(route);
  if (wanted && !from.token->permits(*wanted))
    return fail(ec::forbidden, "the token \"" + from.token->name
                                 + "\" lacks the scope "
                                 + std::string{name_of(*wanted)});
  return account;
}

void gateway_state::begin_audit(http_call call, const http_sender& from,
                                const http::request& x,
                                const http::router::match& match) {
  if (!options_.audit || !http::is_change(x.verb))
    return;
  auto& entry = audited_[call];
  entry.time = timestamp::now();
  if (const auto socket = sockets_.find(call.connection);
      socket != sockets_.end()) {
    entry.request_id = socket->second->wire().request_id_of(call.number);
    entry.remote = socket->second->peer();
  }
  if (from.token != nullptr)
    entry.token = from.token->name;
  entry.verb = x.verb;
  entry.route = http_routes()[match.route].pattern;
  http::note_path(entry, match.params.data());
}

void gateway_state::end_audit(http_call call, const http::response& answer) {
  if (audited_.empty())
    return;
  const auto found = audited_.find(call);
  if (found == audited_.end())
    return;
  auto line = http::audit_line(std::move(found->second), answer);
  audited_.erase(found);
  if (!line.empty())
    options_.audit(std::move(line));
}

void gateway_state::note_failure(http_call call, const failure& reason) {
  const auto socket = sockets_.find(call.connection);
  if (socket == sockets_.end() || !failures_.takes(event_time()))
    return;
  auto& wire = socket->second->wire();
  log_fields fields{{"request_id", wire.request_id_of(call.number)}};
  http::audit_entry about;
  if (const auto* const mark = wire.mark_of(call.number)) {
    about.verb = mark->verb;
    if (mark->route != counters_.no_route())
      about.route = http_routes()[mark->route].pattern;
  }
  http::note_document(about, reason.details);
  for (const auto& [what, id] : about.ids)
    fields.emplace_back(what, id);
  fields.emplace_back("method", name_of(about.verb));
  fields.emplace_back("route", about.route);
  fields.emplace_back("reason", reason.message);
  failures_.add(std::move(fields));
}

void gateway_state::on_request(http::connection& from, uint64_t number,
                               const http::request& x) {
  const http_call call{from.id(), number};
  from.mark(number, {counters_.no_route(), x.verb, event_time()});
  if (!options_.allowed_origins.empty())
    from.add_headers(number, http::vary_line);
  if (is_from_allowed_page(x))
    from.add_headers(number, http::cors_lines(x.origin));
  const auto target = http::split_target(x.target);
  const auto path = target ? target.value().path : std::string_view{};
  http::router::match match;
  router_.find(x.verb, path, match);
  http_sender sender;
  if (match.outcome == http::router::outcome::found) {
    sender = sender_of(x, match.route);
    begin_audit(call, sender, x, match);
  }
  if (auto outcome = check_sender(x); !outcome)
    return refuse(call, outcome.error());
  if (!target)
    return refuse(call, target.error());
  if (path == "*" && x.verb == http::method::options)
    return answer_options(call, x, "GET, HEAD, POST, PUT, DELETE, OPTIONS");
  switch (match.outcome) {
    case http::router::outcome::found: {
      from.mark(number, {match.route, x.verb, event_time()});
      const auto account = check_rights(sender, match.route);
      if (!account)
        return refuse(call, account.error());
      return handle_http_route(
        match.route, *this,
        http_exchange{call, x, match, target.value().query, account.value()});
    }
    case http::router::outcome::wrong_method:
      if (x.verb == http::method::options)
        return answer_options(call, x, match.allow);
      return refuse(call,
                    fail(ec::method_not_allowed, "this route has the methods "
                                                   + std::string{match.allow}),
                    "Allow: " + std::string{match.allow} + "\r\n");
    case http::router::outcome::bad_path:
      return refuse(call, fail(ec::invalid_request,
                               "the path has a malformed percent-encoding, an "
                               "encoded slash or a dot segment"));
    default:
      return refuse(call, fail(ec::not_found, "there is no such route"));
  }
}

void gateway_state::expect_answer(http_call call,
                                  std::chrono::milliseconds timeout) {
  const auto found = sockets_.find(call.connection);
  if (found != sockets_.end())
    found->second->wire().expect_answer(call.number, event_time() + timeout);
}

template <class Action>
void gateway_state::with_wire(http_call call, Action action) {
  const auto found = sockets_.find(call.connection);
  if (found == sockets_.end())
    return;
  const auto socket = found->second;
  // Otherwise it is the message of an actor that is being handled.
  if (!socket->handling())
    begin_event();
  action(socket->wire());
  socket->settle();
}

void gateway_state::answer(http_call call, const http::response& x) {
  end_audit(call, x);
  if (!streams_.empty())
    streams_.erase(call);
  with_wire(call, [&](http::connection& wire) {
    note_answer(wire, call.number, x.status);
    wire.answer(call.number, x, event_time(), *this);
  });
}

void gateway_state::refuse(http_call call, const failure& reason,
                           std::string_view headers) {
  refuse(call, http::read_failure{row_of(reason.code).status, reason}, headers);
}

void gateway_state::refuse(http_call call, const http::read_failure& reason,
                           std::string_view headers) {
  if (reason.status == 500)
    note_failure(call, reason.reason);
  const auto body = error_envelope(reason.reason);
  http::response x;
  x.status = reason.status;
  x.body = body;
  x.headers = headers;
  if (x.status == 429 || x.status == 503)
    x.headers = http::retry_after_line;
  else if (x.status == 401)
    x.headers = "WWW-Authenticate: Bearer\r\n";
  answer(call, x);
}

void gateway_state::give_up(http_call call, const failure& reason) {
  if (const auto stream = stream_of(call))
    stream->on_failure(reason);
  else
    refuse(call, reason);
}

// -- streams ------------------------------------------------------------------

void gateway_state::attach(http_call call, stream_ptr stream) {
  streams_[call] = std::move(stream);
}

gateway_state::stream_ptr gateway_state::stream_of(http_call call) const {
  const auto found = streams_.find(call);
  return found == streams_.end() ? nullptr : found->second;
}

std::vector<gateway_state::stream_ptr> gateway_state::all_streams() const {
  std::vector<stream_ptr> result;
  result.reserve(streams_.size());
  for (const auto& [call, stream] : streams_)
    result.push_back(stream);
  return result;
}

void gateway_state::want_piece(http_call call) {
  with_wire(call, [&](http::connection& wire) {
    wire.want_piece(call.number, event_time(), *this);
  });
}

void gateway_state::begin_answer(http_call call, const http::response& x) {
  end_audit(call, x);
  const auto found = sockets_.find(call.connection);
  if (found == sockets_.end())
    return;
  if (!found->second->handling())
    begin_event();
  auto& wire = found->second->wire();
  note_answer(wire, call.number, x.status);
  wire.begin_answer(call.number, x);
}

void gateway_state::add_to_answer(http_call call, std::string_view data) {
  with_wire(call, [&](http::connection& wire) {
    wire.add_to_answer(call.number, data);
  });
}

void gateway_state::end_answer(http_call call) {
  streams_.erase(call);
  with_wire(call, [&](http::connection& wire) {
    wire.end_answer(call.number, event_time(), *this);
  });
}

bool gateway_state::has_room(http_call call) {
  const auto found = sockets_.find(call.connection);
  return found != sockets_.end() && found->second->wire().has_room(call.number);
}

void gateway_state::on_piece(http::connection& from, uint64_t number,
                             std::string piece, bool last) {
  if (const auto stream = stream_of({from.id(), number}))
    stream->on_piece(std::move(piece), last);
}

void gateway_state::on_broken_body(http::connection& from, uint64_t number,
                                   const http::read_failure& reason) {
  const http_call call{from.id(), number};
  if (const auto stream = stream_of(call))
    stream->on_broken_body(reason);
  else
    refuse(call, reason);
}

void gateway_state::on_room(http::connection& from, uint64_t number) {
  if (const auto stream = stream_of({from.id(), number}))
    stream->on_room();
}

} // namespace vmsystem
