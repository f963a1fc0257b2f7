#include "vmsystem/pipeline/template_modules.hpp"

#include "vmsystem/models/json_reader.hpp"
#include "vmsystem/models/validation.hpp"

#include <algorithm>
#include <utility>

namespace vmsystem {

namespace {

void add_path(engine::file_grant& grant, simdjson::dom::element from) {
  std::string_view text;
  if (from.get(text))
    return;
  if (text == "." || text == "./" || text == "/") {
    grant.paths.emplace_back(".");
    return;
  }
  while (!text.empty() && text.back() == '/')
    text.remove_suffix(1);
  if (auto path = normal_path(text))
    grant.paths.push_back(std::move(path).value());
}

engine::file_grant grant_of(const capability& from) {
  engine::file_grant grant;
  auto config = parse_json(from.config.text);
  simdjson::dom::object fields;
  if (!config || config.value().get(fields))
    return {false, {}};
  bool write = false;
  if (!fields["write"].get(write))
    grant.write = write;
  simdjson::dom::element paths;
  if (fields["paths"].get(paths))
    return grant;
  grant.paths.clear();
  simdjson::dom::array list;
  if (!paths.get(list))
    for (const auto path : list)
      add_path(grant, path);
  return grant;
}

bool is_program_name(std::string_view name) {
  return !name.empty() && name.size() <= max_path_bytes
         && name.find('\0') == std::string_view::npos && name != "."
         && name != ".."
         && (name.front() == '/' || name.find('/') == std::string_view::npos);
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && name.find('=') == std::string_view::npos
         && name.find('\0') == std::string_view::npos;
}

bool read_programs(simdjson::dom::element from, engine::program_grant& to) {
  simdjson::dom::array list;
  if (from.get(list))
    return false;
  for (const auto one : list) {
    std::string_view name;
    if (one.get(name) || !is_program_name(name))
      return false;
    to.programs.emplace_back(name);
  }
  return true;
}

bool read_variables(simdjson::dom::element from, engine::program_grant& to) {
  simdjson::dom::object list;
  if (from.get(list))
    return false;
  for (const auto& [name, element] : list) {
    std::string_view value;
    if (!is_variable_name(name) || element.get(value)
        || value.find('\0') != std::string_view::npos)
      return false;
    to.environment.emplace_back(name, value);
  }
  return true;
}

/// @param most what the field means when it says more.
bool read_bound(simdjson::dom::element from, uint64_t most, uint64_t& to) {
  if (from.get(to) || to == 0)
    return false;
  to = std::min(to, most);
  return true;
}

bool read_grant(std::string_view config, engine::program_grant& to) {
  auto parsed = parse_json(config);
  simdjson::dom::object fields;
  if (!parsed || parsed.value().get(fields))
    return false;
  constexpr uint64_t kb = 1024;
  for (const auto& [name, value] : fields) {
    bool fits = true;
    uint64_t number = 0;
    if (name == "programs") {
      fits = read_programs(value, to);
    } else if (name == "env") {
      fits = read_variables(value, to);
    } else if (name == "timeout_ms") {
      fits
        = read_bound(value, static_cast<uint64_t>(to.timeout.count()), number);
      to.timeout = std::chrono::milliseconds{number};
    } else if (name == "max_output_kb") {
      fits = read_bound(value, engine::max_program_output_bytes / kb, number);
      to.max_output_bytes = number * kb;
    }
    if (!fits)
      return false;
  }
  return true;
}

engine::program_grant programs_of(const capability& from) {
  engine::program_grant grant;
  return read_grant(from.config.text, grant) ? grant : engine::program_grant{};
}

} // namespace

engine::module_settings modules_of(const template_bundle& of, bool allow_exec) {
  engine::module_settings settings;
  settings.allow_exec = allow_exec;
  settings.resolver = of.settings.resolver;
  settings.exposed = of.record.exposed_modules;
  std::vector<engine::file_grant> grants;
  for (const auto& one : of.capabilities) {
    if (!one.enabled)
      continue;
    if (one.kind == capability_kind::module) {
      settings.exposed.push_back(one.name);
      if (one.name == "exec")
        settings.programs = programs_of(one);
    }
    if (one.kind == capability_kind::fs)
      grants.push_back(grant_of(one));
  }
  if (!grants.empty())
    settings.files = std::move(grants);
  return settings;
}

} // namespace vmsystem
