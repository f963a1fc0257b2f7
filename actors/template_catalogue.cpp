#include "vmsystem/actors/template_catalogue.hpp"

#include "vmsystem/models/codec.hpp"
#include "vmsystem/models/validation.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace vmsystem {

namespace {

std::vector<std::string>& list_of(template_bundle& bundle, name_list list) {
  return list == name_list::modules ? bundle.record.exposed_modules
                                    : bundle.record.libraries;
}

expected<void> check_capability(const capability_spec& spec) {
  if (auto outcome = check_name("name", spec.name); !outcome)
    return outcome;
  if (spec.kind == capability_kind::module)
    return check_module(spec.name);
  return success();
}

failure bad_mode(const std::string& mode) {
  auto result
    = fail(ec::startup_mode_unsupported,
           "startup mode \"" + mode + "\" is not supported; use \"eval\"");
  json_writer writer;
  writer.begin_object();
  writer.key("requested_mode");
  write(writer, mode);
  writer.key("supported_modes");
  write(writer, std::vector<std::string>{"eval"});
  writer.end_object();
  result.details.text = writer.text();
  return result;
}

/// Removes the element with this id.
/// @returns whether there was one.
template <class T, class Id>
bool erase_by_id(std::vector<T>& from, const Id& id) {
  const auto at = std::find_if(from.begin(), from.end(),
                               [&](const T& x) { return x.id == id; });
  if (at == from.end())
    return false;
  from.erase(at);
  return true;
}

} // namespace

template_catalogue::template_catalogue(const limits_maximum& maximum)
  : maximum_{maximum} {}

void template_catalogue::put(template_bundle bundle) {
  names_.insert(bundle.record.name);
  const auto id = bundle.record.id;
  bundles_.insert_or_assign(id, std::move(bundle));
}

void template_catalogue::forget(template_id id) {
  const auto at = bundles_.find(id);
  if (at == bundles_.end())
    return;
  names_.erase(at->second.record.name);
  bundles_.erase(at);
}

expected<template_bundle> template_catalogue::find(template_id id) const {
  const auto at = bundles_.find(id);
  if (at != bundles_.end())
    return at->second;
  return failure{ec::template_not_found,
                 "there is no template " + id.to_string(),
                 details_of({{"template_id", id.to_string()}})};
}

expected<template_bundle>
template_catalogue::next_version(template_id id) const {
  auto found = find(id);
  if (found) {
    auto& updated_at = found.value().record.updated_at;
    updated_at.us = std::max(timestamp::now().us, updated_at.us + 1);
  }
  return found;
}

expected<template_bundle>
template_catalogue::create(const template_spec& spec) const {
  if (auto outcome = check_name("name", spec.name); !outcome)
    return outcome.error();
  if (auto outcome = check_engine(spec.engine); !outcome)
    return outcome.error();
  if (names_.count(spec.name) != 0)
    return failure{ec::template_exists,
                   "a template named \"" + spec.name + "\" exists",
                   details_of({{"name", spec.name}})};
  template_bundle result;
  auto& record = result.record;
  record.id = template_id::generate();
  record.name = spec.name;
  record.engine = spec.engine.empty() ? "quickjs" : spec.engine;
  record.created_at = timestamp::now();
  record.updated_at = record.created_at;
  result.settings.vm_id = record.id;
  return result;
}

expected<template_bundle>
template_catalogue::with_settings(template_id id,
                                  std::string_view patch) const {
  auto bundle = next_version(id);
  if (!bundle)
    return bundle;
  if (auto outcome = merge_settings(bundle.value().settings, patch, maximum_);
      !outcome)
    return outcome.error();
  return bundle;
}

expected<template_bundle>
template_catalogue::with_capability(const capability_spec& spec) const {
  auto bundle = next_version(spec.vm_id);
  if (!bundle)
    return bundle;
  if (auto outcome = check_capability(spec); !outcome)
    return outcome.error();
  auto& all = bundle.value().capabilities;
  for (const auto& other : all)
    if (other.kind == spec.kind && other.name == spec.name)
      return failure{ec::capability_exists,
                     "the template has a capability of kind "
                       + std::string{name_of(spec.kind)} + " named \""
                       + spec.name + '"',
                     details_of({{"capability_id", other.id.to_string()}})};
  all.push_back({capability_id::generate(), spec.vm_id, spec.kind, spec.name,
                 spec.enabled, spec.config});
  return bundle;
}

expected<template_bundle>
template_catalogue::without_capability(template_id id,
                                       capability_id capability) const {
  auto bundle = next_version(id);
  if (bundle && !erase_by_id(bundle.value().capabilities, capability))
    return failure{ec::capability_not_found,
                   "the template has no capability " + capability.to_string(),
                   details_of({{"template_id", id.to_string()},
                               {"capability_id", capability.to_string()}})};
  return bundle;
}

expected<template_bundle>
template_catalogue::with_startup_file(const startup_file_spec& spec,
                                      startup_file& added) const {
  auto bundle = next_version(spec.vm_id);
  if (!bundle)
    return bundle;
  auto path = normal_path(spec.path);
  if (!path)
    return path.error();
  if (!spec.mode.empty() && spec.mode != "eval")
    return bad_mode(spec.mode);
  auto& all = bundle.value().startup_files;
  for (const auto& other : all)
    if (other.path == path.value())
      return failure{ec::startup_file_exists,
                     "the template has a startup file \"" + path.value() + '"',
                     details_of({{"startup_file_id", other.id.to_string()}})};
  added = {startup_file_id::generate(), spec.vm_id, std::move(path).value(),
           spec.order_index, "eval"};
  all.push_back(added);
  std::sort(all.begin(), all.end(), [](const auto& x, const auto& y) {
    return std::tie(x.order_index, x.id) < std::tie(y.order_index, y.id);
  });
  return bundle;
}

expected<template_bundle>
template_catalogue::without_startup_file(template_id id,
                                         startup_file_id file) const {
  auto bundle = next_version(id);
  if (bundle && !erase_by_id(bundle.value().startup_files, file))
    return failure{ec::startup_file_not_found,
                   "the template has no startup file " + file.to_string(),
                   details_of({{"template_id", id.to_string()},
                               {"startup_file_id", file.to_string()}})};
  return bundle;
}

expected<template_bundle>
template_catalogue::with_name(const listed_name& name) const {
  auto bundle = next_version(name.vm_id);
  if (!bundle)
    return bundle;
  if (auto outcome = check_name("name", name.name); !outcome)
    return outcome.error();
  if (name.list == name_list::modules)
    if (auto known = check_module(name.name); !known)
      return known.error();
  auto& list = list_of(bundle.value(), name.list);
  if (std::find(list.begin(), list.end(), name.name) == list.end())
    list.push_back(name.name);
  return bundle;
}

expected<template_bundle>
template_catalogue::without_name(const listed_name& name) const {
  auto bundle = next_version(name.vm_id);
  if (!bundle)
    return bundle;
  if (auto outcome = check_name("name", name.name); !outcome)
    return outcome.error();
  auto& list = list_of(bundle.value(), name.list);
  list.erase(std::remove(list.begin(), list.end(), name.name), list.end());
  return bundle;
}

} // namespace vmsystem
