#include "vmsystem/actors/http/audit.hpp"

#include "vmsystem/models/error_code.hpp"
#include "vmsystem/models/ids.hpp"
#include "vmsystem/models/json_reader.hpp"
#include "vmsystem/models/json_writer.hpp"
#include "vmsystem/models/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace vmsystem::http {

namespace {

constexpr std::size_t max_name_bytes = 256;

/// The ids in the documents of answers.
constexpr std::array<std::string_view, 6> id_names{
  "template_id", "session_id", "execution_id",
  "batch_id",    "file_id",    "capability_id"};

struct collection {
  std::string_view segment;
  /// The name of an id of one of its members.
  std::string_view id;
};

constexpr std::array collections{
  collection{"templates", "template_id"},
  collection{"sessions", "session_id"},
  collection{"executions", "execution_id"},
  collection{"batches", "batch_id"},
  collection{"capabilities", "capability_id"},
  collection{"startup-files", "file_id"},
};

/// The name of the `id` in a document that a route answers with.
std::string_view own_id_name(std::string_view route) {
  std::string_view result = "id";
  while (!route.empty()) {
    const auto segment = cut(route, '/');
    for (const auto& x : collections)
      if (x.segment == segment)
        result = x.id;
  }
  return result;
}

bool lists_names(std::string_view route) {
  return route.find("/modules") != std::string_view::npos
         || route.find("/libraries") != std::string_view::npos;
}

/// What the ids of a document are called in the log; empty for other fields.
std::string_view name_in_log(std::string_view route, std::string_view key) {
  if (key == "id")
    return own_id_name(route);
  if (key == "vm_id")
    return "template_id";
  if (key == "name")
    return lists_names(route) ? key : std::string_view{};
  const auto* const found = std::find(id_names.begin(), id_names.end(), key);
  return found == id_names.end() ? std::string_view{} : *found;
}

void note_document(audit_entry& x, simdjson::dom::element document) {
  simdjson::dom::object object;
  if (document.get(object))
    return;
  for (const auto& [key, value] : object) {
    std::string_view text;
    if (const auto name = name_in_log(x.route, key);
        !name.empty() && !value.get(text))
      note_id(x, name, text);
  }
}

/// Whether an error left a record behind.
bool left_record(simdjson::dom::element envelope) {
  std::string_view code;
  return !envelope["error"]["code"].get(code)
         && (code == to_string_view(ec::output_limit_exceeded)
             || code == to_string_view(ec::startup_failed));
}

/// Takes the ids of an answer.
/// @returns whether the request is logged.
bool note_body(audit_entry& x, const response& answer) {
  const auto root = parse_json(answer.body);
  if (answer.status < 400) {
    if (root)
      note_document(x, root.value());
    return true;
  }
  simdjson::dom::element details;
  if (root && !root.value()["error"]["details"].get(details))
    note_document(x, details);
  // Who knows what was done before something went wrong.
  return answer.status == 401 || answer.status == 403 || answer.status == 500
         || (root && left_record(root.value()));
}

/// Takes what a `Location` leads to.
void note_location(audit_entry& x, std::string_view headers) {
  constexpr std::string_view field = "Location: ";
  while (!headers.empty()) {
    const auto line = cut(headers, '\r');
    headers.remove_prefix(std::min<std::size_t>(1, headers.size()));
    if (line.substr(0, field.size()) == field)
      note_id(x, own_id_name(x.route), line.substr(line.rfind('/') + 1));
  }
}

} // namespace

bool is_change(method verb) noexcept {
  return verb == method::post || verb == method::put || verb == method::remove;
}

void note_id(audit_entry& x, std::string_view name, std::string_view text) {
  if (name == "name") {
    if (text.size() <= max_name_bytes
        && simdjson::validate_utf8(text.data(), text.size()))
      x.ids[std::string{name}] = text;
  } else if (const auto id = raw_id::parse(text)) {
    x.ids[std::string{name}] = id->to_string();
  }
}

void note_path(audit_entry& x, const std::string_view* params) {
  for (auto rest = x.route; !rest.empty();) {
    const auto segment = cut(rest, '/');
    if (!segment.empty() && segment.front() == '{')
      note_id(x, segment.substr(1, segment.size() - 2), *params++);
  }
}

void note_document(audit_entry& x, const json_text& document) {
  if (const auto root = parse_json(document.text))
    note_document(x, root.value());
}

std::string audit_line(audit_entry x, const response& answer) {
  if (!note_body(x, answer))
    return {};
  note_location(x, answer.headers);
  json_writer to;
  const auto text = [&to](std::string_view key, std::string_view value) {
    to.key(key);
    to.value(value);
  };
  to.begin_object();
  text("time", x.time.to_string());
  text("request_id", x.request_id);
  text("token", x.token);
  text("method", name_of(x.verb));
  text("route", x.route);
  to.key("ids");
  to.begin_object();
  for (const auto& [name, id] : x.ids)
    text(name, id);
  to.end_object();
  to.key("status");
  to.value(uint32_t{answer.status});
  text("remote", x.remote);
  to.end_object();
  return to.text() + '\n';
}

} // namespace vmsystem::http
