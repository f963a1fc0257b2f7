#pragma once

#include "vmsystem/actors/http/uri.hpp"
#include "vmsystem/actors/http_gateway_state.hpp"
#include "vmsystem/models/codec.hpp"
#include "vmsystem/models/enum_names.hpp"
#include "vmsystem/models/query.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vmsystem::http_handlers {

// -- what handlers are made of ------------------------------------------------

/// `{"<name>":"<value>"}`; nothing when the value is not UTF-8.
json_text detail_of(std::string_view name, std::string_view value);

/// A validation error that names a parameter of the path or the query.
failure invalid(std::string_view name, std::string_view value,
                std::string_view reason);

/// Reads a UUID. Errors: validation_error.
template <class Id>
expected<Id> read_id(std::string_view name, std::string_view text) {
  if (auto id = Id::parse(text))
    return *id;
  return invalid(name, text, "is not a UUID");
}

/// Reads a segment of the path as a UUID. Errors: validation_error.
template <class Id>
expected<Id> path_id(const http_exchange& x, std::size_t index,
                     std::string_view name) {
  return read_id<Id>(name, x.match.params[index]);
}

/// The template that the path names.
inline expected<template_id> template_of(const http_exchange& x) {
  return path_id<template_id>(x, 0, "template_id");
}

/// `text` as a decimal number in `least`..`most`; nothing when it is none.
std::optional<uint32_t> parse_number(std::string_view text, uint32_t least,
                                     uint32_t most) noexcept;

/// A decimal number in `least`..`most`; nothing when there is none. Errors:
/// validation_error.
expected<std::optional<uint32_t>> read_number(const http::query_string& query,
                                              std::string_view name,
                                              uint32_t least, uint32_t most);

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
  std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

/// Makes a handler of an answer that is a document already.
inline auto send_document(gateway_state& g, http_call call) {
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

/// The name of `value` when it `counts`, else nothing.
template <class Enum>
std::string_view name_or_none(bool counts, Enum value) {
  return counts ? name_of(value) : std::string_view{};
}

/// A request target: `path` with those parameters that have a value. Values
/// stand as they are, so they must need no percent-encoding.
std::string
target_with(std::string_view path,
            std::initializer_list<std::pair<std::string_view, std::string_view>>
              parameters);

/// The header lines that lead to the next page of a list, which is at `target`.
std::string next_page_headers(std::string_view cursor, std::string_view target);

/// Makes a handler of a page of the list that `filter` asks for. `target_of`
/// gives the request target of the next page from its cursor.
template <class Filter>
auto send_page(gateway_state& g, http_call call, const Filter& filter,
               std::string (*target_of)(const Filter& filter,
                                        std::string_view cursor)) {
  return [&g, call, filter, target_of](const document_page& page) {
    std::string headers;
    if (!page.next.nil()) {
      const auto cursor = page.next.to_string();
      headers = next_page_headers(cursor, target_of(filter, cursor));
    }
    http::response answer;
    answer.body = page.array.text;
    answer.headers = headers;
    g.answer(call, answer);
  };
}

// -- the handlers, one for each route -----------------------------------------

void get_health(gateway_state& g, const http_exchange& x);
void get_ready(gateway_state& g, const http_exchange& x);
void get_summary(gateway_state& g, const http_exchange& x);
void get_metrics(gateway_state& g, const http_exchange& x);
void get_openapi(gateway_state& g, const http_exchange& x);
void list_templates(gateway_state& g, const http_exchange& x);
void create_template(gateway_state& g, const http_exchange& x);
void get_template(gateway_state& g, const http_exchange& x);
void delete_template(gateway_state& g, const http_exchange& x);
void get_settings(gateway_state& g, const http_exchange& x);
void put_settings(gateway_state& g, const http_exchange& x);
void list_capabilities(gateway_state& g, const http_exchange& x);
void add_capability(gateway_state& g, const http_exchange& x);
void remove_capability(gateway_state& g, const http_exchange& x);
void list_startup_files(gateway_state& g, const http_exchange& x);
void add_startup_file(gateway_state& g, const http_exchange& x);
void remove_startup_file(gateway_state& g, const http_exchange& x);
void list_modules(gateway_state& g, const http_exchange& x);
void add_module(gateway_state& g, const http_exchange& x);
void remove_module(gateway_state& g, const http_exchange& x);
void list_libraries(gateway_state& g, const http_exchange& x);
void add_library(gateway_state& g, const http_exchange& x);
void remove_library(gateway_state& g, const http_exchange& x);
void list_sessions(gateway_state& g, const http_exchange& x);
void create_session(gateway_state& g, const http_exchange& x);
void get_session(gateway_state& g, const http_exchange& x);
void close_session(gateway_state& g, const http_exchange& x);
void execute_repl(gateway_state& g, const http_exchange& x);
void execute_file(gateway_state& g, const http_exchange& x);
void list_executions(gateway_state& g, const http_exchange& x);
void get_execution(gateway_state& g, const http_exchange& x);
void cancel_execution(gateway_state& g, const http_exchange& x);
void get_events(gateway_state& g, const http_exchange& x);
void create_batch(gateway_state& g, const http_exchange& x);
void list_batches(gateway_state& g, const http_exchange& x);
void get_batch(gateway_state& g, const http_exchange& x);
void get_batch_results(gateway_state& g, const http_exchange& x);
void cancel_batch(gateway_state& g, const http_exchange& x);

/// Whether `x`, a request to create a batch, has a body of lines, which may
/// have any length.
bool takes_batch_in_pieces(const http::request& x);

} // namespace vmsystem::http_handlers
