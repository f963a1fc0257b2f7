#include "vmsystem/app/commands.hpp"
#include "vmsystem/app/execution_output.hpp"
#include "vmsystem/models/end_reason.hpp"
#include "vmsystem/models/execution.hpp"
#include "vmsystem/models/json_writer.hpp"

#include <memory>

namespace vmsystem {

namespace {

constexpr std::string_view session_help = "The session's id.";
constexpr std::string_view id_help = "The execution's id.";
constexpr std::string_view wait_help
  = "How long to wait for a session that is busy, in milliseconds.";

struct exec_arguments {
  std::string session;
  std::string id;
  std::string code;
  std::string path;
  std::string args;
  std::string env;
  uint32_t wait_ms = 0;
  uint32_t limit = 50;
  uint32_t after_seq = 0;
  /// 0: all.
  uint32_t event_limit = 0;
  std::string cursor;
  std::string status;
  std::string kind;
};

/// Sends an execution and prints what became of it.
exit_code execute(const std::string& route, const std::string& body,
                  const global_options& options) {
  client server{options.server};
  auto execution = server.post(route, body);
  if (!execution) {
    print_error(execution.error());
    // What was stopped for its output has a record all the same.
    const auto id = stopped_execution(execution.error());
    if (!id)
      return exit_code::request_failed;
    execution = server.get("/executions/" + encoded(*id));
    if (!execution)
      return print_error(execution.error());
  }
  const auto id = execution.value().field("id").text();
  const auto events = server.get("/executions/" + encoded(id) + "/events");
  if (!events)
    return print_error(events.error());
  return print_execution(execution.value(), events.value(), options);
}

void write_wait(json_writer& body, const exec_arguments& given) {
  if (given.wait_ms == 0)
    return;
  body.key("wait_ms");
  body.value(given.wait_ms);
}

void add_repl(command group, const global_options& options) {
  auto given = std::make_shared<exec_arguments>();
  group
    .add({"repl", "run a snippet in a session",
          "Prints the record and its events. What the snippet defines stays in "
          "the session. A promise is awaited.\n\n"
          "Write -- before code that begins with a hyphen.",
          "$ vm-system exec repl SESSION '1+1'\n"
          "Execution ID: 0198c0de-0000-7000-8000-000000000003\n"
          "Status: ok\n"
          "Result: {\"type\":\"number\",\"preview\":\"2\",\"json\":2}\n"
          "\n"
          "Events:\n"
          "[1] input_echo: {\"text\":\"1+1\"}\n"
          "[2] value: {\"type\":\"number\",\"preview\":\"2\",\"json\":2}"})
    .argument("SESSION", given->session, std::string{session_help})
    .argument("CODE", given->code, "The JavaScript to run.")
    .flag("--wait-ms", given->wait_ms, "N", std::string{wait_help})
    .on_run([given, &options] {
      json_writer body;
      body.begin_object();
      body.key("session_id");
      body.value(std::string_view{given->session});
      body.key("input");
      body.value(std::string_view{given->code});
      write_wait(body, *given);
      body.end_object();
      if (!body.ok())
        return print_usage_error("CODE is not UTF-8");
      return execute("/executions/repl", body.text(), options);
    });
}

/// The body of `POST /executions/run-file`.
expected<std::string> run_file_body(const exec_arguments& given) {
  json_writer body;
  body.begin_object();
  body.key("session_id");
  body.value(std::string_view{given.session});
  body.key("path");
  body.value(std::string_view{given.path});
  if (!given.args.empty()) {
    auto args = json_of_flag("--args", given.args);
    if (!args)
      return args.error();
    body.key("args");
    body.raw(args.value());
  }
  if (!given.env.empty()) {
    auto env = json_of_flag("--env", given.env);
    if (!env)
      return env.error();
    body.key("env");
    body.raw(env.value());
  }
  write_wait(body, given);
  body.end_object();
  return body.text();
}

void add_run_file(command group, const global_options& options) {
  auto given = std::make_shared<exec_arguments>();
  group
    .add({"run-file", "run a file of the session's worktree", "",
          "$ vm-system exec run-file SESSION reports/monthly.js "
          "--args '{\"month\":5}'"})
    .argument("SESSION", given->session, std::string{session_help})
    .argument("PATH", given->path, "The file, relative to the worktree.")
    .flag("--args", given->args, "JSON",
          "An object that the script sees as __ARGS__.")
    .flag("--env", given->env, "JSON",
          "An object that the script sees as __ENV__.")
    .flag("--wait-ms", given->wait_ms, "N", std::string{wait_help})
    .on_run([given, &options] {
      const auto body = run_file_body(*given);
      if (!body)
        return print_usage_error(body.error().message);
      return execute("/executions/run-file", body.value(), options);
    });
}

void add_list(command group, const global_options& options) {
  auto given = std::make_shared<exec_arguments>();
  group
    .add({"list", "list a session's executions, newest first", "",
          "$ vm-system exec list SESSION --limit 5 --status timeout"})
    .argument("SESSION", given->session, std::string{session_help})
    .flag("--limit", given->limit, "N", "How many at most.")
    .flag("--cursor", given->cursor, "ID",
          "Only executions older than this one.")
    .flag("--status", given->status, "STATUS",
          "Only those with this status: " + all_names<execution_status>() + '.')
    .flag("--kind", given->kind, "KIND",
          "Only those of this kind: " + all_names<execution_kind>() + '.')
    .on_run([given, &options] {
      std::string path = "/executions?session_id=" + encoded(given->session)
                         + "&limit=" + std::to_string(given->limit);
      if (!given->cursor.empty())
        path += "&cursor=" + encoded(given->cursor);
      if (!given->status.empty())
        path += "&status=" + encoded(given->status);
      if (!given->kind.empty())
        path += "&kind=" + encoded(given->kind);
      client server{options.server};
      return show(server.get(path), options, [](const json_value& list) {
        print_table(list, {{"ID", "id"},
                           {"KIND", "kind"},
                           {"STATUS", "status"},
                           {"END REASON", "end_reason"},
                           {"WALL MS", "metrics.wall_ms"},
                           {"EVENTS", "metrics.events"},
                           {"STARTED", "started_at"}});
      });
    });
}

void add_events(command group, const global_options& options) {
  auto given = std::make_shared<exec_arguments>();
  group
    .add({"events", "print the events of an execution", "",
          "$ vm-system exec events ID --after-seq 100\n"
          "[101] console: {\"level\":\"log\",\"text\":\"still here\"}"})
    .argument("ID", given->id, std::string{id_help})
    .flag("--after-seq", given->after_seq, "N",
          "Only events with a greater number.")
    .flag("--limit", given->event_limit, "N", "How many at most; 0 means all.")
    .on_run([given, &options] {
      std::string path
        = "/executions/" + encoded(given->id)
          + "/events?after_seq=" + std::to_string(given->after_seq);
      if (given->event_limit != 0)
        path += "&limit=" + std::to_string(given->event_limit);
      client server{options.server};
      return show(server.get(path), options, print_events);
    });
}

} // namespace

void add_exec_commands(command root, const global_options& options) {
  auto group = root.add({"exec", "run things in a session, read what ran",
                         "Every execution leaves a durable record and an "
                         "ordered list of events.",
                         "$ vm-system exec repl SESSION '1+1'"});
  add_repl(group, options);
  add_run_file(group, options);
  add_list(group, options);

  auto showing = std::make_shared<exec_arguments>();
  group
    .add({"get", "show an execution's record", "", "$ vm-system exec get ID"})
    .argument("ID", showing->id, std::string{id_help})
    .on_run([showing, &options] {
      client server{options.server};
      return show(server.get("/executions/" + encoded(showing->id)), options,
                  print_object);
    });

  add_events(group, options);

  auto cancelling = std::make_shared<exec_arguments>();
  group
    .add({"cancel", "stop an execution that waits or runs",
          "The session stays usable.",
          "$ vm-system exec cancel ID\nCancelled execution: ID"})
    .argument("ID", cancelling->id, std::string{id_help})
    .on_run([cancelling, &options] {
      client server{options.server};
      return show(
        server.post("/executions/" + encoded(cancelling->id) + "/cancel", ""),
        options, [cancelling](const json_value&) {
          print_line("Cancelled execution: " + printable(cancelling->id));
        });
    });
}

} // namespace vmsystem
