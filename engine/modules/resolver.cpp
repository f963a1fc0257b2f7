#include "vmsystem/engine/modules/resolver.hpp"

#include "vmsystem/engine/builtin_modules.hpp"
#include "vmsystem/models/validation.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace vmsystem::engine::detail {

namespace {

constexpr std::size_t max_package_json_bytes = 1u << 20;

/// Places that a message names.
constexpr std::size_t max_places = 12;

constexpr std::string_view node_prefix = "node:";

/// Modules of Node that reach the network.
constexpr std::array<std::string_view, 8> network_modules{
  "dgram", "dns", "dns/promises", "http", "http2", "https", "net", "tls"};

constexpr std::string_view modules_folder = "node_modules";

bool starts_with(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

bool ends_with(std::string_view text, std::string_view with) {
  return text.size() >= with.size()
         && text.substr(text.size() - with.size()) == with;
}

bool is_in_node_modules(std::string_view path) {
  return starts_with(path, "node_modules/")
         || path.find("/node_modules/") != std::string_view::npos;
}

std::string beneath(std::string_view folder, std::string_view name) {
  std::string path{folder};
  if (!path.empty())
    path += '/';
  return path.append(name);
}

/// For messages: nothing of the guest breaks a line.
std::string quoted(std::string_view text) {
  constexpr std::size_t max_shown = 200;
  std::string shown{text.substr(0, max_shown)};
  std::replace_if(
    shown.begin(), shown.end(),
    [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
  return '"' + shown + (text.size() > max_shown ? "...\"" : "\"");
}

failure unresolved(std::string_view specifier, std::string_view importer,
                   const std::string& why) {
  return fail(ec::file_not_found, "IMPORT_RESOLUTION_FAILED: cannot find "
                                    + quoted(specifier) + " from "
                                    + quoted(importer) + ": " + why);
}

/// What is not there as a file either: a module for the network says so.
failure not_there(std::string_view specifier, std::string_view importer,
                  const std::string& why) {
  const bool prefixed = starts_with(specifier, node_prefix);
  const auto name = specifier.substr(prefixed ? node_prefix.size() : 0);
  const auto& all = network_modules;
  const bool network = std::find(all.begin(), all.end(), name) != all.end();
  if (!network && !prefixed)
    return unresolved(specifier, importer, why);
  return fail(ec::module_not_allowed,
              "MODULE_NOT_ALLOWED: there is no module " + quoted(specifier)
                + " here"
                + (network ? ": scripts have no network access yet" : ""));
}

std::string places(const std::vector<std::string>& tried) {
  std::string text;
  for (std::size_t i = 0; i < tried.size() && i < max_places; ++i)
    text += (i == 0 ? "tried " : ", ") + tried[i];
  if (tried.size() > max_places)
    text += " and " + std::to_string(tried.size() - max_places) + " more";
  return text.empty() ? "there is nowhere to look" : text;
}

/// The name before a slash: `fs` of `fs/promises`.
std::string_view module_of(std::string_view name) {
  return name == "fs/promises" ? name.substr(0, 2) : name;
}

bool is_native(std::string_view name) {
  const auto& all = native_modules;
  return std::find(all.begin(), all.end(), module_of(name)) != all.end();
}

std::optional<unsigned char> hex_byte(std::string_view text) {
  unsigned value = 0;
  if (text.size() < 2)
    return std::nullopt;
  for (const char c : text.substr(0, 2)) {
    const auto digit = c >= '0' && c <= '9'   ? c - '0'
                       : c >= 'a' && c <= 'f' ? c - 'a' + 10
                       : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                              : -1;
    if (digit < 0)
      return std::nullopt;
    value = value * 16 + static_cast<unsigned>(digit);
  }
  return static_cast<unsigned char>(value);
}

} // namespace

std::string folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string{slash == std::string_view::npos ? std::string_view{}
                                                     : path.substr(0, slash)};
}

std::optional<std::string> join_path(std::string_view base,
                                     std::string_view path) {
  std::string result{base};
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto segment = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size()
                                                       : slash + 1);
    if (segment.empty() || segment == ".")
      continue;
    if (segment != "..") {
      result = beneath(result, segment);
      continue;
    }
    if (result.empty())
      return std::nullopt;
    result = folder_of(result);
  }
  return result;
}

