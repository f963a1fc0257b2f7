#include "vmsystem/models/codec.hpp"

#include <array>
#include <charconv>

namespace vmsystem {

namespace {

template <class Id>
void put_id(json_writer& to, std::string_view name, const Id& id) {
  std::string text = id.to_string();
  to.key(name);
  to.value(std::string_view{text});
}

void put_time(json_writer& to, std::string_view name, timestamp time) {
  const std::string text = time.to_string();
  to.key(name);
  to.value(std::string_view{text});
}

void put_text(json_writer& to, std::string_view name, std::string_view text) {
  to.key(name);
  to.value(text);
}

template <class Number>
void put_number(json_writer& to, std::string_view name, Number number) {
  to.key(name);
  to.value(number);
}

void put_flag(json_writer& to, std::string_view name, bool flag) {
  to.key(name);
  to.value(flag);
}

/// Puts `us`, in microseconds, as milliseconds.
void put_ms(json_writer& to, std::string_view name, uint64_t us) {
  to.key(name);
  to.milliseconds(us);
}

void put_raw(json_writer& to, std::string_view name, const json_text& json) {
  to.key(name);
  to.raw(json);
}

template <class T>
void put(json_writer& to, std::string_view name, const T& x) {
  to.key(name);
  write(to, x);
}

} // namespace

void json_writer::milliseconds(uint64_t us) {
  std::array<char, 24> text{};
  auto* end
    = std::to_chars(text.data(), text.data() + text.size(), us / 1000).ptr;
  if (const auto rest = us % 1000; rest != 0) {
    // Three digits: that of the thousands becomes the point.
    auto* const point = end;
    end = std::to_chars(point, text.data() + text.size(), 1000 + rest).ptr;
    *point = '.';
  }
  note(writer_.RawValue(text.data(),
                        static_cast<std::size_t>(end - text.data()),
                        rapidjson::kNumberType));
}

void write(json_writer& to, const std::string& x) {
  to.value(std::string_view{x});
}

void write(json_writer& to, const template_record& x) {
  to.begin_object();
  put_id(to, "id", x.id);
  put_text(to, "name", x.name);
  put_text(to, "engine", x.engine);
  put_flag(to, "is_active", x.is_active);
  put(to, "exposed_modules", x.exposed_modules);
  put(to, "libraries", x.libraries);
  put_time(to, "created_at", x.created_at);
  put_time(to, "updated_at", x.updated_at);
  to.end_object();
}

void write(json_writer& to, const limits_config& x) {
  to.begin_object();
  put_number(to, "cpu_ms", x.cpu_ms);
  put_number(to, "wall_ms", x.wall_ms);
  put_number(to, "mem_mb", x.mem_mb);
  put_number(to, "max_events", x.max_events);
  put_number(to, "max_output_kb", x.max_output_kb);
  to.end_object();
}

void write(json_writer& to, const resolver_config& x) {
  to.begin_object();
  put(to, "roots", x.roots);
  put(to, "extensions", x.extensions);
  put_flag(to, "allow_absolute_repo_imports", x.allow_absolute_repo_imports);
  to.end_object();
}

void write(json_writer& to, const runtime_config& x) {
  to.begin_object();
  put_flag(to, "esm", x.esm);
  put_flag(to, "strict", x.strict);
  put_flag(to, "console", x.console);
  if (x.seeded)
    put_number(to, "seed", x.seed);
  if (x.now.set())
    put_time(to, "now", x.now);
  to.end_object();
}

void write(json_writer& to, const template_settings& x) {
  to.begin_object();
  put_id(to, "vm_id", x.vm_id);
  put(to, "limits", x.limits);
  put(to, "resolver", x.resolver);
  put(to, "runtime", x.runtime);
  to.end_object();
}

void write(json_writer& to, const capability& x) {
  to.begin_object();
  put_id(to, "id", x.id);
  put_id(to, "vm_id", x.vm_id);
  put_text(to, "kind", name_of(x.kind));
  put_text(to, "name", x.name);
  put_flag(to, "enabled", x.enabled);
  put_raw(to, "config", x.config);
  to.end_object();
}

void write(json_writer& to, const startup_file& x) {
  to.begin_object();
  put_id(to, "id", x.id);
  put_id(to, "vm_id", x.vm_id);
  put_text(to, "path", x.path);
  put_number(to, "order_index", x.order_index);
  put_text(to, "mode", x.mode);
  to.end_object();
}

void write(json_writer& to, const template_bundle& x) {
  to.begin_object();
  put(to, "template", x.record);
  put(to, "settings", x.settings);
  put(to, "capabilities", x.capabilities);
  put(to, "startup_files", x.startup_files);
  to.end_object();
}

void write(json_writer& to, const listed_name& x) {
  to.begin_object();
  put_id(to, "template_id", x.vm_id);
  put_text(to, "name", x.name);
  to.end_object();
}

void write(json_writer& to, const session& x) {
  to.begin_object();
  put_id(to, "id", x.id);
  put_id(to, "vm_id", x.vm_id);
  put_text(to, "workspace_id", x.workspace_id);
  put_text(to, "base_commit_oid", x.base_commit_oid);
  put_text(to, "worktree_path", x.worktree_path);
  put_text(to, "status", name_of(x.status));
  put_time(to, "created_at", x.created_at);
  if (x.closed_at.set())
    put_time(to, "closed_at", x.closed_at);
  if (!x.last_error.empty())
    put_text(to, "last_error", x.last_error);
  if (!x.runtime_meta.empty())
    put_raw(to, "runtime_meta", x.runtime_meta);
  to.end_object();
}

void write(json_writer& to, const execution_metrics& x) {
  to.begin_object();
  put_ms(to, "queue_ms", x.queue_us);
  put_ms(to, "cpu_ms", x.cpu_us);
  put_ms(to, "wall_ms", x.wall_us);
  put_number(to, "peak_mem_kb", x.peak_mem_kb);
  put_number(to, "events", x.events);
  put_number(to, "output_bytes", x.output_bytes);
  to.end_object();
}

void write(json_writer& to, const execution& x) {
  to.begin_object();
  put_id(to, "id", x.id);
  put_id(to, "session_id", x.session);
  put_text(to, "kind", name_of(x.kind));
  if (x.kind == execution_kind::repl)
    put_text(to, "input", x.input);
  else
    put_text(to, "path", x.path);
  put_raw(to, "args", x.args);
  put_raw(to, "env", x.env);
  put_text(to, "status", name_of(x.status));
  put_time(to, "started_at", x.started_at);
  if (x.status != execution_status::running) {
    put_time(to, "ended_at", x.ended_at);
    put_text(to, "end_reason", name_of(x.reason));
  }
  if (!x.result.empty())
    put_raw(to, "result", x.result);
  if (!x.error.empty())
    put_raw(to, "error", x.error);
  put(to, "metrics", x.metrics);
  put(to, "limits", x.limits);
  if (!x.batch.nil()) {
    put_id(to, "batch_id", x.batch);
    put_number(to, "batch_index", x.batch_index);
    if (!x.job_id.empty())
      put_text(to, "job_id", x.job_id);
  }
  to.end_object();
}

void write(json_writer& to, const event& x) {
  to.begin_object();
  put_id(to, "execution_id", x.execution);
  put_number(to, "seq", x.seq);
  put_time(to, "ts", x.ts);
  put_text(to, "type", name_of(x.type));
  put_raw(to, "payload", x.payload);
  to.end_object();
}

namespace {

void put_durations(json_writer& to, std::string_view name,
                   const duration_summary& x) {
  to.key(name);
  to.begin_object();
  put_ms(to, "p50", x.p50_us);
  put_ms(to, "p90", x.p90_us);
  put_ms(to, "p99", x.p99_us);
  put_ms(to, "max", x.max_us);
  to.end_object();
}

void put_outcomes(json_writer& to, const outcome_counts& counts) {
  to.key("outcomes");
  to.begin_object();
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] != 0)
      put_number(to, enum_names<end_reason>::value[i], counts[i]);
  to.end_object();
}

} // namespace

