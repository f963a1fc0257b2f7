#include "vmsystem/app/commands.hpp"
#include "vmsystem/app/process.hpp"

#include <exception>

namespace {

using namespace vmsystem;

constexpr std::string_view details
  = "vm-system runs JavaScript in isolated sessions and keeps a durable record "
    "of everything that ran. `serve` starts the daemon; `template`, `session`, "
    "`exec` and `ops` speak to one over HTTP; `run` needs none, and `repl` "
    "and `batch` only when one is named.\n\n"
    "Each flag can also be given in the environment, under the name that its "
    "help shows. A flag wins over its variable.\n\n"
    "Results go to stdout. Errors go to stderr, as `vm-system: CODE: message` "
    "with the codes of the HTTP API.";

constexpr std::string_view example
  = "$ vm-system serve &\n"
    "$ vm-system template create --name lab\n"
    "$ vm-system session create --template-id ID --workspace-id w1 \\\n"
    "    --base-commit deadbeef --worktree-path \"$PWD\"\n"
    "$ vm-system exec repl SESSION '[1,2,3].map(x => x * x)'";

exit_code run_program(int argc, const char* const* argv) {
  global_options options;
  command_line program{{"vm-system", "run JavaScript and keep what it did",
                        details, example},
                       "vm-system " VMSYSTEM_VERSION};
  auto root = program.root();
  add_global_flags(root, options);
  add_serve_command(root, options);
  add_run_command(root, options);
  add_repl_command(root, options);
  add_template_commands(root, options);
  add_session_commands(root, options);
  add_exec_commands(root, options);
  add_batch_commands(root, options);
  add_libs_commands(root, options);
  add_token_commands(root);
  add_db_commands(root, options);
  add_ops_commands(root, options);
  add_top_command(root, options);
  add_doctor_command(root, options);
  add_documentation_commands(program);
  return finish_output(program.run(argc, argv));
}

} // namespace

int main(int argc, char** argv) {
  set_up_process();
  try {
    return static_cast<int>(run_program(argc, argv));
  } catch (const std::exception& error) {
    return static_cast<int>(
      print_error(to_string_view(ec::internal), error.what()));
  }
}
