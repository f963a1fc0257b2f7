#include "vmsystem/app/commands.hpp"
#include "vmsystem/app/library_fetch.hpp"
#include "vmsystem/app/library_folder.hpp"
#include "vmsystem/app/whole_file.hpp"
#include "vmsystem/models/json_writer.hpp"
#include "vmsystem/models/library.hpp"
#include "vmsystem/models/validation.hpp"
#include "vmsystem/pipeline/integrity.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <regex>

namespace vmsystem {

namespace {

/// Arguments and flags of all these commands; each uses some.
struct libs_arguments {
  /// Empty: that of the program.
  std::string cache_dir;
  std::vector<std::string> names;
  std::string name;
  std::string file;
  std::string path;
  std::string global;

  [[nodiscard]] const std::string& folder(const global_options& options) const {
    return cache_dir.empty() ? options.library_cache : cache_dir;
  }
};

using arguments_ptr = std::shared_ptr<libs_arguments>;

command& cache_flag(command& to, libs_arguments& given) {
  return to.flag("--cache-dir", given.cache_dir, "DIR",
                 "The library cache; when it is not given, that of "
                 "--library-cache.");
}

// --- download ---

/// Downloads one library of the catalogue, unless it is there already.
expected<void> download(const std::string& folder,
                        const catalogue_library& library) {
  const auto entry = find_library(folder, library.name);
  if (!entry)
    return entry.error();
  const auto name = entry.value().full_name();
  if (read_library(folder, entry.value())) {
    print_line("Already there: " + name);
    return success();
  }
  const npm_script wanted{entry.value().name, entry.value().version,
                          entry.value().file,
                          std::string{library.archive_integrity}};
  auto source = fetch_script(wanted);
  if (!source)
    return source.error();
  if (const auto found = integrity_of(source.value());
      found != library.integrity)
    return fail(ec::library_not_found,
                name
                  + " is not what this program was written for: the "
                    "integrity of "
                  + entry.value().file + " is " + found);
  if (auto outcome = put_library(folder, entry.value(), source.value());
      !outcome)
    return outcome;
  print_line("Downloaded: " + name + " ("
             + std::to_string(source.value().size()) + " bytes) to " + folder
             + '/' + entry.value().file_name());
  std::fflush(stdout);
  return success();
}

/// Downloads what was asked for; one that fails does not keep others away.
exit_code download_all(const libs_arguments& given,
                       const global_options& options) {
  std::vector<const catalogue_library*> wanted;
  for (const auto& name : given.names) {
    const auto* known = find_catalogue_library(name);
    if (known == nullptr)
      return print_usage_error(
        '"' + name
        + "\" is not in the catalogue (see `vm-system libs list`); `vm-system "
          "libs add` is for other libraries");
    wanted.push_back(known);
  }
  if (wanted.empty())
    for (const auto& library : catalogue_libraries)
      wanted.push_back(&library);
  auto result = exit_code::ok;
  for (const auto* library : wanted)
    if (auto outcome = download(given.folder(options), *library); !outcome)
      result = print_error(outcome.error());
  return result;
}

// --- list ---

/// What of a library the cache has.
std::string_view state_in(const std::string& folder, const library_entry& entry,
                          std::size_t& bytes) {
  if (const auto source = read_library(folder, entry)) {
    bytes = source.value().size();
    return "cached";
  }
  return read_whole_file(folder + '/' + entry.file_name(), max_library_bytes)
           ? "altered"
           : "missing";
}

exit_code list(const libs_arguments& given, const global_options& options) {
  const auto& folder = given.folder(options);
  const auto entries = all_libraries(folder);
  if (!entries)
    return print_error(entries.error());
  json_writer array;
  array.begin_array();
  const auto put = [&](std::string_view name, std::string_view value) {
    array.key(name);
    array.value(value);
  };
  for (const auto& entry : entries.value()) {
    std::size_t bytes = 0;
    const auto state = state_in(folder, entry, bytes);
    const bool known = find_catalogue_library(entry.full_name()) != nullptr;
    array.begin_object();
    put("name", entry.name);
    put("version", entry.version);
    put("global", entry.global);
    put("origin", known ? "catalogue" : "added");
    put("state", state);
    array.key("bytes");
    array.value(uint64_t{bytes});
    array.end_object();
  }
  array.end_array();
  if (options.format() == output_format::json) {
    print_line(array.view());
    return exit_code::ok;
  }
  print_table(*json_value::parse(array.view()), {{"NAME", "name"},
                                                 {"VERSION", "version"},
                                                 {"GLOBAL", "global"},
                                                 {"ORIGIN", "origin"},
                                                 {"STATE", "state"},
                                                 {"BYTES", "bytes"}});
  return exit_code::ok;
}

// --- add and remove ---

/// `@scope/name` as npm names its archive.
std::string plain_name(const std::string& package) {
  auto result = package.front() == '@' ? package.substr(1) : package;
  std::replace(result.begin(), result.end(), '/', '-');
  return result;
}

/// Checks what was given. Errors: validation_error.
expected<npm_script> check_addition(const libs_arguments& given) {
  static const std::regex identifier{"[A-Za-z_$][A-Za-z0-9_$]*"};
  auto wanted = parse_npm_package(given.name);
  if (!wanted)
    return wanted;
  if (given.file.empty() == given.path.empty())
    return fail(ec::validation_error, "give either --file or --path");
  if (!std::regex_match(given.global, identifier))
    return fail(ec::validation_error,
                "--global: \"" + given.global + "\" is not a variable's name");
  const auto name
    = plain_name(wanted.value().package) + '-' + wanted.value().version;
  if (find_catalogue_library(name) != nullptr)
    return fail(ec::validation_error,
                name + " is in the catalogue: use `vm-system libs download "
                  + wanted.value().package + '`');
  if (given.file.empty())
    return wanted;
  auto file = normal_path(given.file);
  if (!file)
    return file.error();
  wanted.value().file = std::move(file).value();
  return wanted;
}

exit_code add(const libs_arguments& given, const global_options& options) {
  const auto wanted = check_addition(given);
  if (!wanted)
    return print_usage_error(wanted.error().message);
  const auto& script = wanted.value();
  const auto source = given.path.empty()
                        ? fetch_script(script)
                        : read_whole_file(given.path, max_library_bytes);
  if (!source)
    return print_error(source.error());
  library_entry entry;
  entry.name = plain_name(script.package);
  entry.version = script.version;
  entry.package = script.package;
  entry.file = given.path.empty()
                 ? script.file
                 : std::filesystem::absolute(given.path).string();
  entry.global = given.global;
  const auto& folder = given.folder(options);
  if (auto outcome = put_library(folder, entry, source.value()); !outcome)
    return print_error(outcome.error());
  print_line("Added: " + entry.full_name() + " ("
             + std::to_string(source.value().size()) + " bytes) to " + folder
             + '/' + entry.file_name());
  return exit_code::ok;
}

exit_code remove(const libs_arguments& given, const global_options& options) {
  const auto removed = remove_library(given.folder(options), given.name);
  if (!removed)
    return print_error(removed.error());
  print_line("Removed: " + removed.value().full_name());
  return exit_code::ok;
}

void add_download(command group, const global_options& options) {
  auto given = std::make_shared<libs_arguments>();
  auto made = group.add(
    {"download", "fetch the libraries of the catalogue",
     "Fetches the packages with the npm client, so that its settings for "
     "registry, proxy and access apply; runs nothing of them. The archives and "
     "scripts must be those that this program knows by their sha512. What is "
     "there already is not fetched again.",
     "$ vm-system libs download --cache-dir libs lodash\n"
     "Downloaded: lodash-4.17.21 (544098 bytes) to libs/lodash-4.17.21.js"});
  made.arguments("NAME", given->names,
                 "Libraries of the catalogue; when none is given, all.");
  cache_flag(made, *given).on_run([given, &options] {
    return download_all(*given, options);
  });
}

void add_add(command group, const global_options& options) {
  auto given = std::make_shared<libs_arguments>();
  auto made = group.add(
    {"add", "add a library that is not in the catalogue",
     "Takes one script of an npm package, or a file. It must run in a script "
     "without modules and set a global variable, as builds called UMD or IIFE "
     "do. The manifest of the cache remembers its sha512.",
     "$ vm-system libs add mustache@4.2.0 --file mustache.js \\\n"
     "    --global Mustache\n"
     "$ vm-system libs add tools@1.0.0 --path tools.js --global tools"});
  made
    .argument("NAME@VERSION", given->name,
              "The npm package and its exact version.")
    .flag("--file", given->file, "FILE", "The script in the package.")
    .flag("--path", given->path, "PATH",
          "A file to take instead of fetching a package.")
    .required_flag("--global", given->global, "NAME",
                   "The global variable that the script sets.");
  cache_flag(made, *given).on_run([given, &options] {
    return add(*given, options);
  });
}

} // namespace

void add_libs_commands(command root, const global_options& options) {
  auto group = root.add(
    {"libs", "keep the libraries that templates can have",
     "A template's libraries are loaded into the image of its sessions, where "
     "each is a global variable. They come from a cache, which is a folder of "
     "the server. Needs no server.",
     "$ vm-system libs download\n"
     "$ vm-system template add-library ID --name lodash"});
  add_download(group, options);

  auto listed = std::make_shared<libs_arguments>();
  auto listing = group.add({"list", "list the libraries there are",
                            "Those of the catalogue, and those that were "
                            "added. An `altered` one has a file that is not "
                            "the one that was put there, and is not loaded.",
                            "$ vm-system libs list"});
  cache_flag(listing, *listed).on_run([listed, &options] {
    return list(*listed, options);
  });

  add_add(group, options);

  auto removed = std::make_shared<libs_arguments>();
  auto removing = group.add({"remove", "take a library out of the cache", "",
                             "$ vm-system libs remove lodash\n"
                             "Removed: lodash-4.17.21"});
  removing.argument("NAME", removed->name,
                    "A library, with or without its version.");
  cache_flag(removing, *removed).on_run([removed, &options] {
    return remove(*removed, options);
  });
}

} // namespace vmsystem
