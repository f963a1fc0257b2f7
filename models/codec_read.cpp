#include "vmsystem/models/codec.hpp"
#include "vmsystem/models/validation.hpp"

#include <cmath>
#include <optional>
#include <string_view>

namespace vmsystem {

namespace {

constexpr auto optional = presence::optional;
constexpr auto present = presence::present;

struct outcomes_field {
  outcome_counts* to;
};

expected<void> read_value(dom_element from, const json_place& place,
                          outcomes_field& to) {
  simdjson::dom::object object;
  if (from.get(object))
    return wrong_type(place, "an object");
  for (const auto& [key, value] : object) {
    const json_place inner{place.name, key};
    const auto reason = value_of<end_reason>(key);
    if (!reason)
      return detail::unknown_field(inner);
    auto& count = (*to.to)[static_cast<std::size_t>(*reason)];
    if (auto outcome = read_value(value, inner, count); !outcome)
      return outcome;
  }
  return success();
}

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

/// A field that may be missing, and of which null is a value.
template <class T>
field_spec<T> nullable_field(std::string_view name, T& to) {
  return {name, &to, presence::present, true};
}

/// An integer, or null for none.
struct seed_field {
  runtime_config* to;
};

expected<void> read_value(dom_element from, const json_place& place,
                          seed_field& field) {
  constexpr int64_t max_seed = (int64_t{1} << 53) - 1;
  int64_t seed = 0;
  const bool none = from.is_null();
  if (!none
      && (from.get(seed) != simdjson::SUCCESS || seed < -max_seed
          || seed > max_seed))
    return wrong_type(place, "an integer from -(2^53-1) to 2^53-1, or null");
  field.to->seeded = !none;
  field.to->seed = seed;
  return success();
}

/// A time in RFC 3339, or milliseconds since 1970, or null for none.
struct clock_field {
  runtime_config* to;
};

expected<void> read_value(dom_element from, const json_place& place,
                          clock_field& field) {
  // Nanoseconds since 1970 have to fit into 63 bits.
  constexpr int64_t max_ms = 9223372036854;
  std::optional<timestamp> time;
  std::string_view text;
  int64_t ms = 0;
  if (from.is_null()) {
    field.to->now = {};
    return success();
  }
  if (from.get(text) == simdjson::SUCCESS)
    time = timestamp::parse(text);
  else if (from.get(ms) == simdjson::SUCCESS && ms <= max_ms)
    time = timestamp{ms * 1000};
  if (!time || time->us <= 0 || time->us > max_ms * 1000)
    return wrong_type(place, "a time in RFC 3339 from 1970 to 2262, or "
                             "milliseconds since 1970, or null");
  field.to->now = *time;
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
  seed_field seed{&to};
  clock_field now{&to};
  return read_object(from, place, field("esm", to.esm, optional),
                     field("strict", to.strict, optional),
                     field("console", to.console, optional),
                     nullable_field("seed", seed), nullable_field("now", now));
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
    field("metrics", to.metrics), field("limits", to.limits),
    field("batch_id", to.batch, optional),
    field("batch_index", to.batch_index, optional),
    field("job_id", to.job_id, optional));
}

expected<void> read_value(dom_element from, const json_place& place,
                          event& to) {
  return read_object(from, place, field("execution_id", to.execution),
                     field("seq", to.seq), field("ts", to.ts),
                     field("type", to.type), field("payload", to.payload));
}

namespace {

struct durations_field {
  duration_summary* to;
};

expected<void> read_value(dom_element from, const json_place& place,
                          durations_field& to) {
  milliseconds_field p50{&to.to->p50_us};
  milliseconds_field p90{&to.to->p90_us};
  milliseconds_field p99{&to.to->p99_us};
  milliseconds_field max{&to.to->max_us};
  return read_object(from, place, field("p50", p50), field("p90", p90),
                     field("p99", p99), field("max", max));
}

/// Reads a result from an execution's document, field by field. Whether the
/// document is JSON shows only while it is read, and simdjson must not be asked
/// for anything behind a fault.
class result_reader {
public:
  /// @returns whether the field is what it should be.
  bool take(std::string_view name, simdjson::ondemand::value& value) {
    if (name == "id")
      return take_parsed(value, execution_id::parse, result.execution, true);
    if (name == "status")
      return take_parsed(value, value_of<execution_status>, result.status,
                         true);
    if (name == "end_reason")
      return take_parsed(value, value_of<end_reason>, result.reason, false);
    if (name == "result")
      return take_object(value, result.result);
    if (name == "error")
      return take_object(value, result.error);
    if (name == "metrics")
      return take_object(value, metrics);
    if (name == "batch_index")
      return take_index(value);
    std::string_view text;
    if (name == "job_id" && value.get_string().get(text))
      return false;
    result.id += text;
    return true;
  }

  /// Whether all is there that every job's document has.
  [[nodiscard]] bool complete() const noexcept {
    return needed_ == 3 && !metrics.empty();
  }