std::optional<std::string> path_of_url(std::string_view url) {
  constexpr std::string_view scheme = "file:///";
  if (!starts_with(url, scheme))
    return std::nullopt;
  url.remove_prefix(scheme.size());
  url = url.substr(0, url.find_first_of("?#"));
  std::string path;
  for (std::size_t i = 0; i < url.size(); ++i) {
    if (url[i] != '%') {
      path += url[i];
      continue;
    }
    const auto byte = hex_byte(url.substr(i + 1));
    if (!byte || *byte == '/' || *byte == 0)
      return std::nullopt;
    path += static_cast<char>(*byte);
    i += 2;
  }
  return join_path("", path);
}

std::string url_of_path(std::string_view path) {
  constexpr std::string_view plain = "/-_.~!$&'()*+,;=:@";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string url = "file:///";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z');
    if (letter || plain.find(c) != std::string_view::npos)
      url += c;
    else
      url.append(1, '%')
        .append(1, digits[byte >> 4])
        .append(1, digits[byte & 15]);
  }
  return url;
}

resolver::resolver(const module_settings& settings,
                   const worktree* files) noexcept
  : settings_{settings}, files_{files} {}

expected<resolved_module> resolver::resolve(std::string_view specifier,
                                            std::string_view importer,
                                            import_kind kind) {
  request what{specifier, importer, kind, {}};
  if (specifier.empty() || specifier.size() > max_path_bytes
      || specifier.find('\0') != std::string_view::npos)
    return unresolved(specifier, importer, "that is no specifier");
  if (auto named = find_named(what))
    return std::move(*named);
  if (files_ == nullptr)
    return not_there(specifier, importer, "the session has no worktree");
  auto path = starts_with(specifier, "file:") ? find_url(what)
              : specifier.front() == '/' || specifier.front() == '.'
                ? find_path(what)
              : specifier.front() == '#' ? find_own_import(what)
                                         : find_bare(specifier, what);
  if (!path)
    return unresolved(specifier, importer, path.error().message);
  if (!path.value())
    return not_there(specifier, importer, places(what.tried));
  auto name = *std::move(path).value();
  // A package may be linked into several places: it is one module.
  std::string real;
  if (files_->real_path(name, real) == 0)
    name = std::move(real);
  auto format = format_of(name);
  if (!format)
    return unresolved(specifier, importer, format.error().message);
  return resolved_module{std::move(name), format.value()};
}

std::optional<expected<resolved_module>>
resolver::find_named(const request& what) const {
  auto name = what.specifier;
  const bool prefixed = starts_with(name, node_prefix);
  if (prefixed)
    name.remove_prefix(node_prefix.size());
  if (is_native(name)) {
    const auto& exposed = settings_.exposed;
    if (std::find(exposed.begin(), exposed.end(), module_of(name))
        == exposed.end())
      return fail(ec::module_not_allowed,
                  "MODULE_NOT_ALLOWED: the template does not expose the module "
                    + quoted(module_of(name)));
    return resolved_module{std::string{name}, module_format::native};
  }
  if (!builtin_module_source(name).empty())
    return resolved_module{std::string{name}, module_format::builtin};
  if (prefixed)
    return not_there(what.specifier, what.importer, {});
  return std::nullopt;
}

