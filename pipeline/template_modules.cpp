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

} // namespace

engine::module_settings modules_of(const template_bundle& of) {
  engine::module_settings settings;
  settings.resolver = of.settings.resolver;
  settings.exposed = of.record.exposed_modules;
  std::vector<engine::file_grant> grants;
  for (const auto& one : of.capabilities) {
    if (!one.enabled)
      continue;
    if (one.kind == capability_kind::module)
      settings.exposed.push_back(one.name);
    if (one.kind == capability_kind::fs)
      grants.push_back(grant_of(one));
  }
  if (!grants.empty())
    settings.files = std::move(grants);
  return settings;
}

} // namespace vmsystem
