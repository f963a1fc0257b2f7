#include "vmsystem/pipeline/library_cache.hpp"

#include "vmsystem/models/codec.hpp"
#include "vmsystem/models/library.hpp"
#include "vmsystem/models/text.hpp"
#include "vmsystem/pipeline/integrity.hpp"
#include "vmsystem/pipeline/loading.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <sys/stat.h>

namespace vmsystem {

namespace {

/// Longer manifests are not read, in bytes.
constexpr uint32_t max_manifest_bytes = 1u << 20;

failure no_library(std::string_view name, const std::string& reason) {
  return {ec::library_not_found,
          "library \"" + std::string{name} + "\" " + reason,
          details_of({{"library", std::string{name}}})};
}

failure bad_manifest(const std::string& folder, const std::string& reason) {
  return fail(ec::library_not_found,
              "the manifest of the library cache " + folder + " " + reason);
}

/// The command that puts a library into the cache.
std::string mending_command(const std::string& folder,
                            const library_entry& entry) {
  if (find_catalogue_library(entry.full_name()) != nullptr)
    return "vm-system libs download --cache-dir " + folder + ' ' + entry.name;
  const auto* source = entry.file.front() == '/' ? " --path " : " --file ";
  return "vm-system libs add " + entry.package + '@' + entry.version + source
         + entry.file + " --global " + entry.global + " --cache-dir " + folder;
}

library_entry entry_of(const catalogue_library& from) {
  library_entry entry;
  entry.name = from.name;
  entry.version = from.version;
  entry.package = from.name;
  entry.file = from.file;
  entry.global = from.global;
  entry.sets = from.sets;
  entry.integrity = from.integrity;
  return entry;
}

expected<library_entry> read_line(std::string_view line) {
  auto root = parse_json(line);
  if (!root)
    return root.error();
  library_entry entry;
  if (auto outcome
      = read_object(root.value(), json_place{}, field("name", entry.name),
                    field("version", entry.version),
                    field("package", entry.package), field("file", entry.file),
                    field("global", entry.global),
                    field("integrity", entry.integrity));
      !outcome)
    return outcome.error();
  entry.sets = entry.global;
  return entry;
}

failure unknown_library(const std::string& folder, std::string_view name) {
  std::string known;
  for (const auto& library : catalogue_libraries)
    known += (known.empty() ? "" : ", ") + full_name(library);
  return no_library(name, "is neither in the catalogue (" + known
                            + ") nor in the library cache " + folder
                            + "; add it with: vm-system libs add NAME@VERSION "
                              "--file FILE --global GLOBAL --cache-dir "
                            + folder);
}

bool is_absent(const failure& reason) {
  return reason.code == ec::file_not_found
         || reason.code == ec::worktree_not_found;
}

int64_t nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1000000000 + time.tv_nsec;
}

/// Two libraries with one global would overwrite each other.
expected<void> check_globals(const engine::library_list& libraries) {
  for (auto i = libraries.begin(); i != libraries.end(); ++i)
    for (auto j = libraries.begin(); j != i; ++j)
      if ((*i)->global == (*j)->global)
        return failure{ec::library_failed,
                       "libraries \"" + (*j)->name + "\" and \"" + (*i)->name
                         + "\" have the same global \"" + (*i)->global + '"',
                       details_of({{"library", (*i)->name}})};
  return success();
}

} // namespace

std::string library_entry::full_name() const {
  return name + '-' + version;
}

std::string library_entry::file_name() const {
  return full_name() + ".js";
}

expected<std::vector<library_entry>>
read_library_manifest(const std::string& folder) {
  auto text
    = load_source(folder, std::string{library_manifest}, max_manifest_bytes);
  std::vector<library_entry> entries;
  if (!text && is_absent(text.error()))
    return entries;
  if (!text)
    return bad_manifest(folder, "cannot be read: " + text.error().message);
  std::string_view rest = text.value();
  for (int number = 1; !rest.empty(); ++number) {
    auto entry = read_line(cut(rest, '\n'));
    if (!entry)
      return bad_manifest(folder, "is damaged at line " + std::to_string(number)
                                    + ": " + entry.error().message);
    entries.push_back(std::move(entry).value());
  }
  return entries;
}

