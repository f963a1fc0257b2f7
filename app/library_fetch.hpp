#pragma once

#include "vmsystem/models/failure.hpp"

#include <string>
#include <string_view>

namespace vmsystem {

/// A script of a package in npm's registry.
struct npm_script {
  /// As npm knows it, such as `lodash` or `@scope/name`.
  std::string package;
  /// One exact version.
  std::string version;
  /// The script's path in the package, in normal form.
  std::string file;
  /// What the package's archive must be like, as `integrity_of` says it; empty:
  /// whatever the registry says.
  std::string archive_integrity;
};

/// Splits `NAME@VERSION`, and checks both: nothing that npm would take for a
/// path, an address, a range or a flag. Errors: validation_error.
[[nodiscard]] expected<npm_script> parse_npm_package(std::string_view text);

/// Fetches a package with the npm client, with the user's own settings, and
/// gives the script. Nothing of the package is run. Errors: library_not_found,
/// which says what failed and what may help.
[[nodiscard]] expected<std::string> fetch_script(const npm_script& wanted);

} // namespace vmsystem
