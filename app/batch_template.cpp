#include "vmsystem/app/batch_template.hpp"

#include "vmsystem/models/codec.hpp"

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <utility>

namespace vmsystem {

namespace {

/// FNV-1a: the same in every process and version.
uint64_t fingerprint(std::string_view text) {
  uint64_t result = 0xcbf29ce484222325;
  for (const char c : text) {
    result ^= static_cast<uint8_t>(c);
    result *= 0x100000001b3;
  }
  return result;
}

/// The fields of two objects; those of `over` count.
expected<json_text> merged(const json_text& under, const json_text& over) {
  json_writer writer;
  writer.begin_object();
  // When a name stands twice, readers take the last one.
  for (const auto* from : {&under, &over}) {
    if (from->empty())
      continue;
    auto root = parse_json(from->text);
    if (!root)
      return root.error();
    simdjson::dom::object object;
    if (root.value().get(object))
      return fail(ec::invalid_request, "limits must be an object");
    for (const auto& [key, value] : object) {
      writer.key(key);
      writer.raw(json_text{simdjson::minify(value)});
    }
  }
  writer.end_object();
  return json_text{writer.text()};
}

expected<std::string> bytes_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{file}, {}};
  if (!file.is_open() || file.bad())
    return fail(ec::file_not_found, "cannot read the template " + path);
  return bytes;
}

struct capabilities_field {
  std::vector<capability_spec>* to;
};

expected<void> read_value(dom_element from, const json_place& place,
                          capabilities_field& to) {
  return read_array(from, place, *to.to);
}

} // namespace

json_text body_of(const capability_spec& spec) {
  json_writer body;
  body.begin_object();
  body.key("kind");
  body.value(name_of(spec.kind));
  body.key("name");
  body.value(std::string_view{spec.name});
  body.key("enabled");
  body.value(spec.enabled);
  body.key("config");
  body.raw(spec.config);
  body.end_object();
  return json_text{body.text()};
}

expected<template_plan> read_template_plan(std::string_view text,
                                           const json_text& limits) {
  auto root = parse_json(text);
  if (!root)
    return root.error();
  template_plan plan;
  plan.name = "batch";
  json_text own_limits;
  json_text resolver;
  json_text runtime;
  json_object_field limits_field{&own_limits};
  json_object_field resolver_field{&resolver};
  json_object_field runtime_field{&runtime};
  capabilities_field capabilities{&plan.capabilities};
  constexpr auto optional = presence::optional;
  if (auto outcome
      = read_object(root.value(), json_place{},
                    field("name", plan.name, optional),
                    field("limits", limits_field, optional),
                    field("resolver", resolver_field, optional),
                    field("runtime", runtime_field, optional),
                    field("startup_files", plan.startup_files, optional),
                    field("modules", plan.modules, optional),
                    field("libraries", plan.libraries, optional),
                    field("capabilities", capabilities, optional));
      !outcome)
    return outcome.error();
  auto all_limits = merged(own_limits, limits);
  if (!all_limits)
    return all_limits.error();
  json_writer settings;
  settings.begin_object();
  const std::pair<std::string_view, const json_text*> parts[]
    = {{"limits", &all_limits.value()},
       {"resolver", &resolver},
       {"runtime", &runtime}};
  for (const auto& [name, part] : parts) {
    if (part->empty())
      continue;
    settings.key(name);
    settings.raw(*part);
  }
  settings.end_object();
  plan.settings.text = settings.text();

  json_writer content;
  content.begin_array();
  content.raw(plan.settings);
  for (const auto* names :
       {&plan.startup_files, &plan.modules, &plan.libraries})
    write(content, *names);
  for (const auto& capability : plan.capabilities)
    content.raw(body_of(capability));
  content.end_array();
  char number[17];
  std::snprintf(number, sizeof(number), "%016llx",
                static_cast<unsigned long long>(fingerprint(content.view())));
  plan.name += '-';
  plan.name += number;
  return plan;
}

expected<template_plan> template_plan_of(const std::string& path,
                                         const json_text& limits) {
  std::string text = "{}";
  if (!path.empty()) {
    auto bytes = bytes_of(path);
    if (!bytes)
      return bytes.error();
    text = std::move(bytes).value();
  }
  auto plan = read_template_plan(text, limits);
  if (!plan)
    return fail(plan.error().code, (path.empty() ? "--limit" : path) + ": "
                                     + plan.error().message);
  return plan;
}

expected<template_id> make_planned_template(template_place& place,
                                            const template_plan& plan) {
  auto found = place.find(plan.name);
  if (found && found.value().nil())
    found = place.create(plan.name);
  if (!found)
    return found.error();
  const auto id = found.value();
  if (auto done = place.set(id, plan.settings); !done)
    return done.error();
  startup_file_spec file;
  file.vm_id = id;
  for (const auto& path : plan.startup_files) {
    file.path = path;
    if (auto done = place.add_file(file); !done)
      return done.error();
    ++file.order_index;
  }
  const std::pair<name_list, const std::vector<std::string>*> lists[]
    = {{name_list::modules, &plan.modules},
       {name_list::libraries, &plan.libraries}};
  for (const auto& [list, names] : lists)
    for (const auto& name : *names)
      if (auto done = place.add_name({id, list, name}); !done)
        return done.error();
  for (auto capability : plan.capabilities) {
    capability.vm_id = id;
    if (auto done = place.add_capability(capability); !done)
      return done.error();
  }
  return id;
}

} // namespace vmsystem
