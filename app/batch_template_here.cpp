#include "vmsystem/app/batch_template_here.hpp"

#include "vmsystem/actors/ask.hpp"
#include "vmsystem/models/codec.hpp"

#include <chrono>

namespace vmsystem {

namespace {

constexpr std::chrono::seconds patience{60};

/// Whether something was done, whatever came of it.
template <class T>
expected<void> done(const expected<T>& outcome) {
  if (!outcome)
    return outcome.error();
  return success();
}

} // namespace

expected<template_id> templates_here::find(const std::string& name) {
  auto list = ask<json_text>(self_, from_, patience, list_atom_v);
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

expected<template_id> templates_here::create(const std::string& name) {
  auto made = ask<template_record>(self_, to_, patience, create_atom_v,
                                   template_spec{name, ""});
  if (!made)
    return made.error();
  return made.value().id;
}

expected<void> templates_here::set(const template_id& id,
                                   const json_text& settings) {
  return done(
    ask<template_settings>(self_, to_, patience, update_atom_v, id, settings));
}

expected<void> templates_here::add_file(const startup_file_spec& file) {
  const auto added = ask<startup_file>(self_, to_, patience, add_atom_v, file);
  if (!added && added.error().code == ec::startup_file_exists)
    return success();
  return done(added);
}

expected<void> templates_here::add_name(const listed_name& name) {
  return done(ask<listed_name>(self_, to_, patience, add_atom_v, name));
}

expected<void> templates_here::add_capability(const capability_spec& spec) {
  const auto added = ask<capability>(self_, to_, patience, add_atom_v, spec);
  if (!added && added.error().code == ec::capability_exists)
    return success();
  return done(added);
}

} // namespace vmsystem
