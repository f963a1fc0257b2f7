#pragma once

#include "vmsystem/engine/modules/module_settings.hpp"
#include "vmsystem/engine/modules/package_json.hpp"
#include "vmsystem/engine/worktree.hpp"
#include "vmsystem/models/failure.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vmsystem::engine::detail {

/// How the text of a module is to be read.
enum class module_format {
  /// CommonJS, unless it turns out to use `import` or `export`.
  script,
  commonjs,
  esm,
  json,
  /// One of `builtin_module_source`.
  builtin,
  /// A module of the host, such as `fs`.
  native,
};

/// A module that was found.
struct resolved_module {
  /// A file, relative to the worktree; or a name without `node:`.
  std::string name;
  module_format format = module_format::script;
};

/// Finds modules as Node does, in a worktree: files, folders, packages in
/// `node_modules` and below the template's roots. What it read of
/// `package.json` files it keeps.
class resolver {
public:
  /// @param settings outlives it.
  /// @param files may be null: then only built-in and native modules are
  ///        found; outlives it.
  resolver(const module_settings& settings, const worktree* files) noexcept;

  /// @param specifier what stands in the import, or the call of `require`.
  /// @param importer the file that asks, relative to the worktree; anything
  ///        without a folder stands for the root.
  /// Errors: file_not_found with a message that begins with
  /// `IMPORT_RESOLUTION_FAILED` and says what was tried; module_not_allowed.
  [[nodiscard]] expected<resolved_module> resolve(std::string_view specifier,
                                                  std::string_view importer,
                                                  import_kind kind);

  /// How a file that is there is to be read. Errors: file_not_found.
  [[nodiscard]] expected<module_format> format_of(const std::string& path);

private:
  /// One search: what was asked for, and where it was looked for so far.
  struct request {
    std::string_view specifier;
    std::string_view importer;
    import_kind kind;
    std::vector<std::string> tried;
  };

  using found_path = expected<std::optional<std::string>>;
  using found_package = expected<const package_json*>;

  [[nodiscard]] std::optional<expected<resolved_module>>
  find_named(const request& what) const;
  [[nodiscard]] found_path find_path(request& what);
  [[nodiscard]] found_path find_url(request& what);
  [[nodiscard]] found_path find_bare(std::string_view specifier, request& what);
  [[nodiscard]] found_path find_own_import(request& what);
  [[nodiscard]] found_path find_self(std::string_view name,
                                     std::string_view subpath, request& what);
  [[nodiscard]] found_path find_in_package(const std::string& folder,
                                           std::string_view subpath,
                                           request& what);
  [[nodiscard]] found_path find_file_or_folder(const std::string& path,
                                               request& what);
  [[nodiscard]] std::optional<std::string> find_file(const std::string& path,
                                                     request& what);
  [[nodiscard]] std::optional<std::string> find_index(const std::string& folder,
                                                      request& what);
  [[nodiscard]] bool is_file(const std::string& path, request& what) const;
  [[nodiscard]] bool is_folder(const std::string& path) const;

  /// The `package.json` of a folder; null when there is none.
  [[nodiscard]] found_package package_of(const std::string& folder);
  /// The nearest one at or above a folder, with its folder.
  [[nodiscard]] expected<std::pair<std::string, const package_json*>>
  package_above(std::string folder);

  const module_settings& settings_;
  const worktree* files_;
  std::map<std::string, std::optional<package_json>, std::less<>> packages_;
};

/// The folder of a file; empty for the worktree itself.
[[nodiscard]] std::string folder_of(std::string_view path);

/// `base` and `path` as one path, without `.`, `..` and empty segments.
/// @returns nothing when it leaves the worktree.
[[nodiscard]] std::optional<std::string> join_path(std::string_view base,
                                                   std::string_view path);

/// The path in a URL `file:///x`, relative to the worktree; nothing when it is
/// no such URL, or hides a slash or a NUL behind a `%`.
[[nodiscard]] std::optional<std::string> path_of_url(std::string_view url);

/// The URL of a file of the worktree, as in `import.meta.url`.
[[nodiscard]] std::string url_of_path(std::string_view path);

} // namespace vmsystem::engine::detail
