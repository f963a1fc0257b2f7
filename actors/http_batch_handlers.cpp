#include "vmsystem/actors/http/media_type.hpp"
#include "vmsystem/actors/http_batch_board.hpp"
#include "vmsystem/actors/http_batch_intake.hpp"
#include "vmsystem/actors/http_batch_lookup.hpp"
#include "vmsystem/actors/http_handlers.hpp"

#include <algorithm>

namespace vmsystem::http_handlers {

namespace {

/// The largest `limit` of a list of batches.
constexpr uint32_t max_batches_limit = 1000;

/// The largest `limit` of a page of results.
constexpr uint32_t max_results_limit = 10000;

expected<bool> read_flag(const http::query_string& query,
                         std::string_view name) {
  const auto text = query.find(name);
  if (!text)
    return false;
  if (*text != "true" && *text != "false")
    return invalid(name, *text, "must be true or false");
  return *text == "true";
}

/// Reads `name` as a UUID into `to`, when it is there.
template <class Id>
expected<void> read_optional_id(const http::query_string& query,
                                std::string_view name, Id& to) {
  const auto text = query.find(name);
  if (!text)
    return success();
  const auto id = read_id<Id>(name, *text);
  if (!id)
    return id.error();
  to = id.value();
  return success();
}

expected<void> check_spec(const batch_spec& spec) {
  if (spec.vm_id.nil() && spec.session.nil())
    return invalid("template_id", "", "is required");
  return success();
}

/// Refuses parameters that nobody would look at.
expected<void> check_names(const http::query_string& query,
                           std::initializer_list<std::string_view> known,
                           std::string_view reason) {
  if (const auto name = query.find_unknown(known))
    return invalid(*name, query.find(*name).value_or(""), reason);
  return success();
}

expected<batch_spec> read_spec(std::string_view text) {
  const auto parsed = http::query_string::parse(text);
  if (!parsed)
    return parsed.error();
  const auto& query = parsed.value();
  if (auto checked
      = check_names(query,
                    {"template_id", "worktree_path", "isolation", "session_id",
                     "concurrency", "on_error", "ordered"},
                    "is unknown or stands twice");
      !checked)
    return checked.error();
  batch_spec spec;
  if (auto read = read_optional_id(query, "template_id", spec.vm_id); !read)
    return read.error();
  if (auto read = read_optional_id(query, "session_id", spec.session); !read)
    return read.error();
  spec.worktree_path = query.find("worktree_path").value_or("");
  const auto isolation = read_name<batch_isolation>(query, "isolation");
  if (!isolation)
    return isolation.error();
  spec.isolation = isolation.value().value_or(spec.isolation);
  const auto on_error = read_name<batch_on_error>(query, "on_error");
  if (!on_error)
    return on_error.error();
  spec.on_error = on_error.value().value_or(spec.on_error);
  const auto concurrency = read_number(query, "concurrency", 0, UINT32_MAX);
  if (!concurrency)
    return concurrency.error();
  spec.concurrency = concurrency.value().value_or(spec.concurrency);
  const auto ordered = read_flag(query, "ordered");
  if (!ordered)
    return ordered.error();
  spec.ordered = ordered.value();
  if (auto checked = check_spec(spec); !checked)
    return checked.error();
  return spec;
}

/// Makes a batch of a body of lines.
void create_from_lines(gateway_state& g, const http_exchange& x,
                       bool attached) {
  auto read = read_spec(x.query);
  if (!read)
    return g.refuse(x.call, read.error());
  auto& spec = read.value();
  spec.attached = attached;
  if (x.request.in_pieces)
    batch_intake::from_body(g, x, spec);
  else
    batch_intake::from_text(g, x, spec, std::string{x.request.body});
}

/// Makes a batch of one document.
void create_from_document(gateway_state& g, const http_exchange& x,
                          bool attached) {
  const auto query = http::query_string::parse(x.query);
  if (!query)
    return g.refuse(x.call, query.error());
  if (auto checked
      = check_names(query.value(), {}, "belongs into the document");
      !checked)
    return g.refuse(x.call, checked.error());
  auto read = from_json<batch_request>(x.request.body);
  if (!read)
    return g.refuse(x.call, read.error());
  auto& spec = read.value().spec;
  if (auto checked = check_spec(spec); !checked)
    return g.refuse(x.call, checked.error());
  spec.attached = attached;
  std::string lines;
  for (const auto& job : read.value().jobs)
    lines.append(job.text).append("\n");
  batch_intake::from_text(g, x, spec, std::move(lines));
}

expected<batch_filter> read_batch_filter(std::string_view text) {
  const auto query = http::query_string::parse(text);
  if (!query)
    return query.error();
  batch_filter filter;
  const auto limit = read_number(query.value(), "limit", 1, max_batches_limit);
  if (!limit)
    return limit.error();
  filter.limit = limit.value().value_or(filter.limit);
  if (auto read = read_optional_id(query.value(), "cursor", filter.cursor);
      !read)
    return read.error();
  const auto status = read_name<batch_status>(query.value(), "status");
  if (!status)
    return status.error();
  filter.by_status = status.value().has_value();
  filter.status = status.value().value_or(filter.status);
  return filter;
}

std::string target_of_page(const batch_filter& filter,
                           std::string_view cursor) {
  return target_with("/api/v1/batches",
                     {{"limit", std::to_string(filter.limit)},
                      {"cursor", cursor},
                      {"status",
                       name_or_none(filter.by_status, filter.status)}});
}

expected<batch_result_filter> read_result_filter(const http_exchange& x) {
  batch_result_filter filter;
  const auto id = path_id<batch_id>(x, 0, "batch_id");
  if (!id)
    return id.error();
  filter.id = id.value();
  const auto query = http::query_string::parse(x.query);
  if (!query)
    return query.error();
  const auto limit = read_number(query.value(), "limit", 1, max_results_limit);
  if (!limit)
    return limit.error();
  filter.limit = limit.value().value_or(filter.limit);
  const auto cursor = read_number(query.value(), "cursor", 0, UINT32_MAX);
  if (!cursor)
    return cursor.error();
  filter.first = cursor.value().value_or(filter.first);
  return filter;
}

/// The page as `{"results":[...],"next_cursor":"N"}`. Documents have no line
/// feed but the one behind each.
std::string page_document(const batch_result_page& page) {
  std::string result = "{\"results\":[";
  result += page.lines;
  std::replace(result.begin(), result.end(), '\n', ',');
  if (page.count > 0)
    result.pop_back();
  result += ']';
  if (!page.last)
    result += ",\"next_cursor\":\"" + std::to_string(page.next) + "\"";
  return result + '}';
}

void answer_page(gateway_state& g, http_call call, bool as_lines,
                 const batch_result_page& page) {
  if (!as_lines)
    return g.answer(call, 200, page_document(page));
  std::string headers;
  if (!page.last)
    headers = "X-Next-Cursor: " + std::to_string(page.next) + "\r\n";
  http::response x;
  x.body = page.lines;
  x.headers = headers;
  x.content_type = http::ndjson_type;
  g.answer(call, x);
}

} // namespace

bool takes_batch_in_pieces(const http::request& x) {
  return !http::is_media_type(x.content_type, http::json_type);
}

void create_batch(gateway_state& g, const http_exchange& x) {
  const auto type = x.request.content_type;
  const bool attached = http::prefers(x.request.accept, http::ndjson_type);
  if (http::is_media_type(type, http::ndjson_type))
    create_from_lines(g, x, attached);
  else if (http::is_media_type(type, http::json_type))
    create_from_document(g, x, attached);
  else
    g.refuse(x.call, fail(ec::validation_error,
                          "Content-Type must be application/x-ndjson or "
                          "application/json"));
}

void list_batches(gateway_state& g, const http_exchange& x) {
  const auto filter = read_batch_filter(x.query);
  if (!filter)
    return g.refuse(x.call, filter.error());
  g.ask(x.call, g.options().query_timeout, g.query(),
        send_page(g, x.call, filter.value(), target_of_page), list_atom_v,
        filter.value());
}

void get_batch(gateway_state& g, const http_exchange& x) {
  const auto id = path_id<batch_id>(x, 0, "batch_id");
  if (!id)
    return g.refuse(x.call, id.error());
  if (x.request.verb == http::method::get
      && http::prefers(x.request.accept, http::event_stream_type))
    return g.board().watch(x.call, id.value());
  find_batch(
    g, id.value(),
    [&g, call = x.call](const found_batch& found) {
      g.answer(call, 200, found.document.text);
    },
    [&g, call = x.call](const failure& reason) { g.refuse(call, reason); });
}

void get_batch_results(gateway_state& g, const http_exchange& x) {
  const auto filter = read_result_filter(x);
  if (!filter)
    return g.refuse(x.call, filter.error());
  const bool as_lines = http::prefers(x.request.accept, http::ndjson_type);
  g.ask(
    x.call, g.options().query_timeout, g.query(),
    [&g, call = x.call, as_lines](const batch_result_page& page) {
      answer_page(g, call, as_lines, page);
    },
    results_atom_v, filter.value());
}

void cancel_batch(gateway_state& g, const http_exchange& x) {
  const auto id = path_id<batch_id>(x, 0, "batch_id");
  if (!id)
    return g.refuse(x.call, id.error());
  g.ask_or(
    x.call, g.options().command_timeout, g.supervisor(),
    send_value<batch>(g, x.call, 202),
    [&g, call = x.call, id = id.value()](const failure& reason) {
      // One that is over needs nobody who stops it.
      find_batch(
        g, id,
        [&g, call, reason](const found_batch& found) {
          if (is_over(found.status))
            g.answer(call, 202, found.document.text);
          else
            g.refuse(call, reason);
        },
        [&g, call](const failure& missing) { g.refuse(call, missing); });
    },
    cancel_atom_v, id.value());
}

} // namespace vmsystem::http_handlers
