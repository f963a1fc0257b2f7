#include "vmsystem/models/validation.hpp"

#include "vmsystem/models/codec.hpp"

#include <algorithm>

namespace vmsystem {

namespace {

failure bad_path(std::string_view path, std::string_view reason) {
  return fail(ec::invalid_path,
              '"' + std::string{path} + "\" " + std::string{reason});
}

expected<void> check_limit(std::string_view name, uint32_t value,
                           uint32_t maximum) {
  if (value >= 1 && value <= maximum)
    return success();
  return fail(ec::validation_error, "field \"limits." + std::string{name}
                                      + "\" must be between 1 and "
                                      + std::to_string(maximum) + ", not "
                                      + std::to_string(value));
}

} // namespace

expected<std::string> normal_path(std::string_view path) {
  if (path.empty())
    return fail(ec::validation_error,
                "field \"path\" is required and must not be empty");
  if (path.size() > max_path_bytes)
    return fail(ec::invalid_path, "the path is longer than "
                                    + std::to_string(max_path_bytes)
                                    + " bytes");
  if (path.find('\0') != std::string_view::npos)
    return fail(ec::invalid_path, "the path contains a NUL byte");
  if (path.front() == '/')
    return bad_path(path, "is absolute; give a path inside the worktree");
  std::string result;
  std::size_t at = 0;
  bool folder = true;
  while (at <= path.size()) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto segment = path.substr(at, end - at);
    at = end + 1;
    folder = segment.empty() || segment == ".";
    if (folder)
      continue;
    if (segment == "..")
      return bad_path(path, "contains \"..\"; give a path inside the worktree");
    if (!result.empty())
      result += '/';
    result += segment;
  }
  if (folder)
    return bad_path(path, "names a folder, not a file");
  return result;
}

expected<void> check_name(std::string_view what, std::string_view name) {
  if (name.empty())
    return fail(ec::validation_error, "field \"" + std::string{what}
                                        + "\" is required and must not be "
                                          "empty");
  if (name.size() > max_name_bytes)
    return fail(ec::validation_error,
                "field \"" + std::string{what} + "\" is longer than "
                  + std::to_string(max_name_bytes) + " bytes");
  const auto is_control
    = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(name.begin(), name.end(), is_control))
    return fail(ec::validation_error, "field \"" + std::string{what}
                                        + "\" contains a control character");
  return success();
}

expected<void> check_engine(std::string_view engine) {
  if (engine.empty() || engine == "quickjs" || engine == "goja")
    return success();
  return fail(ec::engine_unsupported,
              "engine \"" + std::string{engine}
                + "\" is not supported; use \"quickjs\" (or its alias "
                  "\"goja\")");
}

expected<void> check_module(std::string_view name) {
  const auto& all = native_modules;
  if (std::find(all.begin(), all.end(), name) != all.end())
    return success();
  std::string known;
  for (const auto module : all)
    known += (known.empty() ? "" : ", ") + std::string{module};
  return fail(ec::module_not_allowed,
              "\"" + std::string{name}
                + "\" is not a native module of this server (JavaScript's "
                  "built-ins are always there and need no entry); known: "
                + known);
}

expected<void> check_limits(const limits_config& limits,
                            const limits_maximum& maximum) {
  struct bound {
    std::string_view name;
    uint32_t value;
    uint32_t maximum;
  };
  const bound bounds[] = {
    {"cpu_ms", limits.cpu_ms, maximum.cpu_ms},
    {"wall_ms", limits.wall_ms, maximum.wall_ms},
    {"mem_mb", limits.mem_mb, maximum.mem_mb},
    {"max_events", limits.max_events, maximum.max_events},
    {"max_output_kb", limits.max_output_kb, maximum.max_output_kb},
  };
  for (const auto& [name, value, most] : bounds)
    if (auto outcome = check_limit(name, value, most); !outcome)
      return outcome;
  return success();
}

expected<void> check_resolver(const resolver_config& resolver) {
  for (const auto& root : resolver.roots) {
    // A root is a folder, so `.` and a trailing slash are in order.
    if (auto path = normal_path(root + "/x"); !path)
      return path.error();
  }
  for (const auto& extension : resolver.extensions) {
    if (extension.size() < 2 || extension.front() != '.'
        || extension.find('/') != std::string::npos)
      return fail(ec::validation_error,
                  "field \"resolver.extensions\": \"" + extension
                    + "\" must begin with a dot and name an ending");
  }
  return success();
}

expected<void> check_request(const execution_request& request) {
  for (const auto* text : {&request.input, &request.path})
    if (!simdjson::validate_utf8(*text))
      return fail(ec::invalid_request, "the request is not valid UTF-8");
  for (const auto* json : {&request.args, &request.env}) {
    if (json->empty())
      continue;
    const auto parsed = parse_json(json->text);
    if (!parsed)
      return parsed.error();
    if (!parsed.value().is_object())
      return fail(ec::invalid_request,
                  "the arguments and the environment must be objects");
  }
  return success();
}

expected<void> check_session(const session_spec& spec) {
  if (spec.vm_id.nil())
    return fail(ec::validation_error,
                "field \"template_id\" is required and must not be empty");
  if (auto outcome = check_name("workspace_id", spec.workspace_id); !outcome)
    return outcome;
  if (auto outcome = check_name("base_commit_oid", spec.base_commit_oid);
      !outcome)
    return outcome;
  if (spec.worktree_path.empty())
    return fail(ec::validation_error,
                "field \"worktree_path\" is required and must not be empty");
  if (spec.worktree_path.front() != '/'
      || spec.worktree_path.size() > max_path_bytes
      || spec.worktree_path.find('\0') != std::string::npos)
    return fail(ec::worktree_not_found,
                "the worktree path must be an existing absolute directory");
  return success();
}

expected<void> merge_settings(template_settings& settings,
                              std::string_view patch,
                              const limits_maximum& maximum) {
  auto merged = settings;
  auto root = parse_json(patch);
  if (!root)
    return root.error();
  if (auto outcome
      = read_object(root.value(), json_place{},
                    field("limits", merged.limits, presence::optional),
                    field("resolver", merged.resolver, presence::optional),
                    field("runtime", merged.runtime, presence::optional));
      !outcome)
    return outcome;
  if (auto outcome = check_limits(merged.limits, maximum); !outcome)
    return outcome;
  if (auto outcome = check_resolver(merged.resolver); !outcome)
    return outcome;
  settings = std::move(merged);
  return success();
}

} // namespace vmsystem