resolver::found_path resolver::find_path(request& what) {
  const auto& text = what.specifier;
  const bool absolute = text.front() == '/';
  if (absolute && !settings_.resolver.allow_absolute_repo_imports)
    return fail(ec::file_not_found,
                "the template does not allow paths from the worktree's root");
  const bool relative = text == "." || text == ".." || starts_with(text, "./")
                        || starts_with(text, "../");
  if (!absolute && !relative)
    return find_bare(text, what);
  const auto path
    = join_path(absolute ? std::string{} : folder_of(what.importer), text);
  if (!path)
    return fail(ec::file_not_found, "it leaves the worktree");
  const bool wants_folder = ends_with(text, "/") || ends_with(text, "/.")
                            || ends_with(text, "/..") || text == "."
                            || text == "..";
  if (wants_folder)
    return find_in_package(*path, "", what);
  return find_file_or_folder(*path, what);
}

resolver::found_path resolver::find_url(request& what) {
  const auto path = path_of_url(what.specifier);
  if (!path)
    return fail(ec::file_not_found, "it is no URL of a file in the worktree");
  return find_file_or_folder(*path, what);
}

resolver::found_path resolver::find_bare(std::string_view specifier,
                                         request& what) {
  auto end = specifier.find('/');
  if (specifier.front() == '@' && end != std::string_view::npos)
    end = specifier.find('/', end + 1);
  const auto name = specifier.substr(0, end);
  const auto subpath = end == std::string_view::npos
                         ? std::string_view{}
                         : specifier.substr(end + 1);
  if (!join_path("a", specifier) || name.find("..") == 0)
    return fail(ec::file_not_found, "it leaves the worktree");
  auto own = find_self(name, subpath, what);
  if (!own || own.value())
    return own;
  for (auto folder = folder_of(what.importer);; folder = folder_of(folder)) {
    const auto last = folder.rfind('/');
    const auto base = std::string_view{folder}.substr(
      last == std::string::npos ? 0 : last + 1);
    if (base != modules_folder) {
      const auto package = beneath(beneath(folder, modules_folder), name);
      if (is_folder(package)) {
        auto found = find_in_package(package, subpath, what);
        if (!found || found.value())
          return found;
      } else if (end == std::string_view::npos) {
        if (auto file = find_file(package, what))
          return file;
      } else {
        what.tried.push_back(package);
      }
    }
    if (folder.empty())
      break;
  }
  for (const auto& root : settings_.resolver.roots)
    if (const auto path = join_path(*join_path("", root), specifier)) {
      auto found = find_file_or_folder(*path, what);
      if (!found || found.value())
        return found;
    }
  return std::optional<std::string>{};
}

resolver::found_path resolver::find_own_import(request& what) {
  auto owner = package_above(folder_of(what.importer));
  if (!owner)
    return std::move(owner).error();
  const auto& [folder, package] = owner.value();
  if (package == nullptr)
    return fail(ec::file_not_found, "it is in no package");
  auto target = find_import(*package, what.specifier, what.kind);
  if (!target)
    return std::move(target).error();
  if (!starts_with(target.value(), "./"))
    return find_bare(target.value(), what);
  const auto path = *join_path(folder, target.value());
  return is_file(path, what) ? std::optional{path} : std::nullopt;
}

// A package may import itself by its name.
resolver::found_path resolver::find_self(std::string_view name,
                                         std::string_view subpath,
                                         request& what) {
  auto owner = package_above(folder_of(what.importer));
  if (!owner)
    return std::move(owner).error();
  const auto& [folder, package] = owner.value();
  if (package == nullptr || !package->has_exports || package->name != name)
    return std::optional<std::string>{};
  return find_in_package(folder, subpath, what);
}

resolver::found_path resolver::find_in_package(const std::string& folder,
                                               std::string_view subpath,
                                               request& what) {
  auto read = package_of(folder);
  if (!read)
    return std::move(read).error();
  const auto* package = read.value();
  const bool bare
    = what.specifier.front() != '.' && what.specifier.front() != '/';
  if (package != nullptr && package->has_exports && bare) {
    const auto wanted
      = subpath.empty() ? std::string{"."} : "./" + std::string{subpath};
    auto target = find_export(*package, wanted, what.kind);
    if (!target)
      return std::move(target).error();
    const auto path = *join_path(folder, target.value());
    return is_file(path, what) ? std::optional{path} : std::nullopt;
  }
  if (!subpath.empty())
    return find_file_or_folder(*join_path(folder, subpath), what);
  if (package != nullptr && !package->main.empty())
    if (const auto main = join_path(folder, package->main)) {
      if (auto file = find_file(*main, what))
        return file;
      if (auto index = find_index(*main, what))
        return index;
    }
  return find_index(folder, what);
}

