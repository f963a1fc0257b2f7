#include "vmsystem/app/config.hpp"

#include "vmsystem/app/command.hpp"

namespace vmsystem {

void add_global_flags(command& root, global_options& options) {
  root
    .flag(
      "--server-url", options.server.url, "URL",
      "The server that commands speak to: http://ADDRESS:PORT, or unix:PATH.")
    .notes(options.server_given)
    .flag("--token", options.server.token, "TOKEN",
          "The token that the server asks for, see `token create`. Better "
          "given in the environment: other users see command lines.")
    .flag("--db", options.db, "PATH",
          "The folder of the store, made when it is missing; for `serve`, for "
          "`db`, and for `batch` without a server.")
    .flag("--library-cache", options.library_cache, "DIR",
          "The folder with the libraries of templates, which `libs` fills; for "
          "`serve` and `run`, and for `batch` without a server.")
    .toggle(
      "--allow-exec", options.allow_exec,
      "Lets scripts run programs, as far as a capability of their "
      "template lists them, with all rights of this process; for `serve`, "
      "and for `run`, `repl` and `batch` without a server.")
    .choice("--log-level", options.log_level,
            {"trace", "debug", "info", "warn", "error", "off"},
            "What `serve`, `run` and `batch` log to stderr.")
    .choice("--output", options.output, {"text", "json"},
            "How results are printed.");
}

} // namespace vmsystem
