#include "vmsystem/app/batch_template.hpp"

#include "vmsystem/actors/ask.hpp"
#include "vmsystem/models/codec.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace vmsystem {

namespace {

constexpr std::chrono::seconds patience{60};

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

expected<template_id> find_by_name(caf::scoped_actor& self,
                                   const query_actor& from,
                                   const std::string& name) {
  auto list = ask<json_text>(self, from, patience, list_atom_v);
  if (!list)
    return list.error();
  auto records = list_from_json<template_record>(list.value().text);
  if (!records)
    return records.error();
  for (const auto& record : records.value())
    if (record.name == name)
      return record.id;
  return template_id{};
}

/// Whether an outcome is fine, also when the thing was there before.
template <class T>
expected<void> unless_there(const expected<T>& outcome, ec there) {
  if (outcome || outcome.error().code == there)
    return success();
  return outcome.error();
}

} // namespace

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
  constexpr auto optional = presence::optional;
  if (auto outcome
      = read_object(root.value(), json_place{},
                    field("name", plan.name, optional),
                    field("limits", limits_field, optional),
                    field("resolver", resolver_field, optional),
                    field("runtime", runtime_field, optional),
                    field("startup_files", plan.startup_files, optional),
                    field("modules", plan.modules, optional),
                    field("libraries", plan.libraries, optional));
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
  content.end_array();
  char number[17];
  std::snprintf(number, sizeof(number), "%016llx",
                static_cast<unsigned long long>(fingerprint(content.view())));
  plan.name += '-';
  plan.name += number;
  return plan;
}

expected<template_id>
make_planned_template(caf::scoped_actor& self, const supervisor_actor& to,
                      const query_actor& from, const template_plan& plan) {
  auto found = find_by_name(self, from, plan.name);
  if (!found)
    return found.error();
  auto id = found.value();
  if (id.nil()) {
    auto made = ask<template_record>(self, to, patience, create_atom_v,
                                     template_spec{plan.name, ""});
    if (!made)
      return made.error();
    id = made.value().id;
  }
  auto settings = ask<template_settings>(self, to, patience, update_atom_v, id,
                                         plan.settings);
  if (!settings)
    return settings.error();
  int32_t order = 0;
  for (const auto& path : plan.startup_files) {
    startup_file_spec file;
    file.vm_id = id;
    file.path = path;
    file.order_index = order++;
    const auto added
      = ask<startup_file>(self, to, patience, add_atom_v, std::move(file));
    if (auto fine = unless_there(added, ec::startup_file_exists); !fine)
      return fine.error();
  }
  const std::pair<name_list, const std::vector<std::string>*> lists[]
    = {{name_list::modules, &plan.modules},
       {name_list::libraries, &plan.libraries}};
  for (const auto& [list, names] : lists) {
    for (const auto& name : *names) {
      auto added = ask<listed_name>(self, to, patience, add_atom_v,
                                    listed_name{id, list, name});
      if (!added)
        return added.error();
    }
  }
  return id;
}

} // namespace vmsystem