void write(json_writer& to, const batch& x) {
  to.begin_object();
  put_id(to, "id", x.id);
  put_id(to, "template_id", x.vm_id);
  if (!x.session.nil())
    put_id(to, "session_id", x.session);
  put_text(to, "worktree_path", x.worktree_path);
  put_text(to, "isolation", name_of(x.isolation));
  put_number(to, "concurrency", x.concurrency);
  put_text(to, "on_error", name_of(x.on_error));
  put_text(to, "status", name_of(x.status));
  put_time(to, "created_at", x.created_at);
  if (x.ended_at.set())
    put_time(to, "ended_at", x.ended_at);
  if (!x.error.empty())
    put_text(to, "error", x.error);
  put_flag(to, "input_complete", x.input_complete);
  put_number(to, "jobs", x.jobs);
  put_number(to, "done", x.done);
  put_outcomes(to, x.outcomes);
  put_number(to, "active_ms", x.active_ms);
  put_number(to, "jobs_per_s", x.jobs_per_s);
  put_durations(to, "queue_ms", x.queue);
  put_durations(to, "cpu_ms", x.cpu);
  put_durations(to, "wall_ms", x.wall);
  to.end_object();
}

void write(json_writer& to, const batch_result& x) {
  to.begin_object();
  put_number(to, "index", x.index);
  if (!x.id.empty())
    put_text(to, "id", x.id);
  put_id(to, "execution_id", x.execution);
  put_text(to, "status", name_of(x.status));
  put_text(to, "end_reason", name_of(x.reason));
  if (!x.result.empty())
    put_raw(to, "result", x.result);
  if (!x.error.empty())
    put_raw(to, "error", x.error);
  put(to, "metrics", x.metrics);
  to.end_object();
}

