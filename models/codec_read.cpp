#include "vmsystem/models/codec.hpp"

#include <cmath>

namespace vmsystem {

namespace {

constexpr auto optional = presence::optional;
constexpr auto present = presence::present;

/// A decimal number of milliseconds, kept as microseconds.
struct milliseconds_field {
  uint64_t* to_us;
};

expected<void> read_value(dom_element from, const json_place& place,
                          milliseconds_field& to) {
  double ms = 0;
  if (from.get(ms) || !(ms >= 0) || ms > 1e15)
    return wrong_type(place, "a number of milliseconds");
  *to.to_us = static_cast<uint64_t>(std::llround(ms * 1000));
  return success();
}

template <class T>
struct list_field {
  std::vector<T>* to;
};

template <class T>
expected<void> read_value(dom_element from, const json_place& place,
                          list_field<T>& to) {
  return read_array(from, place, *to.to);
}

} // namespace

expected<void> read_value(dom_element from, const json_place& place,
                          template_record& to) {
  return read_object(from, place, field("id", to.id), field("name", to.name),
                     field("engine", to.engine),
                     field("is_active", to.is_active),
                     field("exposed_modules", to.exposed_modules),
                     field("libraries", to.libraries),
                     field("created_at", to.created_at),
                     field("updated_at", to.updated_at));
}

expected<void> read_value(dom_element from, const json_place& place,
                          limits_config& to) {
  return read_object(from, place, field("cpu_ms", to.cpu_ms, optional),
                     field("wall_ms", to.wall_ms, optional),
                     field("mem_mb", to.mem_mb, optional),
                     field("max_events", to.max_events, optional),
                     field("max_output_kb", to.max_output_kb, optional));
}

expected<void> read_value(dom_element from, const json_place& place,
                          resolver_config& to) {
  return read_object(from, place, field("roots", to.roots, optional),
                     field("extensions", to.extensions, optional),
                     field("allow_absolute_repo_imports",
                           to.allow_absolute_repo_imports, optional));
}

expected<void> read_value(dom_element from, const json_place& place,
                          runtime_config& to) {
  return read_object(from, place, field("esm", to.esm, optional),
                     field("strict", to.strict, optional),
                     field("console", to.console, optional));
}

expected<void> read_value(dom_element from, const json_place& place,
                          template_settings& to) {
  return read_object(from, place, field("vm_id", to.vm_id),
                     field("limits", to.limits), field("resolver", to.resolver),
                     field("runtime", to.runtime));
}

expected<void> read_value(dom_element from, const json_place& place,
                          capability& to) {
  json_object_field config{&to.config};
  return read_object(from, place, field("id", to.id), field("vm_id", to.vm_id),
                     field("kind", to.kind), field("name", to.name),
                     field("enabled", to.enabled), field("config", config));
}

expected<void> read_value(dom_element from, const json_place& place,
                          startup_file& to) {
  return read_object(from, place, field("id", to.id), field("vm_id", to.vm_id),
                     field("path", to.path),
                     field("order_index", to.order_index),
                     field("mode", to.mode));
}

expected<void> read_value(dom_element from, const json_place& place,
                          template_bundle& to) {
  list_field<capability> capabilities{&to.capabilities};
  list_field<startup_file> startup_files{&to.startup_files};
  return read_object(from, place, field("template", to.record),
                     field("settings", to.settings),
                     field("capabilities", capabilities),
                     field("startup_files", startup_files));
}

expected<void> read_value(dom_element from, const json_place& place,
                          session& to) {
  return read_object(from, place, field("id", to.id), field("vm_id", to.vm_id),
                     field("workspace_id", to.workspace_id, present),
                     field("base_commit_oid", to.base_commit_oid, present),
                     field("worktree_path", to.worktree_path, present),
                     field("status", to.status),
                     field("created_at", to.created_at),
                     field("closed_at", to.closed_at, optional),
                     field("last_error", to.last_error, optional),
                     field("runtime_meta", to.runtime_meta, optional));
}

expected<void> read_value(dom_element from, const json_place& place,
                          execution_metrics& to) {
  milliseconds_field queue{&to.queue_us};
  milliseconds_field cpu{&to.cpu_us};
  milliseconds_field wall{&to.wall_us};
  return read_object(from, place, field("queue_ms", queue),
                     field("cpu_ms", cpu), field("wall_ms", wall),
                     field("peak_mem_kb", to.peak_mem_kb),
                     field("events", to.events),
                     field("output_bytes", to.output_bytes));
}

expected<void> read_value(dom_element from, const json_place& place,
                          execution& to) {
  return read_object(
    from, place, field("id", to.id), field("session_id", to.session),
    field("kind", to.kind), field("input", to.input, optional),
    field("path", to.path, optional), field("args", to.args, present),
    field("env", to.env, present), field("status", to.status),
    field("started_at", to.started_at),
    field("ended_at", to.ended_at, optional),
    field("end_reason", to.reason, optional),
    field("result", to.result, optional), field("error", to.error, optional),
    field("metrics", to.metrics), field("limits", to.limits));
}

expected<void> read_value(dom_element from, const json_place& place,
                          event& to) {
  return read_object(from, place, field("execution_id", to.execution),
                     field("seq", to.seq), field("ts", to.ts),
                     field("type", to.type), field("payload", to.payload));
}

expected<void> read_value(dom_element from, const json_place& place,
                          value_payload& to) {
  return read_object(from, place, field("type", to.type),
                     field("preview", to.preview, present),
                     field("json", to.json, optional));
}

expected<void> read_value(dom_element from, const json_place& place,
                          exception_payload& to) {
  return read_object(from, place, field("message", to.message, present),
                     field("stack", to.stack, optional));
}

expected<void> read_value(dom_element from, const json_place& place,
                          template_spec& to) {
  return read_object(from, place, field("name", to.name),
                     field("engine", to.engine, optional));
}

expected<void> read_value(dom_element from, const json_place& place,
                          capability_spec& to) {
  json_object_field config{&to.config};
  return read_object(from, place, field("kind", to.kind),
                     field("name", to.name),
                     field("enabled", to.enabled, optional),
                     field("config", config, optional));
}

expected<void> read_value(dom_element from, const json_place& place,
                          startup_file_spec& to) {
  return read_object(from, place, field("path", to.path),
                     field("order_index", to.order_index, optional),
                     field("mode", to.mode, optional));
}

expected<void> read_value(dom_element from, const json_place& place,
                          listed_name& to) {
  return read_object(from, place, field("name", to.name));
}

expected<void> read_value(dom_element from, const json_place& place,
                          session_spec& to) {
  return read_object(from, place, field("template_id", to.vm_id),
                     field("workspace_id", to.workspace_id),
                     field("base_commit_oid", to.base_commit_oid),
                     field("worktree_path", to.worktree_path));
}

expected<execution_request> read_repl_request(std::string_view body) {
  auto root = parse_json(body);
  if (!root)
    return root.error();
  execution_request result;
  result.kind = execution_kind::repl;
  if (auto outcome = read_object(root.value(), json_place{},
                                 field("session_id", result.session),
                                 field("input", result.input),
                                 field("wait_ms", result.wait_ms, optional));
      !outcome)
    return outcome.error();
  return result;
}

expected<execution_request> read_run_file_request(std::string_view body) {
  auto root = parse_json(body);
  if (!root)
    return root.error();
  execution_request result;
  result.kind = execution_kind::run_file;
  json_object_field args{&result.args};
  json_object_field env{&result.env};
  if (auto outcome
      = read_object(root.value(), json_place{},
                    field("session_id", result.session),
                    field("path", result.path), field("args", args, optional),
                    field("env", env, optional),
                    field("wait_ms", result.wait_ms, optional));
      !outcome)
    return outcome.error();
  return result;
}

} // namespace vmsystem
