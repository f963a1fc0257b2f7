#pragma once

#include "vmsystem/models/failure.hpp"

#include <string>
#include <string_view>

namespace vmsystem::engine::detail {

/// Who asks for a module; decides between the conditions `require` and
/// `import`.
enum class import_kind {
  require,
  import,
};

/// What Node's resolution needs of a `package.json`.
struct package_json {
  std::string name;
  /// Empty when there is none.
  std::string main;
  /// Whether `type` is `module`, or `commonjs`.
  bool is_module = false;
  bool is_commonjs = false;
  bool has_exports = false;
  /// The whole text.
  std::string text;
};

/// Reads the fields; those of another type are as if absent. Errors:
/// invalid_request when it is no JSON object.
[[nodiscard]] expected<package_json> parse_package_json(std::string text);

/// The file that `exports` names for a subpath.
/// @param subpath `.` or `./x`.
/// @returns a path that begins with `./`, or why there is none, for people.
/// Errors: file_not_found.
[[nodiscard]] expected<std::string> find_export(const package_json& package,
                                                std::string_view subpath,
                                                import_kind kind);

/// What `imports` names for `#x`: a path that begins with `./`, or the
/// specifier of another package. Errors: file_not_found.
[[nodiscard]] expected<std::string> find_import(const package_json& package,
                                                std::string_view specifier,
                                                import_kind kind);

} // namespace vmsystem::engine::detail
