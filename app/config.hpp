#pragma once

#include "vmsystem/app/client.hpp"

#include <string>

namespace vmsystem {

class command;

/// How a command shows what it did.
enum class output_format {
  /// For people and line-based tools.
  text,
  /// The documents as the server sent them.
  json,
};

/// What holds for every command; from flags or from the environment.
struct global_options {
  server_address server{"http://127.0.0.1:3210", {}};
  /// Whether somebody named the server.
  bool server_given = false;
  /// The folder of the store.
  std::string db = "vm-system.db";
  /// The folder with the libraries of templates.
  std::string library_cache = ".vm-cache/libraries";
  /// Whether scripts may run the programs that their template lists.
  bool allow_exec = false;
  /// trace, debug, info, warn, error or off.
  std::string log_level = "info";
  /// text or json.
  std::string output = "text";

  [[nodiscard]] output_format format() const noexcept {
    return output == "json" ? output_format::json : output_format::text;
  }
};

/// Adds the flags that stand for `options` to the program.
void add_global_flags(command& root, global_options& options);

} // namespace vmsystem
