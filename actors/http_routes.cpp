#include "vmsystem/actors/http_handlers.hpp"

#include <array>

namespace vmsystem {

namespace {

using namespace http_handlers;
using http::method;

struct route {
  method verb;
  std::string_view pattern;
  void (*handle)(gateway_state&, const http_exchange&);
  std::string_view summary;
  /// Whether it takes the body of a request in pieces; null when never.
  bool (*takes_pieces)(const http::request&) = nullptr;
};

// Patterns without braces stand before those that would fit too.
constexpr std::array routes{
  route{method::get, "/api/v1/health", get_health, "Whether the server lives"},
  route{method::get, "/api/v1/ready", get_ready, "Whether it takes work"},
  route{method::get, "/api/v1/runtime/summary", get_summary,
        "The live sessions"},
  route{method::get, "/metrics", get_metrics,
        "Counters and gauges for Prometheus"},
  route{method::get, "/api/v1/openapi.json", get_openapi,
        "This API as an OpenAPI 3.1 document"},
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
  route{method::post, "/api/v1/templates/{template_id}/modules", add_module,
        "Adds a native module"},
  route{method::remove, "/api/v1/templates/{template_id}/modules/{name}",
        remove_module, "Removes a native module"},
  route{method::get, "/api/v1/templates/{template_id}/libraries",
        list_libraries, "The names of the libraries"},
  route{method::post, "/api/v1/templates/{template_id}/libraries", add_library,
        "Adds a library"},
  route{method::remove, "/api/v1/templates/{template_id}/libraries/{name}",
        remove_library, "Removes a library"},
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
        "The events of an execution, also as an event stream; `after_seq`, "
        "`limit`"},
  route{method::post, "/api/v1/batches", create_batch,
        "Runs many jobs against a template", takes_batch_in_pieces},
  route{method::get, "/api/v1/batches", list_batches,
        "All batches, newest first; `status`, `limit`, `cursor`"},
  route{method::get, "/api/v1/batches/{batch_id}", get_batch,
        "A batch; as an event stream its progress"},
  route{method::get, "/api/v1/batches/{batch_id}/results", get_batch_results,
        "Stored results of a batch, in input order; `cursor`, `limit`"},
  route{method::post, "/api/v1/batches/{batch_id}/cancel", cancel_batch,
        "Stops a batch: what runs is cancelled, the rest does not run"},
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

std::optional<access_scope> http_route_scope(std::size_t route) {
  constexpr std::string_view templates = "/api/v1/templates";
  const auto& x = routes[route];
  if (x.handle == get_health)
    return std::nullopt;
  if (x.verb == method::get)
    return access_scope::read;
  return x.pattern.substr(0, templates.size()) == templates
           ? access_scope::admin
           : access_scope::execute;
}

bool http_route_takes_pieces(std::size_t route, const http::request& x) {
  const auto takes_pieces = routes[route].takes_pieces;
  return takes_pieces != nullptr && takes_pieces(x);
}

void handle_http_route(std::size_t route, gateway_state& gateway,
                       const http_exchange& x) {
  routes[route].handle(gateway, x);
}

} // namespace vmsystem
