#pragma once

#include "vmsystem/models/batch.hpp"
#include "vmsystem/models/event.hpp"
#include "vmsystem/models/execution.hpp"
#include "vmsystem/models/failure.hpp"
#include "vmsystem/models/json_reader.hpp"
#include "vmsystem/models/json_text.hpp"
#include "vmsystem/models/json_writer.hpp"
#include "vmsystem/models/readiness.hpp"
#include "vmsystem/models/session.hpp"
#include "vmsystem/models/template.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vmsystem {

// The one JSON form of each model type: how it is stored and served. Reading
// is strict: see `read_object`.

void write(json_writer& to, const template_record& x);
void write(json_writer& to, const limits_config& x);
void write(json_writer& to, const resolver_config& x);
void write(json_writer& to, const runtime_config& x);
void write(json_writer& to, const template_settings& x);
void write(json_writer& to, const capability& x);
void write(json_writer& to, const startup_file& x);
void write(json_writer& to, const template_bundle& x);
void write(json_writer& to, const listed_name& x);
void write(json_writer& to, const session& x);
void write(json_writer& to, const execution_metrics& x);
void write(json_writer& to, const execution& x);
void write(json_writer& to, const event& x);
void write(json_writer& to, const batch& x);
void write(json_writer& to, const batch_result& x);
void write(json_writer& to, const echo_payload& x);
void write(json_writer& to, const console_payload& x);
void write(json_writer& to, const value_payload& x);
void write(json_writer& to, const exception_payload& x);
void write(json_writer& to, const system_payload& x);
void write(json_writer& to, const runtime_summary& x);
void write(json_writer& to, const readiness& x);
/// The error envelope.
void write(json_writer& to, const failure& x);
/// The text, which must be UTF-8, as a JSON string.
void write(json_writer& to, const std::string& x);

template <class T>
void write(json_writer& to, const std::vector<T>& x) {
  to.begin_array();
  for (const auto& element : x)
    write(to, element);
  to.end_array();
}

using dom_element = simdjson::dom::element;

expected<void> read_value(dom_element from, const json_place& place,
                          template_record& to);
/// Fields that are missing keep their value; so do those of the next two.
expected<void> read_value(dom_element from, const json_place& place,
                          limits_config& to);
expected<void> read_value(dom_element from, const json_place& place,
                          resolver_config& to);
expected<void> read_value(dom_element from, const json_place& place,
                          runtime_config& to);
expected<void> read_value(dom_element from, const json_place& place,
                          template_settings& to);
expected<void> read_value(dom_element from, const json_place& place,
                          capability& to);
expected<void> read_value(dom_element from, const json_place& place,
                          startup_file& to);
expected<void> read_value(dom_element from, const json_place& place,
                          template_bundle& to);
expected<void> read_value(dom_element from, const json_place& place,
                          session& to);
expected<void> read_value(dom_element from, const json_place& place,
                          execution_metrics& to);
expected<void> read_value(dom_element from, const json_place& place,
                          execution& to);
expected<void> read_value(dom_element from, const json_place& place, event& to);
expected<void> read_value(dom_element from, const json_place& place, batch& to);
expected<void> read_value(dom_element from, const json_place& place,
                          batch_spec& to);
/// The body of a request to create a batch: the fields of its spec, and `jobs`.
expected<void> read_value(dom_element from, const json_place& place,
                          batch_request& to);
expected<void> read_value(dom_element from, const json_place& place,
                          value_payload& to);
expected<void> read_value(dom_element from, const json_place& place,
                          exception_payload& to);
/// The body of a request to create a template.
expected<void> read_value(dom_element from, const json_place& place,
                          template_spec& to);
/// The body of a request to add a capability; the template is not in it.
expected<void> read_value(dom_element from, const json_place& place,
                          capability_spec& to);
/// The body of a request to add a startup file; the template is not in it.
expected<void> read_value(dom_element from, const json_place& place,
                          startup_file_spec& to);
/// The body of a request to add a module or library: its name only.
expected<void> read_value(dom_element from, const json_place& place,
                          listed_name& to);
/// The body of a request to create a session.
expected<void> read_value(dom_element from, const json_place& place,
                          session_spec& to);

/// The document of `x`. Errors: internal, when a text in it is not UTF-8.
template <class T>
[[nodiscard]] expected<json_text> to_json(const T& x) {
  json_writer writer;
  write(writer, x);
  if (!writer.ok())
    return fail(ec::internal, "a text is not valid UTF-8");
  return json_text{writer.text()};
}

/// The document of `x`; `fallback` when `x` cannot be written, and `null` when
/// `fallback` is empty.
template <class T>
[[nodiscard]] json_text to_json_or(const T& x, std::string_view fallback) {
  if (auto json = to_json(x))
    return std::move(json).value();
  return json_text{std::string{fallback.empty() ? "null" : fallback}};
}

/// Reads a whole document. Errors: invalid_request, validation_error.
template <class T>
[[nodiscard]] expected<T> from_json(std::string_view text) {
  auto root = parse_json(text);
  if (!root)
    return root.error();
  T result{};
  if (auto outcome = read_value(root.value(), json_place{}, result); !outcome)
    return outcome.error();
  return result;
}

/// Reads an array of documents. Errors: as `from_json`.
template <class T>
[[nodiscard]] expected<std::vector<T>> list_from_json(std::string_view text) {
  auto root = parse_json(text);
  if (!root)
    return root.error();
  std::vector<T> result;
  if (auto outcome = read_array(root.value(), json_place{}, result); !outcome)
    return outcome.error();
  return result;
}

/// The body of `POST /executions/repl`. Errors: as `from_json`.
[[nodiscard]] expected<execution_request>
read_repl_request(std::string_view body);

/// The body of `POST /executions/run-file`. Errors: as `from_json`.
[[nodiscard]] expected<execution_request>
read_run_file_request(std::string_view body);

/// One line of a batch's input.
/// @param limits those of the template: a job may tighten them.
/// Errors: as `from_json`; validation_error for a limit above the template's.
[[nodiscard]] expected<batch_job> read_job_line(std::string_view line,
                                                const limits_config& limits);

/// The result of a job from its execution's stored document. Errors: internal,
/// when this is not such a document.
[[nodiscard]] expected<batch_result> read_batch_result(std::string_view stored);

/// What an execution's record says of a job.
[[nodiscard]] batch_result result_of(const execution& record);

/// The names and values of `fields` as a JSON object of strings: the details of
/// a failure.
[[nodiscard]] json_text details_of(
  std::initializer_list<std::pair<std::string_view, std::string>> fields);

/// The error envelope `{"error":{"code","message","details"}}`.
[[nodiscard]] std::string error_envelope(const failure& x);

} // namespace vmsystem
