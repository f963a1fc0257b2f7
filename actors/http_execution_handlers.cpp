#include "vmsystem/actors/http/media_type.hpp"
#include "vmsystem/actors/http_execution_board.hpp"
#include "vmsystem/actors/http_handlers.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace vmsystem::http_handlers {

namespace {

/// The largest `limit` of a list of executions.
constexpr uint32_t max_executions_limit = 1000;

/// The largest `limit` of a list of events: no execution can have more.
constexpr uint32_t max_events_limit = limits_maximum{}.max_events;

/// The most bytes of an idempotency key.
constexpr std::size_t max_key_bytes = 255;

void answer_finished(gateway_state& g, http_call call,
                     const finished_execution& x) {
  const auto reason = x.record.reason;
  if (reason != end_reason::output_limit && reason != end_reason::event_limit)
    return g.answer(call, 201, x.document.text);
  const auto& limits = x.record.limits;
  const auto bound = reason == end_reason::output_limit
                       ? std::to_string(limits.max_output_kb) + " KiB of output"
                       : std::to_string(limits.max_events) + " events";
  g.refuse(call, failure{ec::output_limit_exceeded,
                         "the execution was stopped at its limit of " + bound,
                         detail_of("execution_id", x.record.id.to_string())});
}

/// What the client gave as the key under which the request runs once; empty
/// when it gave none. Errors: validation_error.
expected<std::string> read_key(const http::request& x) {
  const auto key = x.idempotency_key;
  if (key.size() <= max_key_bytes
      && std::all_of(key.begin(), key.end(),
                     [](char c) { return c > ' ' && c <= '~'; }))
    return std::string{key};
  return fail(ec::validation_error,
              "Idempotency-Key must be one key of at most "
                + std::to_string(max_key_bytes) + " visible ASCII characters");
}

/// Refuses an execution. A key that came with another request has a status of
/// its own.
void refuse_execution(gateway_state& g, http_call call, const failure& reason) {
  if (reason.code == ec::idempotency_conflict) {
    const auto conflict = stored_string(reason.details.text, "conflict");
    if (conflict && conflict.value() == "other_request")
      return g.refuse(call, http::read_failure{422, reason});
  }
  g.refuse(call, reason);
}

/// Answers with an execution that goes on, and says where it is.
void answer_begun(gateway_state& g, http_call call, const execution& record) {
  const auto document = to_json(record);
  if (!document)
    return g.refuse(call, document.error());
  const auto headers = "Location: /api/v1/executions/" + record.id.to_string()
                       + "\r\nPreference-Applied: respond-async\r\n";
  http::response answer;
  answer.status = 202;
  answer.body = document.value().text;
  answer.headers = headers;
  g.answer(call, answer);
}

/// What is to run, and how its client wants to hear of it.
struct execution_wish {
  execution_request request;
  /// The idempotency key; empty for none.
  std::string key;
  bool respond_async = false;
  token_account_ptr account;
  token_share_ptr share;
};

/// Answers when the execution runs; its share is given back when it is over.
void begin(gateway_state& g, http_call call, std::chrono::milliseconds timeout,
           execution_wish& wish) {
  g.ask_or(
    call, timeout, g.supervisor(),
    [&g, call, who = wish.account, share = wish.share](const execution& x) {
      if (share != nullptr)
        who->begun_executions.emplace(x.id, share);
      answer_begun(g, call, x);
    },
    [&g, call, share = wish.share](const failure& reason) {
      give_back(share);
      refuse_execution(g, call, reason);
    },
    create_atom_v, std::move(wish.request), std::move(wish.key));
}

/// Answers when the execution is over.
template <class... Ts>
void finish(gateway_state& g, http_call call, std::chrono::milliseconds timeout,
            const token_share_ptr& share, Ts&&... message) {
  g.ask_or(
    call, timeout, g.supervisor(),
    [&g, call, share](const finished_execution& finished) {
      give_back(share);
      answer_finished(g, call, finished);
    },
    [&g, call, share](const failure& reason) {
      give_back(share);
      refuse_execution(g, call, reason);
    },
    execute_atom_v, std::forward<Ts>(message)...);
}

void execute(gateway_state& g, http_call call, execution_wish& wish) {
  const auto timeout = g.options().execution_timeout
                       + std::chrono::milliseconds{wish.request.wait_ms};
  if (wish.respond_async)
    begin(g, call, timeout, wish);
  else if (wish.key.empty())
    finish(g, call, timeout, wish.share, std::move(wish.request));
  else
    finish(g, call, timeout, wish.share, std::move(wish.request),
           std::move(wish.key));
}

void execute(gateway_state& g, const http_exchange& x,
             expected<execution_request> request) {
  if (!request)
    return g.refuse(x.call, request.error());
  auto key = read_key(x.request);
  if (!key)
    return g.refuse(x.call, key.error());
  const auto wish = std::make_shared<execution_wish>();
  wish->request = std::move(request).value();
  wish->key = std::move(key).value();
  wish->respond_async = http::has_preference(x.request.prefer, "respond-async");
  wish->account = x.account;
  g.accounts().take(x.account, token_resource::executions, 1,
                    [&g, call = x.call,
                     wish](const expected<token_grant>& granted) {
                      if (!granted)
                        return g.refuse(call, granted.error());
                      wish->share = granted.value().share;
                      execute(g, call, *wish);
                    });
}

/// Answers for an execution that is neither queued nor running: with its
/// stored status, since there is nothing left to cancel.
void answer_cancel_of_past(gateway_state& g, http_call call, execution_id id) {
  g.ask(
    call, g.options().query_timeout, g.query(),
    [&g, call, id](const json_text& document) {
      const auto status = stored_string(document.text, "status");
      if (!status)
        return g.refuse(call, status.error());
      answer_fields(g, call, 202,
                    {{"execution_id", id.to_string()},
                     {"status", status.value()}});
    },
    get_atom_v, id);
}

expected<execution_filter> read_execution_filter(std::string_view text) {
  const auto query = http::query_string::parse(text);
  if (!query)
    return query.error();
  execution_filter filter;
  const auto owner = query.value().find("session_id");
  if (!owner)
    return invalid("session_id", "", "is required");
  const auto id = read_id<session_id>("session_id", *owner);
  if (!id)
    return id.error();
  filter.session = id.value();
  const auto limit
    = read_number(query.value(), "limit", 1, max_executions_limit);
  if (!limit)
    return limit.error();
  filter.limit = limit.value().value_or(filter.limit);
  if (const auto cursor = query.value().find("cursor")) {
    const auto from = read_id<execution_id>("cursor", *cursor);
    if (!from)
      return from.error();
    filter.cursor = from.value();
  }
  const auto status = read_name<execution_status>(query.value(), "status");
  if (!status)
    return status.error();
  filter.by_status = status.value().has_value();
  filter.status = status.value().value_or(filter.status);
  const auto kind = read_name<execution_kind>(query.value(), "kind");
  if (!kind)
    return kind.error();
  filter.by_kind = kind.value().has_value();
  filter.kind = kind.value().value_or(filter.kind);
  return filter;
}

std::string target_of_page(const execution_filter& filter,
                           std::string_view cursor) {
  return target_with("/api/v1/executions",
                     {{"session_id", filter.session.to_string()},
                      {"limit", std::to_string(filter.limit)},
                      {"cursor", cursor},
                      {"status", name_or_none(filter.by_status, filter.status)},
                      {"kind", name_or_none(filter.by_kind, filter.kind)}});
}

/// The event behind which a stream begins: `Last-Event-ID` stands for where the
/// client was cut, and so counts more than `after`.
expected<uint32_t> first_behind(const http::request& x,
                                const http::query_string& query,
                                std::optional<uint32_t> after) {
  if (const auto limit = query.find("limit"))
    return invalid("limit", *limit, "does not go with a stream");
  const auto last = x.last_event_id;
  if (last.empty())
    return after.value_or(0);
  if (const auto seq = parse_number(last, 0, UINT32_MAX))
    return *seq;
  return fail(ec::validation_error,
              "Last-Event-ID must be the id of an event: a whole number");
}

} // namespace

