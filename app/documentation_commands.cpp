#include "vmsystem/app/commands.hpp"
#include "vmsystem/app/completion.hpp"
#include "vmsystem/app/help.hpp"
#include "vmsystem/app/whole_file.hpp"

#include <filesystem>
#include <memory>
#include <system_error>

namespace vmsystem {

namespace {

/// Writes the pages of a command and of all below it. Errors: internal.
expected<void> write_pages(const CLI::App& app, const std::string& folder) {
  const auto file = folder + '/' + manual_page_name(app) + ".1";
  if (auto written = write_whole_file(file, manual_page(app)); !written)
    return written;
  for (const auto* child : commands_of(app))
    if (auto written = write_pages(*child, folder); !written)
      return written;
  return success();
}

exit_code write_manual(const CLI::App& app, const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return print_error(fail(ec::internal, "cannot make the folder " + folder
                                            + ": " + error.message()));
  if (auto written = write_pages(app, folder); !written)
    return print_error(written.error());
  return exit_code::ok;
}

exit_code print_completion(const CLI::App& app, const std::string& shell) {
  std::string script;
  if (shell == "bash")
    script = bash_completion(app);
  else if (shell == "zsh")
    script = zsh_completion(app);
  else if (shell == "fish")
    script = fish_completion(app);
  else
    return print_usage_error("SHELL must be bash, zsh or fish, not \"" + shell
                             + '"');
  print_line(std::string_view{script}.substr(0, script.size() - 1));
  return exit_code::ok;
}

} // namespace

void add_documentation_commands(command_line& program) {
  const auto given = std::make_shared<std::string>();
  auto completion = program.root().add(
    {"completion", "print what makes a shell complete commands",
     "The package for Debian has it for all of them. Elsewhere a shell reads it "
     "at its start: bash and zsh by `source`, zsh also from the file "
     "`_vm-system` in a folder of its fpath, fish from the file "
     "`vm-system.fish` in its folder `completions`.",
     "$ source <(vm-system completion bash)\n"
     "$ vm-system completion fish "
     "> ~/.config/fish/completions/vm-system.fish"});
  completion.argument("SHELL", *given, "bash, zsh or fish.")
    .on_run(
      [given, &program] { return print_completion(program.app(), *given); });
  auto manual
    = program.root().add({"manual", "write the manual pages of all commands",
                          "One for each command, with what its --help says.",
                          "$ vm-system manual /usr/local/share/man/man1\n"
                          "$ man vm-system-serve"});
  manual.argument("DIR", *given, "The folder, made when it is missing.")
    .on_run([given, &program] { return write_manual(program.app(), *given); });
}

} // namespace vmsystem
