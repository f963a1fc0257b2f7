#include "vmsystem/app/commands.hpp"
#include "vmsystem/app/log.hpp"
#include "vmsystem/app/private_session.hpp"
#include "vmsystem/app/repl_shell.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include <unistd.h>

namespace vmsystem {

namespace {

constexpr std::string_view details
  = "Reads JavaScript from the terminal and runs it snippet by snippet in one "
    "session: with --session in one of a server, which stays; with the id of "
    "a template in a new one of a server, which is closed at the end; else in "
    "a runtime of its own that is gone afterwards and needs no server, as the "
    "file of a template says.\n\n"
    "A snippet that is not complete goes on in the next line. Tab completes "
    "names, the arrow keys bring earlier lines back; they are kept in "
    "$XDG_STATE_HOME/vm-system/repl_history. Ctrl-C cancels what runs, and the "
    "session stays. .help lists the commands.\n\n"
    "When stdin is no terminal it runs the snippets that it reads and prints "
    "what they print and give; those that fail make the exit status 3.";

struct repl_arguments {
  std::string session;
  std::string vm;
  std::string worktree;
  std::vector<std::string> limits;
};

/// Times that Ctrl-C was pressed while a snippet ran.
std::atomic<int> interrupts{0};

static_assert(std::atomic<int>::is_always_lock_free);

/// The first one cancels the snippet; the third, when nothing helped, leaves.
void count_interrupt(int) {
  if (++interrupts > 2)
    _exit(128 + SIGINT);
}

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = count_interrupt;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
}

bool wants_colours() {
  const char* const refused = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  return (refused == nullptr || *refused == '\0')
         && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

/// The worktree as an absolute path; the current folder when none is given.
expected<std::string> worktree_of(const repl_arguments& given) {
  std::error_code error;
  const auto path
    = std::filesystem::canonical(given.worktree.empty() ? "." : given.worktree,
                                 error);
  if (error)
    return fail(ec::worktree_not_found,
                given.worktree + ": " + error.message());
  return path.string();
}

/// Whether the template is one of a server.
bool is_there(const repl_arguments& given) {
  return template_id::parse(given.vm).has_value();
}

/// How sessions are opened; empty when there can be no second one. Errors:
/// validation_error, worktree_not_found; those of `template_plan_of`.
expected<repl_shell::target_opener> opener_of(const repl_arguments& given,
                                              const global_options& options) {
  if (is_there(given)) {
    auto worktree = worktree_of(given);
    if (!worktree)
      return worktree.error();
    return repl_shell::target_opener{
      [&options, vm = given.vm, where = std::move(worktree).value()] {
        return open_repl_there(options.server, vm, where);
      }};
  }
  auto limits = json_of_pairs("--limit", given.limits);
  if (!limits)
    return limits.error();
  private_setup setup;
  auto plan = template_plan_of(given.vm, limits.value());
  if (!plan)
    return plan.error();
  setup.plan = std::move(plan).value();
  auto worktree = worktree_of(given);
  if (!worktree)
    return worktree.error();
  setup.worktree = std::move(worktree).value();
  setup.library_cache = options.library_cache;
  setup.allow_exec = options.allow_exec;
  return repl_shell::target_opener{
    [setup = std::move(setup)] { return open_repl_here(setup); }};
}

/// What is wrong with flags that do not belong together; empty when nothing is.
std::string conflict_in(const repl_arguments& given) {
  if (!given.session.empty() && !given.vm.empty())
    return "--session and --template exclude each other";
  if (!given.session.empty() && !given.worktree.empty())
    return "--worktree is that of the session";
  if (!given.limits.empty() && (!given.session.empty() || is_there(given)))
    return "--limit is for a runtime of its own: those of a template hold";
  return {};
}

exit_code repl(const repl_arguments& given, const global_options& options) {
  if (const auto conflict = conflict_in(given); !conflict.empty())
    return print_usage_error(conflict);
  set_up_logging(options.log_level);
  repl_shell::target_opener open;
  if (given.session.empty()) {
    auto opener = opener_of(given, options);
    if (!opener)
      return opener.error().code == ec::validation_error
               ? print_usage_error(opener.error().message)
               : print_error(opener.error());
    open = std::move(opener).value();
  }
  auto target = open ? open() : join_repl_there(options.server, given.session);
  if (!target)
    return print_error(target.error());
  repl_look look;
  look.interactive = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
  look.coloured = look.interactive && wants_colours();
  repl_shell shell{std::move(target).value(), std::move(open), look, options,
                   interrupts};
  if (!look.interactive)
    return shell.run(*plain_lines());
  catch_interrupts();
  return shell.run(
    *terminal_lines(repl_history_file(), [&shell](std::string_view line) {
      return shell.complete(line);
    }));
}

} // namespace

void add_repl_command(command root, const global_options& options) {
  auto given = std::make_shared<repl_arguments>();
  root
    .add({"repl", "type JavaScript and see what it gives", details,
          "$ vm-system repl\n"
          "> const n = 6\n"
          "undefined\n"
          "> n * 7\n"
          "42"})
    .flag("--session", given->session, "ID", "A session of a server.")
    .flag("--template", given->vm, "FILE|ID",
          "The file of a template, for a runtime of its own; or the id of one "
          "of a server, for a new session.")
    .flag("--worktree", given->worktree, "PATH",
          "The folder of the session's files; the current one when left out.")
    .flag("--limit", given->limits, "KEY=N",
          "Without a server: a limit, such as wall_ms=60000. May be repeated.")
    .on_run([given, &options] { return repl(*given, options); });
}

} // namespace vmsystem
