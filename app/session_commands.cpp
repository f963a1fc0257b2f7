#include "vmsystem/app/commands.hpp"
#include "vmsystem/models/json_writer.hpp"
#include "vmsystem/models/session.hpp"

#include <memory>

namespace vmsystem {

namespace {

constexpr std::string_view id_help = "The session's id.";

struct session_arguments {
  std::string id;
  std::string template_id;
  std::string workspace_id;
  std::string base_commit;
  std::string worktree_path;
  std::string status;
};

void print_created(const json_value& created) {
  print_line("Created session: " + created.field("id").text());
  print_line("Status: " + created.field("status").text());
  print_line("Template: " + created.field("vm_id").text());
  print_line("Workspace: " + printable(created.field("workspace_id").text()));
  print_line("Base commit: "
             + printable(created.field("base_commit_oid").text()));
  print_line("Worktree: " + printable(created.field("worktree_path").text()));
}

void add_create(command group, const global_options& options) {
  auto given = std::make_shared<session_arguments>();
  group
    .add({"create", "create a session from a template",
          "Answers when the template's startup files have run. A startup file "
          "that fails leaves a session that is recorded as crashed.",
          "$ vm-system session create --template-id ID --workspace-id w1 \\\n"
          "    --base-commit deadbeef --worktree-path \"$PWD\"\n"
          "Created session: 0198c0de-0000-7000-8000-000000000002\n"
          "Status: ready"})
    .required_flag("--template-id", given->template_id, "ID",
                   "The template that it is made from.")
    .required_flag("--workspace-id", given->workspace_id, "NAME",
                   "The workspace that it belongs to; kept, not looked at.")
    .required_flag("--base-commit", given->base_commit, "OID",
                   "The commit that the worktree shows; kept, not looked at.")
    .required_flag("--worktree-path", given->worktree_path, "PATH",
                   "The folder of its files, absolute, on the server.")
    .on_run([given, &options] {
      json_writer body;
      body.begin_object();
      body.key("template_id");
      body.value(std::string_view{given->template_id});
      body.key("workspace_id");
      body.value(std::string_view{given->workspace_id});
      body.key("base_commit_oid");
      body.value(std::string_view{given->base_commit});
      body.key("worktree_path");
      body.value(std::string_view{given->worktree_path});
      body.end_object();
      client server{options.server};
      return show(server.post("/sessions", body.text()), options,
                  print_created);
    });
}

void add_list(command group, const global_options& options) {
  auto given = std::make_shared<session_arguments>();
  group
    .add({"list", "list the sessions, newest first", "",
          "$ vm-system session list --status ready"})
    .flag("--status", given->status, "STATUS",
          "Only those with this status: " + all_names<session_status>() + '.')
    .on_run([given, &options] {
      std::string path = "/sessions";
      if (!given->status.empty())
        path += "?status=" + encoded(given->status);
      client server{options.server};
      return show(server.get(path), options, [](const json_value& list) {
        print_table(list, {{"ID", "id"},
                           {"STATUS", "status"},
                           {"TEMPLATE", "vm_id"},
                           {"CREATED", "created_at"},
                           {"WORKSPACE", "workspace_id"}});
      });
    });
}

} // namespace

void add_session_commands(command root, const global_options& options) {
  auto group = root.add({"session", "create and close sessions",
                         "A session is a live, isolated runtime; its state "
                         "carries over from one execution to the next.",
                         "$ vm-system session list"});
  add_create(group, options);
  add_list(group, options);

  auto showing = std::make_shared<session_arguments>();
  group.add({"get", "show a session", "", "$ vm-system session get ID"})
    .argument("ID", showing->id, std::string{id_help})
    .on_run([showing, &options] {
      client server{options.server};
      return show(server.get("/sessions/" + encoded(showing->id)), options,
                  print_object);
    });

  auto closing = std::make_shared<session_arguments>();
  group
    .add({"close", "close a session",
          "A running execution is cancelled first. Its records stay.",
          "$ vm-system session close ID\nClosed session: ID"})
    .argument("ID", closing->id, std::string{id_help})
    .on_run([closing, &options] {
      client server{options.server};
      return show(server.post("/sessions/" + encoded(closing->id) + "/close",
                              ""),
                  options, [](const json_value& closed) {
                    print_line("Closed session: " + closed.field("id").text());
                  });
    });
}

} // namespace vmsystem
