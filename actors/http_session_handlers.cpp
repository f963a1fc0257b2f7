#include "vmsystem/actors/http_handlers.hpp"
#include "vmsystem/actors/http_openapi.hpp"

namespace vmsystem::http_handlers {

namespace {

/// Names all that is in the way: for people in the message, for programs in
/// the details.
failure not_ready(const readiness& x) {
  std::string message;
  for (const auto& one : x.obstacles)
    message.append(message.empty() ? "" : "; ").append(one.reason);
  auto details = to_json(x);
  return {ec::overloaded, std::move(message),
          details ? std::move(details).value() : json_text{}};
}

} // namespace

// -- the runtime --------------------------------------------------------------

void get_health(gateway_state& g, const http_exchange& x) {
  g.answer(x.call, 200, R"({"status":"ok"})");
}

void get_openapi(gateway_state& g, const http_exchange& x) {
  g.answer(x.call, 200, openapi_documents().front());
}

void get_ready(gateway_state& g, const http_exchange& x) {
  const auto call = x.call;
  g.ask_or(
    call, g.options().query_timeout, g.supervisor(),
    [&g, call](const readiness& state) {
      if (state.ready())
        answer_json(g, call, 200, state);
      else
        g.refuse(call, not_ready(state));
    },
    [&g, call](const failure& reason) {
      g.refuse(call, not_ready({{{"runtime", reason.message}}}));
    },
    ready_atom_v);
}

void get_summary(gateway_state& g, const http_exchange& x) {
  g.ask(x.call, g.options().query_timeout, g.supervisor(),
        send_value<runtime_summary>(g, x.call, 200), summary_atom_v);
}

// -- sessions -----------------------------------------------------------------

void list_sessions(gateway_state& g, const http_exchange& x) {
  const auto query = http::query_string::parse(x.query);
  if (!query)
    return g.refuse(x.call, query.error());
  const auto status = read_name<session_status>(query.value(), "status");
  if (!status)
    return g.refuse(x.call, status.error());
  session_filter filter;
  filter.by_status = status.value().has_value();
  filter.status = status.value().value_or(filter.status);
  g.ask(
    x.call, g.options().query_timeout, g.query(),
    [&g, call = x.call](const document_page& page) {
      g.answer(call, 200, page.array.text);
    },
    list_atom_v, filter);
}

void create_session(gateway_state& g, const http_exchange& x) {
  auto spec = from_json<session_spec>(x.request.body);
  if (!spec)
    return g.refuse(x.call, spec.error());
  g.accounts().take(x.account, token_resource::sessions, 1,
                    [&g, call = x.call, who = x.account,
                     spec = std::move(spec).value()](
                      const expected<token_grant>& granted) {
                      if (!granted)
                        return g.refuse(call, granted.error());
                      const auto& share = granted.value().share;
                      g.ask_or(
                        call, g.options().execution_timeout, g.supervisor(),
                        [&g, call, who, share](const session& made) {
                          if (share != nullptr)
                            who->live_sessions.emplace(made.id, share);
                          answer_json(g, call, 201, made);
                        },
                        [&g, call, share](const failure& reason) {
                          give_back(share);
                          g.refuse(call, reason);
                        },
                        create_atom_v, spec);
                    });
}

void get_session(gateway_state& g, const http_exchange& x) {
  const auto id = path_id<session_id>(x, 0, "session_id");
  if (!id)
    return g.refuse(x.call, id.error());
  g.ask(x.call, g.options().query_timeout, g.query(), send_document(g, x.call),
        get_atom_v, id.value());
}

void close_session(gateway_state& g, const http_exchange& x) {
  const auto id = path_id<session_id>(x, 0, "session_id");
  if (!id)
    return g.refuse(x.call, id.error());
  g.ask(x.call, g.options().command_timeout, g.supervisor(),
        send_value<session>(g, x.call, 200), close_atom_v, id.value());
}

} // namespace vmsystem::http_handlers
