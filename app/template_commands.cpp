#include "vmsystem/app/batch_template.hpp"
#include "vmsystem/app/commands.hpp"
#include "vmsystem/models/json_writer.hpp"
#include "vmsystem/models/validation.hpp"
#include "vmsystem/pipeline/library_cache.hpp"

#include <memory>

namespace vmsystem {

namespace {

constexpr std::string_view id_help = "The template's id.";

/// Arguments and flags of all template commands; each uses some.
struct template_arguments {
  std::string id;
  std::string name;
  std::string engine;
  std::string path;
  int32_t order = 0;
  std::string mode = "eval";
  std::string kind = "module";
  std::string config = "{}";
  bool enabled = true;
  /// The id of a capability or startup file.
  std::string member;
  std::vector<std::string> limits;
  std::vector<std::string> runtime;
  std::string resolver;
};

std::string path_of(const template_arguments& given, std::string_view rest) {
  return "/templates/" + encoded(given.id) + std::string{rest};
}

void add_create(command group, const global_options& options) {
  auto given = std::make_shared<template_arguments>();
  group
    .add({"create", "create a template",
          "Creates a template with default settings. Names are unique.",
          "$ vm-system template create --name lab\n"
          "Created template: lab (ID: 0198c0de-0000-7000-8000-000000000001)"})
    .required_flag("--name", given->name, "NAME", "The template's name.")
    .flag("--engine", given->engine, "ENGINE",
          "`quickjs`, which is the default, or its alias `goja`.")
    .on_run([given, &options] {
      json_writer body;
      body.begin_object();
      body.key("name");
      body.value(std::string_view{given->name});
      if (!given->engine.empty()) {
        body.key("engine");
        body.value(std::string_view{given->engine});
      }
      body.end_object();
      client server{options.server};
      return show(server.post("/templates", body.text()), options,
                  [](const json_value& created) {
                    print_line("Created template: "
                               + printable(created.field("name").text())
                               + " (ID: " + created.field("id").text() + ')');
                  });
    });
}

void add_list(command group, const global_options& options) {
  group
    .add({"list", "list the templates, newest first", "",
          "$ vm-system template list"})
    .on_run([&options] {
      client server{options.server};
      return show(server.get("/templates"), options,
                  [](const json_value& list) {
                    print_table(list, {{"ID", "id"},
                                       {"ENGINE", "engine"},
                                       {"CREATED", "created_at"},
                                       {"NAME", "name"}});
                  });
    });
}

void add_get(command group, const global_options& options) {
  auto given = std::make_shared<template_arguments>();
  group
    .add({"get", "show a template with all that belongs to it", "",
          "$ vm-system template get 0198c0de-0000-7000-8000-000000000001"})
    .argument("ID", given->id, std::string{id_help})
    .on_run([given, &options] {
      client server{options.server};
      return show(server.get(path_of(*given, "")), options, print_object);
    });
}

void add_delete(command group, const global_options& options) {
  auto given = std::make_shared<template_arguments>();
  group
    .add({"delete", "delete a template",
          "Takes the settings, capabilities and startup files along. Sessions "
          "that were made from it go on.",
          "$ vm-system template delete 0198c0de-0000-7000-8000-000000000001\n"
          "Deleted template: 0198c0de-0000-7000-8000-000000000001"})
    .argument("ID", given->id, std::string{id_help})
    .on_run([given, &options] {
      client server{options.server};
      return show(server.remove(path_of(*given, "")), options,
                  [](const json_value& deleted) {
                    print_line("Deleted template: "
                               + deleted.field("template_id").text());
                  });
    });
}

/// The body of `PUT /templates/{id}/settings`.
expected<std::string> settings_patch(const template_arguments& given) {
  json_writer body;
  body.begin_object();
  if (!given.limits.empty()) {
    auto limits = json_of_pairs("--limit", given.limits);
    if (!limits)
      return limits.error();
    body.key("limits");
    body.raw(limits.value());
  }
  if (!given.resolver.empty()) {
    auto resolver = json_of_flag("--resolver", given.resolver);
    if (!resolver)
      return resolver.error();
    body.key("resolver");
    body.raw(resolver.value());
  }
  if (!given.runtime.empty()) {
    auto runtime = json_of_pairs("--runtime", given.runtime);
    if (!runtime)
      return runtime.error();
    body.key("runtime");
    body.raw(runtime.value());
  }
  body.end_object();
  return body.text();
}

void add_set(command group, const global_options& options) {
  auto given = std::make_shared<template_arguments>();
  group
    .add({"set", "change a template's settings",
          "Changes the named settings and leaves the others. Sessions that "
          "live keep theirs. Without a flag it shows the settings.",
          "$ vm-system template set ID --limit cpu_ms=5000 "
          "--limit mem_mb=64\n"
          "$ vm-system template set ID --runtime strict=false\n"
          "$ vm-system template set ID --runtime seed=42"})
    .argument("ID", given->id, std::string{id_help})
    .flag("--limit", given->limits, "KEY=N",
          "A limit: cpu_ms, wall_ms, mem_mb, max_events or max_output_kb. May "
          "be repeated, or hold several with commas.")
    .flag(
      "--runtime", given->runtime, "KEY=VALUE",
      "Of the language: esm, strict or console, each true or false; seed, a "
      "whole number, or now, a time, which make runs repeatable, and which "
      "null takes back. May be repeated.")
    .flag("--resolver", given->resolver, "JSON",
          "An object with roots, extensions or allow_absolute_repo_imports.")
    .on_run([given, &options] {
      const auto body = settings_patch(*given);
      if (!body)
        return print_usage_error(body.error().message);
      client server{options.server};
      return show(server.put(path_of(*given, "/settings"), body.value()),
                  options, print_object);
    });
}

void add_startup_commands(command group, const global_options& options) {
  auto adding = std::make_shared<template_arguments>();
  group
    .add({"add-startup", "add a startup file",
          "The file runs in each new session of the template before the "
          "session is ready; files run in ascending order.",
          "$ vm-system template add-startup ID --path boot.js --order 10"})
    .argument("ID", adding->id, std::string{id_help})
    .required_flag("--path", adding->path, "PATH",
                   "The file, relative to the session's worktree.")
    .flag("--order", adding->order, "N", "Its place among the others.")
    .flag("--mode", adding->mode, "MODE", "How it runs; only `eval`.")
    .on_run([adding, &options] {
      json_writer body;
      body.begin_object();
      body.key("path");
      body.value(std::string_view{adding->path});
      body.key("order_index");
      body.value(adding->order);
      body.key("mode");
      body.value(std::string_view{adding->mode});
      body.end_object();
      client server{options.server};
      return show(server.post(path_of(*adding, "/startup-files"), body.text()),
                  options, [](const json_value& added) {
                    print_line("Added startup file: "
                               + printable(added.field("path").text())
                               + " (ID: " + added.field("id").text() + ')');
                  });
    });

  auto listing = std::make_shared<template_arguments>();
  group
    .add({"list-startup", "list the startup files in their order", "",
          "$ vm-system template list-startup ID"})
    .argument("ID", listing->id, std::string{id_help})
    .on_run([listing, &options] {
      client server{options.server};
      return show(server.get(path_of(*listing, "/startup-files")), options,
                  [](const json_value& list) {
                    print_table(list, {{"ID", "id"},
                                       {"ORDER", "order_index"},
                                       {"MODE", "mode"},
                                       {"PATH", "path"}});
                  });
    });

  auto removing = std::make_shared<template_arguments>();
  group
    .add({"remove-startup", "remove a startup file", "",
          "$ vm-system template remove-startup ID FILE_ID"})
    .argument("ID", removing->id, std::string{id_help})
    .argument("FILE_ID", removing->member,
              "The startup file's id, as `list-startup` shows it.")
    .on_run([removing, &options] {
      client server{options.server};
      return show(server.remove(path_of(*removing, "/startup-files/")
                                + encoded(removing->member)),
                  options, [removing](const json_value&) {
                    print_line("Removed startup file: "
                               + printable(removing->member));
                  });
    });
}

exit_code add_capability(const template_arguments& given,
                         const global_options& options) {
  const auto config = json_of_flag("--config", given.config);
  if (!config)
    return print_usage_error(config.error().message);
  capability_spec wanted;
  wanted.kind
    = value_of<capability_kind>(given.kind).value_or(capability_kind::module);
  wanted.name = given.name;
  wanted.enabled = given.enabled;
  wanted.config = config.value();
  client server{options.server};
  return show(
    server.post(path_of(given, "/capabilities"), body_of(wanted).text), options,
    [](const json_value& added) {
      print_line("Added capability: " + printable(added.field("name").text())
                 + " (ID: " + added.field("id").text() + ')');
    });
}

void add_capability_commands(command group, const global_options& options) {
  auto adding = std::make_shared<template_arguments>();
  group
    .add({"add-capability", "give scripts something of the host", "",
          "$ vm-system template add-capability ID --name fs \\\n    "
          "--config '{\"read\":[\".\"]}'"})
    .argument("ID", adding->id, std::string{id_help})
    .required_flag("--name", adding->name, "NAME", "The capability's name.")
    .choice("--kind", adding->kind, {"module", "global", "fs", "net", "env"},
            "What it grants.")
    .flag("--config", adding->config, "JSON",
          "An object whose meaning the kind decides.")
    .toggle("--enabled,!--disabled", adding->enabled,
            "Whether it is in force; it is unless --disabled says otherwise.")
    .on_run([adding, &options] { return add_capability(*adding, options); });

  auto listing = std::make_shared<template_arguments>();
  group
    .add({"list-capabilities", "list the capabilities", "",
          "$ vm-system template list-capabilities ID"})
    .argument("ID", listing->id, std::string{id_help})
    .on_run([listing, &options] {
      client server{options.server};
      return show(server.get(path_of(*listing, "/capabilities")), options,
                  [](const json_value& list) {
                    print_table(list, {{"ID", "id"},
                                       {"KIND", "kind"},
                                       {"NAME", "name"},
                                       {"ENABLED", "enabled"},
                                       {"CONFIG", "config"}});
                  });
    });

  auto removing = std::make_shared<template_arguments>();
  group
    .add({"remove-capability", "take a capability back", "",
          "$ vm-system template remove-capability ID CAPABILITY_ID"})
    .argument("ID", removing->id, std::string{id_help})
    .argument("CAPABILITY_ID", removing->member,
              "The capability's id, as `list-capabilities` shows it.")
    .on_run([removing, &options] {
      client server{options.server};
      return show(server.remove(path_of(*removing, "/capabilities/")
                                + encoded(removing->member)),
                  options, [removing](const json_value&) {
                    print_line("Removed capability: "
                               + printable(removing->member));
                  });
    });
}

/// A template's modules and its libraries are the same kind of list.
struct list_words {
  std::string_view singular;
  std::string_view plural;
  /// The name of one, for examples.
  std::string_view sample;
};

void add_list_commands(command group, const list_words& words,
                       const global_options& options) {
  const std::string one{words.singular};
  const std::string many{words.plural};
  const std::string sample{words.sample};
  const std::string route = '/' + many;

  auto adding = std::make_shared<template_arguments>();
  const auto example = " ID --name " + sample + '\n';
  group
    .add({"add-" + one, "let scripts use a " + one,
          "Adding it twice is no error.",
          "$ vm-system template add-" + one + example + "Added " + one + ": "
            + sample})
    .argument("ID", adding->id, std::string{id_help})
    .required_flag("--name", adding->name, "NAME",
                   "The name, as `list-available-" + many + "` shows it.")
    .on_run([adding, one, route, &options] {
      json_writer body;
      body.begin_object();
      body.key("name");
      body.value(std::string_view{adding->name});
      body.end_object();
      client server{options.server};
      return show(server.post(path_of(*adding, route), body.text()), options,
                  [one](const json_value& added) {
                    print_line("Added " + one + ": "
                               + printable(added.field("name").text()));
                  });
    });

  auto removing = std::make_shared<template_arguments>();
  group
    .add({"remove-" + one, "take a " + one + " from the template", "",
          "$ vm-system template remove-" + one + example + "Removed " + one
            + ": " + sample})
    .argument("ID", removing->id, std::string{id_help})
    .required_flag("--name", removing->name, "NAME", "Its name.")
    .on_run([removing, one, route, &options] {
      client server{options.server};
      return show(server.remove(path_of(*removing, route + '/')
                                + encoded(removing->name)),
                  options, [one](const json_value& removed) {
                    print_line("Removed " + one + ": "
                               + printable(removed.field("name").text()));
                  });
    });

  auto listing = std::make_shared<template_arguments>();
  group
    .add({"list-" + many, "list the template's " + many, "",
          "$ vm-system template list-" + many + " ID"})
    .argument("ID", listing->id, std::string{id_help})
    .on_run([listing, route, &options] {
      client server{options.server};
      return show(server.get(path_of(*listing, route)), options,
                  [](const json_value& list) {
                    for (const auto& name : list.elements())
                      print_line(printable(name.text()));
                  });
    });
}

/// Prints names as lines, or as a JSON array.
exit_code print_names(const std::vector<std::string>& names,
                      const global_options& options) {
  if (options.format() == output_format::text) {
    for (const auto& name : names)
      print_line(name);
    return exit_code::ok;
  }
  json_writer array;
  array.begin_array();
  for (const auto& name : names)
    array.value(std::string_view{name});
  array.end_array();
  print_line(array.view());
  return exit_code::ok;
}

void add_catalogue_commands(command group, const global_options& options) {
  group
    .add({"list-available-modules", "list the native modules there are",
          "Needs no server.", "$ vm-system template list-available-modules"})
    .on_run([&options] {
      return print_names({native_modules.begin(), native_modules.end()},
                         options);
    });
  group
    .add({"list-available-libraries",
          "list the libraries of the catalogue and the cache",
          "A library is named with or without its version. Needs no server: "
          "those that `libs add` put into --library-cache follow those of the "
          "catalogue.",
          "$ vm-system template list-available-libraries"})
    .on_run([&options] {
      auto entries = all_libraries(options.library_cache);
      if (!entries)
        return print_error(entries.error());
      std::vector<std::string> names;
      for (const auto& entry : entries.value())
        names.push_back(entry.full_name());
      return print_names(names, options);
    });
}

} // namespace

void add_template_commands(command root, const global_options& options) {
  auto group = root.add({"template", "say what runtimes may do",
                         "A template holds what its sessions have in common: "
                         "limits, startup files, native modules, libraries.",
                         "$ vm-system template create --name lab"});
  add_create(group, options);
  add_list(group, options);
  add_get(group, options);
  add_delete(group, options);
  add_set(group, options);
  add_startup_commands(group, options);
  add_capability_commands(group, options);
  add_list_commands(group, {"module", "modules", "fs"}, options);
  add_list_commands(group, {"library", "libraries", "lodash"}, options);
  add_catalogue_commands(group, options);
}

} // namespace vmsystem
