#include "vmsystem/actors/http_handlers.hpp"

namespace vmsystem::http_handlers {

namespace {

/// Answers with what `part` takes from the bundle of the path's template.
template <class Part>
void get_part(gateway_state& g, const http_exchange& x, Part part) {
  const auto id = template_of(x);
  if (!id)
    return g.refuse(x.call, id.error());
  g.ask(
    x.call, g.options().query_timeout, g.query(),
    [&g, call = x.call, part](const template_bundle& bundle) {
      answer_json(g, call, 200, part(bundle));
    },
    bundle_atom_v, id.value());
}

/// Adds what the body describes to the path's template.
template <class Spec, class Result>
void add_part(gateway_state& g, const http_exchange& x) {
  const auto id = template_of(x);
  if (!id)
    return g.refuse(x.call, id.error());
  auto spec = from_json<Spec>(x.request.body);
  if (!spec)
    return g.refuse(x.call, spec.error());
  spec.value().vm_id = id.value();
  g.ask(x.call, g.options().command_timeout, g.supervisor(),
        send_value<Result>(g, x.call, 201), add_atom_v,
        std::move(spec).value());
}

/// Removes the thing that the path's second segment names from the template.
template <class Id>
void remove_part(gateway_state& g, const http_exchange& x,
                 std::string_view name) {
  const auto id = template_of(x);
  if (!id)
    return g.refuse(x.call, id.error());
  const auto part = path_id<Id>(x, 1, name);
  if (!part)
    return g.refuse(x.call, part.error());
  g.ask(
    x.call, g.options().command_timeout, g.supervisor(),
    [&g, call = x.call, name, owner = id.value()](const Id& removed) {
      answer_fields(g, call, 200,
                    {{"status", "ok"},
                     {"template_id", owner.to_string()},
                     {name, removed.to_string()}});
    },
    remove_atom_v, id.value(), part.value());
}

/// Adds the name in the body to a list of the path's template.
void add_name(gateway_state& g, const http_exchange& x, name_list list) {
  const auto id = template_of(x);
  if (!id)
    return g.refuse(x.call, id.error());
  auto name = from_json<listed_name>(x.request.body);
  if (!name)
    return g.refuse(x.call, name.error());
  name.value().vm_id = id.value();
  name.value().list = list;
  g.ask(x.call, g.options().command_timeout, g.supervisor(),
        send_value<listed_name>(g, x.call, 201), add_atom_v,
        std::move(name).value());
}

/// Removes the name in the path from a list of the path's template.
void remove_name(gateway_state& g, const http_exchange& x, name_list list) {
  const auto id = template_of(x);
  if (!id)
    return g.refuse(x.call, id.error());
  listed_name name;
  name.vm_id = id.value();
  name.list = list;
  name.name = x.match.params[1];
  g.ask(
    x.call, g.options().command_timeout, g.supervisor(),
    [&g, call = x.call](const listed_name& removed) {
      answer_fields(g, call, 200,
                    {{"status", "ok"},
                     {"template_id", removed.vm_id.to_string()},
                     {"name", removed.name}});
    },
    remove_atom_v, std::move(name));
}

} // namespace

void list_templates(gateway_state& g, const http_exchange& x) {
  g.ask(x.call, g.options().query_timeout, g.query(), send_document(g, x.call),
        list_atom_v);
}

void create_template(gateway_state& g, const http_exchange& x) {
  auto spec = from_json<template_spec>(x.request.body);
  if (!spec)
    return g.refuse(x.call, spec.error());
  g.ask(x.call, g.options().command_timeout, g.supervisor(),
        send_value<template_record>(g, x.call, 201), create_atom_v,
        std::move(spec).value());
}

void get_template(gateway_state& g, const http_exchange& x) {
  const auto id = template_of(x);
  if (!id)
    return g.refuse(x.call, id.error());
  g.ask(x.call, g.options().query_timeout, g.query(), send_document(g, x.call),
        get_atom_v, id.value());
}

void delete_template(gateway_state& g, const http_exchange& x) {
  const auto id = template_of(x);
  if (!id)
    return g.refuse(x.call, id.error());
  g.ask(
    x.call, g.options().command_timeout, g.supervisor(),
    [&g, call = x.call](const template_id& removed) {
      answer_fields(g, call, 200,
                    {{"status", "ok"}, {"template_id", removed.to_string()}});
    },
    remove_atom_v, id.value());
}

void get_settings(gateway_state& g, const http_exchange& x) {
  get_part(g, x, [](const template_bundle& b) { return b.settings; });
}

void put_settings(gateway_state& g, const http_exchange& x) {
  const auto id = template_of(x);
  if (!id)
    return g.refuse(x.call, id.error());
  const auto document = parse_json(x.request.body);
  if (!document)
    return g.refuse(x.call, document.error());
  if (!document.value().is_object())
    return g.refuse(x.call, wrong_type(json_place{}, "an object"));
  g.ask(x.call, g.options().command_timeout, g.supervisor(),
        send_value<template_settings>(g, x.call, 200), update_atom_v,
        id.value(), json_text{std::string{x.request.body}});
}

void list_capabilities(gateway_state& g, const http_exchange& x) {
  get_part(g, x, [](const template_bundle& b) { return b.capabilities; });
}

void list_startup_files(gateway_state& g, const http_exchange& x) {
  get_part(g, x, [](const template_bundle& b) { return b.startup_files; });
}

void list_modules(gateway_state& g, const http_exchange& x) {
  get_part(g, x,
           [](const template_bundle& b) { return b.record.exposed_modules; });
}

void list_libraries(gateway_state& g, const http_exchange& x) {
  get_part(g, x, [](const template_bundle& b) { return b.record.libraries; });
}

void add_capability(gateway_state& g, const http_exchange& x) {
  add_part<capability_spec, capability>(g, x);
}

void remove_capability(gateway_state& g, const http_exchange& x) {
  remove_part<capability_id>(g, x, "capability_id");
}

void add_startup_file(gateway_state& g, const http_exchange& x) {
  add_part<startup_file_spec, startup_file>(g, x);
}

void remove_startup_file(gateway_state& g, const http_exchange& x) {
  remove_part<startup_file_id>(g, x, "file_id");
}

void add_module(gateway_state& g, const http_exchange& x) {
  add_name(g, x, name_list::modules);
}

void remove_module(gateway_state& g, const http_exchange& x) {
  remove_name(g, x, name_list::modules);
}

void add_library(gateway_state& g, const http_exchange& x) {
  add_name(g, x, name_list::libraries);
}

void remove_library(gateway_state& g, const http_exchange& x) {
  remove_name(g, x, name_list::libraries);
}

} // namespace vmsystem::http_handlers