void execute_repl(gateway_state& g, const http_exchange& x) {
  execute(g, x, read_repl_request(x.request.body));
}

void execute_file(gateway_state& g, const http_exchange& x) {
  execute(g, x, read_run_file_request(x.request.body));
}

void cancel_execution(gateway_state& g, const http_exchange& x) {
  const auto id = path_id<execution_id>(x, 0, "execution_id");
  if (!id)
    return g.refuse(x.call, id.error());
  g.ask_or(
    x.call, g.options().command_timeout, g.supervisor(),
    [&g, call = x.call, id = id.value()](const cancel_receipt&) {
      answer_fields(g, call, 202,
                    {{"execution_id", id.to_string()},
                     {"status", name_of(execution_status::running)}});
    },
    [&g, call = x.call, id = id.value()](const failure& reason) {
      if (reason.code == ec::execution_not_found)
        answer_cancel_of_past(g, call, id);
      else
        g.refuse(call, reason);
    },
    cancel_atom_v, id.value());
}

void list_executions(gateway_state& g, const http_exchange& x) {
  const auto filter = read_execution_filter(x.query);
  if (!filter)
    return g.refuse(x.call, filter.error());
  g.ask(x.call, g.options().query_timeout, g.query(),
        send_page(g, x.call, filter.value(), target_of_page), list_atom_v,
        filter.value());
}

void get_execution(gateway_state& g, const http_exchange& x) {
  const auto id = path_id<execution_id>(x, 0, "execution_id");
  if (!id)
    return g.refuse(x.call, id.error());
  g.ask(x.call, g.options().query_timeout, g.query(), send_document(g, x.call),
        get_atom_v, id.value());
}

void get_events(gateway_state& g, const http_exchange& x) {
  const auto id = path_id<execution_id>(x, 0, "execution_id");
  if (!id)
    return g.refuse(x.call, id.error());
  const auto query = http::query_string::parse(x.query);
  if (!query)
    return g.refuse(x.call, query.error());
  const auto after = read_number(query.value(), "after_seq", 0, UINT32_MAX);
  if (!after)
    return g.refuse(x.call, after.error());
  if (x.request.verb == http::method::get
      && http::prefers(x.request.accept, http::event_stream_type)) {
    const auto from = first_behind(x.request, query.value(), after.value());
    if (!from)
      return g.refuse(x.call, from.error());
    return g.executions().watch(x.call, id.value(), from.value());
  }
  const auto limit = read_number(query.value(), "limit", 1, max_events_limit);
  if (!limit)
    return g.refuse(x.call, limit.error());
  event_filter filter;
  filter.execution = id.value();
  filter.after_seq = after.value().value_or(filter.after_seq);
  filter.limit = limit.value().value_or(filter.limit);
  g.ask(x.call, g.options().query_timeout, g.query(), send_document(g, x.call),
        events_atom_v, filter);
}

} // namespace vmsystem::http_handlers
