#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {

class App;
class Option;

} // namespace CLI

namespace vmsystem {

/// What every command of the program exits with.
enum class exit_code : int {
  ok = 0,
  /// The server, the network or the store refused.
  request_failed = 1,
  /// The command line is wrong; nothing was done.
  usage = 2,
  /// The request went through, but the script did not end well.
  script_failed = 3,
};

/// What the help of a command says.
struct command_text {
  std::string_view name;
  /// One line without a full stop, for lists of commands.
  std::string_view summary;
  /// Paragraphs with an empty line between them.
  std::string_view details;
  /// Lines as they are typed and printed.
  std::string_view example;
};

/// One command of the command line, or a group of commands: a handle that is
/// valid as long as its `command_line`. Targets of arguments and flags must
/// live until the command has run.
class command {
public:
  /// @param chosen where the action of the chosen command is put.
  command(CLI::App& app, std::function<exit_code()>& chosen) noexcept
    : app_{&app}, chosen_{&chosen} {}

  /// Adds a command below this one.
  command add(const command_text& text);

  /// Adds an argument that must be given; arguments are taken in order.
  command& argument(const std::string& name, std::string& target,
                    const std::string& help);

  /// Adds as many arguments as are given, also none; the last ones.
  command& arguments(const std::string& name, std::vector<std::string>& target,
                     const std::string& help);

  /// Adds a flag with a value, such as `--name N`. Its environment variable is
  /// `VM_SYSTEM_`, the command's path (but for `serve`) and the flag's name.
  command& flag(const std::string& name, std::string& target,
                const std::string& value, const std::string& help);
  command& flag(const std::string& name, uint32_t& target,
                const std::string& value, const std::string& help);
  command& flag(const std::string& name, int32_t& target,
                const std::string& value, const std::string& help);

  /// A flag that may stand several times, or once with commas.
  command& flag(const std::string& name, std::vector<std::string>& target,
                const std::string& value, const std::string& help);

  /// A flag that must be given.
  template <class T>
  command& required_flag(const std::string& name, T& target,
                         const std::string& value, const std::string& help) {
    flag(name, target, value, help);
    return require_last();
  }

  /// A flag with one of a few values.
  command& choice(const std::string& name, std::string& target,
                  const std::vector<std::string>& values,
                  const std::string& help);

  /// A flag without a value, and optionally one that negates it:
  /// `--enabled,!--disabled`.
  command& toggle(const std::string& names, bool& target,
                  const std::string& help);

  /// A flag whose value may be left out.
  command& optional_value(const std::string& name, std::string& target,
                          bool& given, const std::string& value,
                          const std::string& help);

  /// Notes whether the flag that was added last was given, on the command line
  /// or in the environment.
  command& notes(bool& given);

  /// Refuses 0 as the value of the flag that was added last.
  command& at_least_one();

  /// What happens when this command is chosen.
  void on_run(std::function<exit_code()> action);

private:
  template <class T>
  command& add_flag(const std::string& name, T& target,
                    const std::string& value, const std::string& help);
  command& require_last();
  void name_environment(CLI::Option& option, const std::string& flag_name);

  CLI::App* app_;
  std::function<exit_code()>* chosen_;
  CLI::Option* last_ = nullptr;
};

/// The whole command line of the program.
class command_line {
public:
  /// @param text the program's name and its own help.
  /// @param version what `--version` prints.
  command_line(const command_text& text, const std::string& version);

  ~command_line();

  command_line(const command_line&) = delete;

  command_line& operator=(const command_line&) = delete;

  /// The program itself, to which groups, commands and global flags are added.
  [[nodiscard]] command root() noexcept;

  /// All that was added so far.
  [[nodiscard]] const CLI::App& app() const noexcept {
    return *app_;
  }

  /// Reads the arguments and runs the chosen command. Prints help, version and
  /// usage errors.
  exit_code run(int argc, const char* const* argv);

private:
  std::unique_ptr<CLI::App> app_;
  std::function<exit_code()> chosen_;
};

} // namespace vmsystem