expected<std::vector<library_entry>> all_libraries(const std::string& folder) {
  auto added = read_library_manifest(folder);
  if (!added)
    return added;
  std::vector<library_entry> result;
  for (const auto& library : catalogue_libraries)
    result.push_back(entry_of(library));
  for (auto& entry : added.value())
    if (find_catalogue_library(entry.full_name()) == nullptr)
      result.push_back(std::move(entry));
  return result;
}

std::string manifest_line(const library_entry& entry) {
  json_writer writer;
  writer.begin_object();
  const std::pair<std::string_view, const std::string*> fields[]
    = {{"name", &entry.name},       {"version", &entry.version},
       {"package", &entry.package}, {"file", &entry.file},
       {"global", &entry.global},   {"integrity", &entry.integrity}};
  for (const auto& [name, value] : fields) {
    writer.key(name);
    writer.value(std::string_view{*value});
  }
  writer.end_object();
  return writer.text() + '\n';
}

expected<library_entry> find_library(const std::string& folder,
                                     std::string_view name) {
  if (const auto* known = find_catalogue_library(name))
    return entry_of(*known);
  auto entries = read_library_manifest(folder);
  if (!entries)
    return entries.error();
  const auto is_it = [&](const library_entry& x) {
    return x.name == name || x.full_name() == name;
  };
  const auto& all = entries.value();
  const auto at = std::find_if(all.rbegin(), all.rend(), is_it);
  if (at == all.rend())
    return unknown_library(folder, name);
  return *at;
}

expected<std::string> read_library(const std::string& folder,
                                   const library_entry& entry) {
  auto source = load_source(folder, entry.file_name(), max_library_bytes);
  std::string trouble;
  if (!source && is_absent(source.error()))
    trouble = "is not in the library cache " + folder;
  else if (!source)
    trouble = "cannot be read: " + source.error().message;
  else if (integrity_of(source.value()) != entry.integrity)
    trouble = "has a file in the library cache " + folder
              + " that is not the one that was put there (its sha512 differs)";
  if (trouble.empty())
    return source;
  return no_library(entry.full_name(),
                    trouble + "; run: " + mending_command(folder, entry));
}

library_shelf::file_state
library_shelf::state_of(const std::string& path) noexcept {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0)
    return {};
  return {found.st_dev, found.st_ino, found.st_size, nanoseconds(found.st_mtim),
          nanoseconds(found.st_ctim)};
}

bool library_shelf::same(const file_state& x, const file_state& y) noexcept {
  const auto all = [](const file_state& s) {
    return std::tie(s.device, s.inode, s.size, s.modified_ns, s.changed_ns);
  };
  return x.size >= 0 && all(x) == all(y);
}

expected<std::shared_ptr<const engine::library>>
library_shelf::load_one(const std::string& folder, const library_entry& entry) {
  const auto path = folder + '/' + entry.file_name();
  // Before it is read: what changes meanwhile is read again the next time.
  const auto state = state_of(path);
  auto& at = places_[path];
  if (auto kept = at.kept.lock(); kept && same(state, at.state)
                                  && at.integrity == entry.integrity
                                  && kept->global == entry.global)
    return kept;
  auto source = read_library(folder, entry);
  if (!source) {
    places_.erase(path);
    return source.error();
  }
  auto made = std::make_shared<const engine::library>(engine::library{
    entry.full_name(), entry.global, entry.sets, std::move(source).value()});
  at = {state, entry.integrity, made};
  return made;
}

expected<engine::library_list>
library_shelf::load(const std::string& folder,
                    const std::vector<std::string>& names) {
  engine::library_list result;
  for (const auto& name : names) {
    auto entry = find_library(folder, name);
    if (!entry)
      return entry.error();
    auto loaded = load_one(folder, entry.value());
    if (!loaded)
      return loaded.error();
    if (std::find(result.begin(), result.end(), loaded.value()) == result.end())
      result.push_back(std::move(loaded).value());
  }
  if (auto outcome = check_globals(result); !outcome)
    return outcome.error();
  return result;
}

} // namespace vmsystem
