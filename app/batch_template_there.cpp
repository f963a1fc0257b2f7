#include "vmsystem/app/batch_template_there.hpp"

#include "vmsystem/models/codec.hpp"

#include <string_view>

namespace vmsystem {

namespace {

std::string path_of(const template_id& id, std::string_view part) {
  return "/templates/" + id.to_string() + '/' + std::string{part};
}

/// `{"<key>":"<value>"}`, or more when `more` adds it.
template <class More>
std::string object_with(std::string_view key, std::string_view value,
                        More more) {
  json_writer writer;
  writer.begin_object();
  writer.key(key);
  writer.value(value);
  more(writer);
  writer.end_object();
  return writer.text();
}

std::string object_with(std::string_view key, std::string_view value) {
  return object_with(key, value, [](json_writer&) {});
}

/// Whether something was done, whatever was answered.
expected<void> done(const answer<json_value>& answered) {
  if (!answered)
    return as_failure(answered.error());
  return success();
}

} // namespace

expected<template_id> templates_there::find(const std::string& name) {
  const auto list = server_.get("/templates");
  if (!list)
    return as_failure(list.error());
  auto records = list_from_json<template_record>(list.value().raw());
  if (!records)
    return records.error();
  for (const auto& record : records.value())
    if (record.name == name)
      return record.id;
  return template_id{};
}

expected<template_id> templates_there::create(const std::string& name) {
  const auto made = server_.post("/templates", object_with("name", name));
  if (!made)
    return as_failure(made.error());
  auto record = from_json<template_record>(made.value().raw());
  if (!record)
    return record.error();
  return record.value().id;
}

expected<void> templates_there::set(const template_id& id,
                                    const json_text& settings) {
  return done(server_.put(path_of(id, "settings"), settings.text));
}

expected<void> templates_there::add_file(const startup_file_spec& file) {
  const auto added
    = server_.post(path_of(file.vm_id, "startup-files"),
                   object_with("path", file.path, [&](json_writer& writer) {
                     writer.key("order_index");
                     writer.value(file.order_index);
                   }));
  if (!added && added.error().code == to_string_view(ec::startup_file_exists))
    return success();
  return done(added);
}

expected<void> templates_there::add_name(const listed_name& name) {
  return done(server_.post(path_of(name.vm_id, name_of(name.list)),
                           object_with("name", name.name)));
}

expected<void> templates_there::add_capability(const capability_spec& spec) {
  const auto added
    = server_.post(path_of(spec.vm_id, "capabilities"), body_of(spec).text);
  if (!added && added.error().code == to_string_view(ec::capability_exists))
    return success();
  return done(added);
}

} // namespace vmsystem