resolver::found_path resolver::find_file_or_folder(const std::string& path,
                                                   request& what) {
  if (auto file = find_file(path, what))
    return file;
  if (is_folder(path))
    return find_in_package(path, "", what);
  return std::optional<std::string>{};
}

std::optional<std::string> resolver::find_file(const std::string& path,
                                               request& what) {
  static const std::vector<std::string> of_packages{".js", ".json", ".mjs",
                                                    ".cjs"};
  if (path.empty())
    return std::nullopt;
  if (is_file(path, what))
    return path;
  const bool package = is_in_node_modules(path);
  const auto& extensions
    = package ? of_packages : settings_.resolver.extensions;
  for (const auto& extension : extensions)
    if (is_file(path + extension, what))
      return path + extension;
  if (!package && is_file(path + ".json", what))
    return path + ".json";
  return std::nullopt;
}

std::optional<std::string> resolver::find_index(const std::string& folder,
                                                request& what) {
  return is_folder(folder) ? find_file(beneath(folder, "index"), what)
                           : std::nullopt;
}

bool resolver::is_file(const std::string& path, request& what) const {
  struct stat status {};
  const auto error = files_->status(path, true, status);
  if (error == 0 && S_ISREG(status.st_mode))
    return true;
  const bool leaves = error == EXDEV || error == ELOOP;
  what.tried.push_back(leaves ? path + " (a link that leaves the worktree)"
                              : path);
  return false;
}

bool resolver::is_folder(const std::string& path) const {
  struct stat status {};
  return files_->status(path.empty() ? "." : path, true, status) == 0
         && S_ISDIR(status.st_mode);
}

resolver::found_package resolver::package_of(const std::string& folder) {
  const auto as_result
    = [](const std::optional<package_json>& kept) -> const package_json* {
    return kept ? &*kept : nullptr;
  };
  if (const auto known = packages_.find(folder); known != packages_.end())
    return as_result(known->second);
  const auto path = beneath(folder, "package.json");
  std::string text;
  const auto error = files_->read_file(path, max_package_json_bytes, text);
  if (error == EFBIG)
    return fail(ec::file_not_found, path + " is larger than 1 MiB");
  if (error != 0)
    return as_result(packages_[folder]);
  auto package = parse_package_json(std::move(text));
  if (!package)
    return fail(ec::file_not_found,
                path + " cannot be read: " + package.error().message);
  return as_result(packages_[folder] = std::move(package).value());
}

expected<std::pair<std::string, const package_json*>>
resolver::package_above(std::string folder) {
  for (;; folder = folder_of(folder)) {
    const bool border
      = folder == modules_folder || ends_with(folder, "/node_modules");
    if (!border) {
      auto found = package_of(folder);
      if (!found)
        return std::move(found).error();
      if (found.value() != nullptr)
        return std::pair{std::move(folder), found.value()};
    }
    if (border || folder.empty())
      return std::pair<std::string, const package_json*>{"", nullptr};
  }
}

expected<module_format> resolver::format_of(const std::string& path) {
  if (ends_with(path, ".mjs"))
    return module_format::esm;
  if (ends_with(path, ".cjs"))
    return module_format::commonjs;
  if (ends_with(path, ".json"))
    return module_format::json;
  auto package = package_above(folder_of(path));
  if (!package)
    return std::move(package).error();
  const auto* found = package.value().second;
  if (found != nullptr && found->is_module)
    return module_format::esm;
  return found != nullptr && found->is_commonjs ? module_format::commonjs
                                                : module_format::script;
}

} // namespace vmsystem::engine::detail
