#include "vmsystem/app/commands.hpp"

namespace vmsystem {

namespace {

/// Adds a command that prints a document as it is.
void add_document(command group, const command_text& text,
                  const std::string& path, const global_options& options) {
  group.add(text).on_run([path, &options] {
    client server{options.server};
    return show(server.get(path), options,
                [](const json_value& document) { print_line(document.raw()); });
  });
}

} // namespace

void add_ops_commands(command root, const global_options& options) {
  auto group = root.add({"ops", "ask a server how it is", "",
                         "$ vm-system ops health\n{\"status\":\"ok\"}"});
  add_document(group,
               {"health", "print whether the server answers", "",
                "$ vm-system ops health\n{\"status\":\"ok\"}"},
               "/health", options);
  add_document(group,
               {"runtime-summary", "print which sessions are live", "",
                "$ vm-system ops runtime-summary\n"
                "{\"active_sessions\":0,\"active_session_ids\":[]}"},
               "/runtime/summary", options);
  group
    .add({"ready", "print whether the server takes work",
          "Fails with status 1 while it does not.",
          "$ vm-system ops ready\n{\"status\":\"ready\"}"})
    .on_run([&options] {
      client server{options.server};
      const auto answered = server.get_any("/ready");
      const auto shown = show(answered, options, [](const json_value& said) {
        print_line(said.raw());
      });
      if (shown != exit_code::ok)
        return shown;
      return answered.value().field("status").text() == "ready"
               ? exit_code::ok
               : exit_code::request_failed;
    });
}

} // namespace vmsystem