  batch_result result;
  json_text metrics;

private:
  template <class T>
  bool take_parsed(simdjson::ondemand::value& value,
                   std::optional<T> (*parse)(std::string_view), T& to,
                   bool needed) {
    std::string_view text;
    if (value.get_string().get(text))
      return false;
    const auto parsed = parse(text);
    to = parsed.value_or(T{});
    needed_ += needed ? 1 : 0;
    return parsed.has_value();
  }

  static bool take_object(simdjson::ondemand::value& value, json_text& to) {
    simdjson::ondemand::object object;
    std::string_view text;
    if (value.get_object().get(object) || object.raw_json().get(text))
      return false;
    to.text = text;
    return true;
  }

  bool take_index(simdjson::ondemand::value& value) {
    uint64_t index = 0;
    if (value.get_uint64().get(index))
      return false;
    result.index = static_cast<uint32_t>(index);
    ++needed_;
    return true;
  }

  int needed_ = 0;
};

} // namespace

expected<void> read_value(dom_element from, const json_place& place,
                          batch& to) {
  outcomes_field outcomes{&to.outcomes};
  durations_field queue{&to.queue};
  durations_field cpu{&to.cpu};
  durations_field wall{&to.wall};
  return read_object(
    from, place, field("id", to.id), field("template_id", to.vm_id),
    field("session_id", to.session, optional),
    field("worktree_path", to.worktree_path, present),
    field("isolation", to.isolation), field("concurrency", to.concurrency),
    field("on_error", to.on_error), field("status", to.status),
    field("created_at", to.created_at),
    field("ended_at", to.ended_at, optional),
    field("error", to.error, optional),
    field("input_complete", to.input_complete), field("jobs", to.jobs),
    field("done", to.done), field("outcomes", outcomes),
    field("active_ms", to.active_ms), field("jobs_per_s", to.jobs_per_s),
    field("queue_ms", queue), field("cpu_ms", cpu), field("wall_ms", wall));
}

namespace {

template <class... Ts>
expected<void> read_spec(dom_element from, const json_place& place,
                         batch_spec& to, field_spec<Ts>... further) {
  return read_object(from, place, field("template_id", to.vm_id, optional),
                     field("worktree_path", to.worktree_path, optional),
                     field("isolation", to.isolation, optional),
                     field("session_id", to.session, optional),
                     field("concurrency", to.concurrency, optional),
                     field("on_error", to.on_error, optional),
                     field("ordered", to.ordered, optional), further...);
}

struct jobs_field {
  std::vector<json_text>* to;
};

expected<void> read_value(dom_element from, const json_place& place,
                          jobs_field& to) {
  return read_array(from, place, *to.to);
}

} // namespace

expected<void> read_value(dom_element from, const json_place& place,
                          batch_spec& to) {
  return read_spec(from, place, to);
}

expected<void> read_value(dom_element from, const json_place& place,
                          batch_request& to) {
  jobs_field jobs{&to.jobs};
  return read_spec(from, place, to.spec, field("jobs", jobs));
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

expected<batch_job> read_job_line(std::string_view line,
                                  const limits_config& limits) {
  auto root = parse_json(line);
  if (!root)
    return root.error();
  batch_job result;
  result.limits = limits;
  json_object_field args{&result.args};
  json_object_field env{&result.env};
  if (auto outcome = read_object(
        root.value(), json_place{}, field("id", result.id, optional),
        field("input", result.input, optional),
        field("path", result.path, optional), field("args", args, optional),
        field("env", env, optional), field("limits", result.limits, optional));
      !outcome)
    return outcome.error();
  if (result.input.empty() == result.path.empty())
    return fail(ec::validation_error,
                "a job has either \"input\" or \"path\", not empty");
  const limits_maximum maximum{limits.cpu_ms, limits.wall_ms, limits.mem_mb,
                               limits.max_events, limits.max_output_kb};
  if (auto outcome = check_limits(result.limits, maximum); !outcome)
    return outcome.error();
  return result;
}

expected<batch_result> read_batch_result(std::string_view stored) {
  const auto broken
    = [] { return fail(ec::internal, "a stored execution cannot be read"); };
  thread_local simdjson::ondemand::parser parser;
  const simdjson::padded_string padded{stored};
  simdjson::ondemand::document document;
  simdjson::ondemand::object root;
  if (parser.iterate(padded).get(document) || document.get_object().get(root))
    return broken();
  result_reader reader;
  for (auto field : root) {
    std::string_view name;
    simdjson::ondemand::value value;
    if (field.unescaped_key().get(name) || field.value().get(value)
        || !reader.take(name, value))
      return broken();
  }
  if (!reader.complete())
    return broken();
  auto figures = from_json<execution_metrics>(reader.metrics.text);
  if (!figures)
    return figures.error();
  reader.result.metrics = figures.value();
  return std::move(reader.result);
}

batch_result result_of(const execution& record) {
  return {record.batch_index, record.job_id, record.id,    record.status,
          record.reason,      record.result, record.error, record.metrics};
}

} // namespace vmsystem
