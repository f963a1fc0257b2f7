#include "vmsystem/actors/http/uri.hpp"
#include "vmsystem/actors/http_gateway_state.hpp"
#include "vmsystem/models/codec.hpp"
#include "vmsystem/models/enum_names.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <optional>

namespace vmsystem {

namespace {

using http::method;

/// The largest `limit` of a list of executions.
constexpr uint32_t max_executions_limit = 1000;

/// The largest `limit` of a list of events: no execution can have more.
constexpr uint32_t max_events_limit = limits_maximum{}.max_events;

// -- what handlers are made of ------------------------------------------------

/// `{"<name>": "<value>"}`; nothing when the value is not UTF-8.
json_text detail_of(std::string_view name, std::string_view value) {
  json_writer to;
  to.begin_object();
  to.key(name);
  to.value(value);
  to.end_object();
  return to.ok() ? json_text{to.text()} : json_text{};
}

failure invalid(std::string_view name, std::string_view value,
                std::string_view reason) {
  return failure{ec::validation_error,
                 "parameter \"" + std::string{name} + "\" "
                   + std::string{reason},
                 detail_of(name, value)};
}

template <class Id>
expected<Id> read_id(std::string_view name, std::string_view text) {
  if (auto id = Id::parse(text))
    return *id;
  return invalid(name, text, "is not a UUID");
}

template <class Id>
expected<Id> path_id(const http_exchange& x, std::size_t index,
                     std::string_view name) {
  return read_id<Id>(name, x.match.params[index]);
}

expected<template_id> template_of(const http_exchange& x) {
  return path_id<template_id>(x, 0, "template_id");
}

/// A decimal number in `least`..`most`; nothing when there is none.
expected<std::optional<uint32_t>> read_number(const http::query_string& query,
                                              std::string_view name,
                                              uint32_t least, uint32_t most) {
  const auto text = query.find(name);
  if (!text)
    return std::optional<uint32_t>{};
  uint64_t number = 0;
  const auto* const last = text->data() + text->size();
  const auto [end, error] = std::from_chars(text->data(), last, number);
  if (error != std::errc{} || end != last || number < least || number > most)
    return invalid(name, *text,
                   "must be a whole number from " + std::to_string(least)
                     + " to " + std::to_string(most));
  return std::optional<uint32_t>{static_cast<uint32_t>(number)};
}

/// A name of an enumeration; nothing when there is none.
template <class Enum>
expected<std::optional<Enum>> read_name(const http::query_string& query,
                                        std::string_view name) {
  const auto text = query.find(name);
  if (!text)
    return std::optional<Enum>{};
  if (const auto value = value_of<Enum>(*text))
    return std::optional<Enum>{*value};
  return invalid(name, *text, "must be one of " + all_names<Enum>());
}

/// Answers with the JSON form of `value`.
template <class T>
void answer_json(gateway_state& g, http_call call, uint16_t status,
                 const T& value) {
  const auto json = to_json(value);
  if (!json)
    return g.refuse(call, json.error());
  g.answer(call, status, json.value().text);
}

/// Answers with a flat object of texts.
void answer_fields(
  gateway_state& g, http_call call, uint16_t status,
  std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
  json_writer to;
  to.begin_object();
  for (const auto& [key, text] : fields) {
    to.key(key);
    to.value(text);
  }
  to.end_object();
  g.answer(call, status, to.view());
}

/// Makes a handler of an answer that is a document already.
auto send_document(gateway_state& g, http_call call) {
  return [&g, call](const json_text& document) {
    g.answer(call, 200, document.text);
  };
}

/// Makes a handler of an answer that is still to be written.
template <class T>
auto send_value(gateway_state& g, http_call call, uint16_t status) {
  return
    [&g, call, status](const T& value) { answer_json(g, call, status, value); };
}

// -- the runtime --------------------------------------------------------------

void get_health(gateway_state& g, const http_exchange& x) {
  g.answer(x.call, 200, R"({"status":"ok"})");
}

void get_ready(gateway_state& g, const http_exchange& x) {
  const auto call = x.call;
  const auto not_ready = [&g, call](std::string reason) {
    g.refuse(call, fail(ec::overloaded, std::move(reason)));
  };
  g.ask_or(
    call, g.options().query_timeout, g.supervisor(),
    [&g, call, not_ready](const readiness& state) {
      if (state.ready)
        answer_json(g, call, 200, state);
      else
        not_ready(state.reason);
    },
    [not_ready](const failure& reason) { not_ready(reason.message); },
    ready_atom_v);
}

void get_summary(gateway_state& g, const http_exchange& x) {
  g.ask(x.call, g.options().query_timeout, g.supervisor(),
        send_value<runtime_summary>(g, x.call, 200), summary_atom_v);
}

// -- templates ----------------------------------------------------------------

void list_templates(gateway_state& g, const http_exchange& x) {
  g.ask(x.call, g.options().query_timeout, g.query(), send_document(g, x.call),
        list_atom_v);
}

void create_template(gateway_state& g, const http_exchange& x) {
  auto spec = from_json<template_spec>(x.request.body);
  if (!spec)
    return g.refuse(x.call, spec.error());
  g.ask(x.call, g.options().command_timeout, g.supervisor(),
        send_value<template_record>(g, x.call, 201), create_atom_v,
        std::move(spec).value());
}

void get_template(gateway_state& g, const http_exchange& x) {
  const auto id = template_of(x);
  if (!id)
    return g.refuse(x.call, id.error());
  g.ask(x.call, g.options().query_timeout, g.query(), send_document(g, x.call),
        get_atom_v, id.value());
}

void delete_template(gateway_state& g, const http_exchange& x) {
  const auto id = template_of(x);
  if (!id)
    return g.refuse(x.call, id.error());
  g.ask(
    x.call, g.options().command_timeout, g.supervisor(),
    [&g, call = x.call](const template_id& removed) {
      answer_fields(g, call, 200,
                    {{"status", "ok"}, {"template_id", removed.to_string()}});
    },
    remove_atom_v, id.value());
}

/// Answers with what `part` takes from the bundle of the path's template.
template <class Part>
void get_part(gateway_state& g, const http_exchange& x, Part part) {
  const auto id = template_of(x);
  if (!id)
    return g.refuse(x.call, id.error());
  g.ask(
    x.call, g.options().query_timeout, g.query(),
    [&g, call = x.call, part](const template_bundle& bundle) {
      answer_json(g, call, 200, part(bundle));
    },
    bundle_atom_v, id.value());
}

void get_settings(gateway_state& g, const http_exchange& x) {
  get_part(g, x, [](const template_bundle& b) { return b.settings; });
}

void put_settings(gateway_state& g, const http_exchange& x) {
  const auto id = template_of(x);
  if (!id)
    return g.refuse(x.call, id.error());
  const auto document = parse_json(x.request.body);
  if (!document)
    return g.refuse(x.call, document.error());
  if (!document.value().is_object())
    return g.refuse(x.call, wrong_type(json_place{}, "an object"));
  g.ask(x.call, g.options().command_timeout, g.supervisor(),
        send_value<template_settings>(g, x.call, 200), update_atom_v,
        id.value(), json_text{std::string{x.request.body}});
}

void list_capabilities(gateway_state& g, const http_exchange& x) {
  get_part(g, x, [](const template_bundle& b) { return b.capabilities; });
}

void list_startup_files(gateway_state& g, const http_exchange& x) {
  get_part(g, x, [](const template_bundle& b) { return b.startup_files; });
}

void list_modules(gateway_state& g, const http_exchange& x) {
  get_part(g, x,
           [](const template_bundle& b) { return b.record.exposed_modules; });
}

void list_libraries(gateway_state& g, const http_exchange& x) {
  get_part(g, x, [](const template_bundle& b) { return b.record.libraries; });
}

/// Adds what the body describes to the path's template.
template <class Spec, class Result>
void add_part(gateway_state& g, const http_exchange& x) {
  const auto id = template_of(x);
  if (!id)
    return g.refuse(x.call, id.error());
  auto spec = from_json<Spec>(x.request.body);
  if (!spec)
    return g.refuse(x.call, spec.error());
  spec.value().vm_id = id.value();
  g.ask(x.call, g.options().command_timeout, g.supervisor(),
        send_value<Result>(g, x.call, 201), add_atom_v,
        std::move(spec).value());
}

/// Removes the thing that the path's second segment names from the template.
template <class Id>
void remove_part(gateway_state& g, const http_exchange& x,
                 std::string_view name) {
  const auto id = template_of(x);
  if (!id)
    return g.refuse(x.call, id.error());
  const auto part = path_id<Id>(x, 1, name);
  if (!part)
    return g.refuse(x.call, part.error());
  g.ask(
    x.call, g.options().command_timeout, g.supervisor(),
    [&g, call = x.call, name, owner = id.value()](const Id& removed) {
      answer_fields(g, call, 200,
                    {{"status", "ok"},
                     {"template_id", owner.to_string()},
                     {name, removed.to_string()}});
    },
    remove_atom_v, id.value(), part.value());
}

void add_capability(gateway_state& g, const http_exchange& x) {
  add_part<capability_spec, capability>(g, x);
}

void remove_capability(gateway_state& g, const http_exchange& x) {
  remove_part<capability_id>(g, x, "capability_id");
}

void add_startup_file(gateway_state& g, const http_exchange& x) {
  add_part<startup_file_spec, startup_file>(g, x);
}

void remove_startup_file(gateway_state& g, const http_exchange& x) {
  remove_part<startup_file_id>(g, x, "file_id");
}

template <name_list List>
void add_name(gateway_state& g, const http_exchange& x) {
  const auto id = template_of(x);
  if (!id)
    return g.refuse(x.call, id.error());
  auto name = from_json<listed_name>(x.request.body);
  if (!name)
    return g.refuse(x.call, name.error());
  name.value().vm_id = id.value();
  name.value().list = List;
  g.ask(x.call, g.options().command_timeout, g.supervisor(),
        send_value<listed_name>(g, x.call, 201), add_atom_v,
        std::move(name).value());
}

template <name_list List>
void remove_name(gateway_state& g, const http_exchange& x) {
  const auto id = template_of(x);
  if (!id)
    return g.refuse(x.call, id.error());
  listed_name name;
  name.vm_id = id.value();
  name.list = List;
  name.name = x.match.params[1];
  g.ask(
    x.call, g.options().command_timeout, g.supervisor(),
    [&g, call = x.call](const listed_name& removed) {
      answer_fields(g, call, 200,
                    {{"status", "ok"},
                     {"template_id", removed.vm_id.to_string()},
                     {"name", removed.name}});
    },
    remove_atom_v, std::move(name));
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
  g.ask(x.call, g.options().execution_timeout, g.supervisor(),
        send_value<session>(g, x.call, 201), create_atom_v,
        std::move(spec).value());
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

// -- executions ---------------------------------------------------------------

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

void execute(gateway_state& g, const http_exchange& x,
             expected<execution_request> request) {
  if (!request)
    return g.refuse(x.call, request.error());
  const auto timeout = g.options().execution_timeout
                       + std::chrono::milliseconds{request.value().wait_ms};
  g.ask(
    x.call, timeout, g.supervisor(),
    [&g, call = x.call](const finished_execution& finished) {
      answer_finished(g, call, finished);
    },
    execute_atom_v, std::move(request).value());
}

void execute_repl(gateway_state& g, const http_exchange& x) {
  execute(g, x, read_repl_request(x.request.body));
}

void execute_file(gateway_state& g, const http_exchange& x) {
  execute(g, x, read_run_file_request(x.request.body));
}

/// Answers for an execution that is neither queued nor running: with its
/// stored status, since there is nothing left to cancel.
void answer_cancel_of_past(gateway_state& g, http_call call, execution_id id) {
  g.ask(
    call, g.options().query_timeout, g.query(),
    [&g, call, id](const json_text& document) {
      const auto record = from_json<execution>(document.text);
      if (!record)
        return g.refuse(call, fail(ec::internal, record.error().message));
      answer_fields(g, call, 202,
                    {{"execution_id", id.to_string()},
                     {"status", name_of(record.value().status)}});
    },
    get_atom_v, id);
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

/// The header lines that lead to the next page.
std::string next_page_headers(const execution_filter& filter, raw_id next) {
  const auto cursor = next.to_string();
  std::string link
    = "/api/v1/executions?session_id=" + filter.session.to_string()
      + "&limit=" + std::to_string(filter.limit) + "&cursor=" + cursor;
  if (filter.by_status)
    link.append("&status=").append(name_of(filter.status));
  if (filter.by_kind)
    link.append("&kind=").append(name_of(filter.kind));
  return "X-Next-Cursor: " + cursor + "\r\nLink: <" + link
         + ">; rel=\"next\"\r\n";
}

void list_executions(gateway_state& g, const http_exchange& x) {
  const auto filter = read_execution_filter(x.query);
  if (!filter)
    return g.refuse(x.call, filter.error());
  g.ask(
    x.call, g.options().query_timeout, g.query(),
    [&g, call = x.call, filter = filter.value()](const document_page& page) {
      std::string headers;
      if (!page.next.nil())
        headers = next_page_headers(filter, page.next);
      http::response answer;
      answer.body = page.array.text;
      answer.headers = headers;
      g.answer(call, answer);
    },
    list_atom_v, filter.value());
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

// -- the table ----------------------------------------------------------------

struct route {
  method verb;
  std::string_view pattern;
  void (*handle)(gateway_state&, const http_exchange&);
  std::string_view summary;
};

// Patterns without braces stand before those that would fit too.
constexpr std::array routes{
  route{method::get, "/api/v1/health", get_health, "Whether the server lives"},
  route{method::get, "/api/v1/ready", get_ready, "Whether it takes work"},
  route{method::get, "/api/v1/runtime/summary", get_summary,
        "The live sessions"},
  route{method::get, "/api/v1/templates", list_templates,
        "All templates, newest first"},
  route{method::post, "/api/v1/templates", create_template,
        "Creates a template"},
  route{method::get, "/api/v1/templates/{template_id}", get_template,
        "A template with all that belongs to it"},
  route{method::remove, "/api/v1/templates/{template_id}", delete_template,
        "Removes a template with all that belongs to it"},
  route{method::get, "/api/v1/templates/{template_id}/settings", get_settings,
        "The settings of a template"},
  route{method::put, "/api/v1/templates/{template_id}/settings", put_settings,
        "Merges into the settings, field by field"},
  route{method::get, "/api/v1/templates/{template_id}/capabilities",
        list_capabilities, "The capabilities of a template"},
  route{method::post, "/api/v1/templates/{template_id}/capabilities",
        add_capability, "Adds a capability"},
  route{method::remove,
        "/api/v1/templates/{template_id}/capabilities/{capability_id}",
        remove_capability, "Removes a capability"},
  route{method::get, "/api/v1/templates/{template_id}/startup-files",
        list_startup_files, "The startup files of a template, in order"},
  route{method::post, "/api/v1/templates/{template_id}/startup-files",
        add_startup_file, "Adds a startup file"},
  route{method::remove,
        "/api/v1/templates/{template_id}/startup-files/{file_id}",
        remove_startup_file, "Removes a startup file"},
  route{method::get, "/api/v1/templates/{template_id}/modules", list_modules,
        "The names of the native modules"},
  route{method::post, "/api/v1/templates/{template_id}/modules",
        add_name<name_list::modules>, "Adds a native module"},
  route{method::remove, "/api/v1/templates/{template_id}/modules/{name}",
        remove_name<name_list::modules>, "Removes a native module"},
  route{method::get, "/api/v1/templates/{template_id}/libraries",
        list_libraries, "The names of the libraries"},
  route{method::post, "/api/v1/templates/{template_id}/libraries",
        add_name<name_list::libraries>, "Adds a library"},
  route{method::remove, "/api/v1/templates/{template_id}/libraries/{name}",
        remove_name<name_list::libraries>, "Removes a library"},
  route{method::get, "/api/v1/sessions", list_sessions,
        "All sessions, newest first; `status`"},
  route{method::post, "/api/v1/sessions", create_session,
        "Creates a session and runs its startup files"},
  route{method::get, "/api/v1/sessions/{session_id}", get_session, "A session"},
  route{method::remove, "/api/v1/sessions/{session_id}", close_session,
        "Closes a session"},
  route{method::post, "/api/v1/sessions/{session_id}/close", close_session,
        "Closes a session"},
  route{method::post, "/api/v1/executions/repl", execute_repl,
        "Runs a snippet in a session"},
  route{method::post, "/api/v1/executions/run-file", execute_file,
        "Runs a file of the worktree in a session"},
  route{method::get, "/api/v1/executions", list_executions,
        "Executions of a session, newest first; `session_id`, `limit`, "
        "`cursor`, `status`, `kind`"},
  route{method::get, "/api/v1/executions/{execution_id}", get_execution,
        "An execution"},
  route{method::post, "/api/v1/executions/{execution_id}/cancel",
        cancel_execution, "Stops an execution; its session stays usable"},
  route{method::get, "/api/v1/executions/{execution_id}/events", get_events,
        "The events of an execution; `after_seq`, `limit`"},
};

} // namespace

const std::vector<http::route_doc>& http_routes() {
  static const auto docs = [] {
    std::vector<http::route_doc> result;
    for (const auto& x : routes)
      result.push_back({x.verb, x.pattern, x.summary});
    return result;
  }();
  return docs;
}

void handle_http_route(std::size_t route, gateway_state& gateway,
                       const http_exchange& x) {
  routes[route].handle(gateway, x);
}

} // namespace vmsystem