void write(json_writer& to, const echo_payload& x) {
  to.begin_object();
  put_text(to, "text", x.text);
  to.end_object();
}

void write(json_writer& to, const console_payload& x) {
  to.begin_object();
  put_text(to, "level", name_of(x.level));
  put_text(to, "text", x.text);
  to.end_object();
}

void write(json_writer& to, const value_payload& x) {
  to.begin_object();
  put_text(to, "type", name_of(x.type));
  put_text(to, "preview", x.preview);
  if (!x.json.empty())
    put_raw(to, "json", x.json);
  to.end_object();
}

void write(json_writer& to, const exception_payload& x) {
  to.begin_object();
  put_text(to, "message", x.message);
  if (!x.stack.empty())
    put_text(to, "stack", x.stack);
  to.end_object();
}

void write(json_writer& to, const system_payload& x) {
  to.begin_object();
  put_text(to, "message", x.message);
  put_text(to, "level", name_of(x.level));
  to.end_object();
}

void write(json_writer& to, const runtime_summary& x) {
  to.begin_object();
  put_number(to, "active_sessions",
             static_cast<uint64_t>(x.active_session_ids.size()));
  to.key("active_session_ids");
  to.begin_array();
  for (const auto& id : x.active_session_ids)
    write(to, id.to_string());
  to.end_array();
  to.end_object();
}

void write(json_writer& to, const readiness& x) {
  to.begin_object();
  put_text(to, "status", x.ready() ? "ready" : "not_ready");
  if (!x.ready()) {
    to.key("obstacles");
    to.begin_array();
    for (const auto& one : x.obstacles) {
      to.begin_object();
      put_text(to, "part", one.part);
      put_text(to, "reason", one.reason);
      to.end_object();
    }
    to.end_array();
  }
  to.end_object();
}

void write(json_writer& to, const failure& x) {
  to.begin_object();
  to.key("error");
  to.begin_object();
  put_text(to, "code", to_string_view(x.code));
  put_text(to, "message", x.message);
  if (x.details.empty())
    put_raw(to, "details", json_text{"{}"});
  else
    put_raw(to, "details", x.details);
  to.end_object();
  to.end_object();
}

json_text details_of(
  std::initializer_list<std::pair<std::string_view, std::string>> fields) {
  json_writer writer;
  writer.begin_object();
  for (const auto& [name, value] : fields)
    put_text(writer, name, value);
  writer.end_object();
  return json_text{writer.ok() ? writer.text() : "{}"};
}

std::string error_envelope(const failure& x) {
  const auto fallback = failure{x.code, std::string{row_of(x.code).when}, {}};
  if (auto json = to_json(x))
    return std::move(json).value().text;
  return to_json_or(fallback, "{}").text;
}

} // namespace vmsystem
