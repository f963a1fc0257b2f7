#include "vmsystem/app/command.hpp"

#include "vmsystem/app/help.hpp"
#include "vmsystem/app/output.hpp"

#include <CLI/CLI.hpp>

#include <cctype>
#include <utility>

namespace vmsystem {

namespace {

/// `--wait-ms` -> `WAIT_MS`.
std::string environment_form(std::string_view name) {
  std::string result;
  for (const char character : name) {
    if (character == '-') {
      if (!result.empty())
        result += '_';
    } else {
      result += static_cast<char>(
        std::toupper(static_cast<unsigned char>(character)));
    }
  }
  return result;
}

/// `EXEC_REPL_` for the command `exec repl`; nothing for the program and for
/// `serve`, whose flags are those of the whole installation.
std::string environment_prefix(const CLI::App& app) {
  if (app.get_parent() == nullptr)
    return {};
  if (app.get_parent()->get_parent() == nullptr && app.get_name() == "serve")
    return {};
  return environment_prefix(*app.get_parent())
         + environment_form(app.get_name()) + '_';
}

std::string description_of(const command_text& text) {
  std::string result{text.summary};
  if (!text.details.empty()) {
    result += '\n';
    result += text.details;
  }
  return result;
}

void set_up(CLI::App& app, const command_text& text) {
  app.footer(std::string{text.example});
  app.set_help_flag("-h,--help", "Print this manual page.");
  app.fallthrough();
}

} // namespace

command command::add(const command_text& text) {
  // Exactly one, so that an argument may look like the name of a command.
  app_->require_subcommand(1);
  auto* child
    = app_->add_subcommand(std::string{text.name}, description_of(text));
  set_up(*child, text);
  return command{*child, *chosen_};
}

command& command::argument(const std::string& name, std::string& target,
                           const std::string& help) {
  last_ = app_->add_option(name, target, help)->required();
  return *this;
}

command& command::arguments(const std::string& name,
                            std::vector<std::string>& target,
                            const std::string& help) {
  last_ = app_->add_option(name, target, help);
  return *this;
}

template <class T>
command& command::add_flag(const std::string& name, T& target,
                           const std::string& value, const std::string& help) {
  last_ = app_->add_option(name, target, help)->type_name(value);
  last_->capture_default_str();
  name_environment(*last_, name);
  return *this;
}

command& command::flag(const std::string& name, std::string& target,
                       const std::string& value, const std::string& help) {
  return add_flag(name, target, value, help);
}

command& command::flag(const std::string& name, uint32_t& target,
                       const std::string& value, const std::string& help) {
  return add_flag(name, target, value, help);
}

command& command::flag(const std::string& name, int32_t& target,
                       const std::string& value, const std::string& help) {
  return add_flag(name, target, value, help);
}

command& command::flag(const std::string& name,
                       std::vector<std::string>& target,
                       const std::string& value, const std::string& help) {
  last_ = app_->add_option(name, target, help)->type_name(value);
  // One value for each flag: what follows may be an argument.
  last_->delimiter(',')->allow_extra_args(false);
  name_environment(*last_, name);
  return *this;
}

command& command::choice(const std::string& name, std::string& target,
                         const std::vector<std::string>& values,
                         const std::string& help) {
  std::string shown;
  for (const auto& value : values) {
    if (!shown.empty())
      shown += '|';
    shown += value;
  }
  add_flag(name, target, shown, help);
  last_->check([values, shown](const std::string& text) {
    for (const auto& value : values)
      if (value == text)
        return std::string{};
    return "must be " + shown + ", not \"" + text + '"';
  });
  return *this;
}

command& command::toggle(const std::string& names, bool& target,
                         const std::string& help) {
  last_ = app_->add_flag(names, target, help);
  name_environment(*last_, names.substr(0, names.find(',')));
  return *this;
}

command& command::optional_value(const std::string& name, std::string& target,
                                 bool& given, const std::string& value,
                                 const std::string& help) {
  // A value that was left out comes as an empty one.
  const auto take = [&target, &given](const CLI::results_t& values) {
    given = true;
    target = values.empty() ? std::string{} : values.front();
    return true;
  };
  last_ = app_->add_option(name, take, help)->type_name(value)->expected(0, 1);
  name_environment(*last_, name);
  return *this;
}

command& command::notes(bool& given) {
  last_->each([&given](const std::string&) { given = true; });
  return *this;
}

command& command::at_least_one() {
  last_->check([](const std::string& text) {
    return text.find_first_not_of('0') == std::string::npos
             ? std::string{"must be at least 1"}
             : std::string{};
  });
  return *this;
}

command& command::require_last() {
  last_->required();
  // Without this an empty string would be shown as its default.
  last_->default_str("");
  return *this;
}

void command::name_environment(CLI::Option& option,
                               const std::string& flag_name) {
  option.envname("VM_SYSTEM_" + environment_prefix(*app_)
                 + environment_form(flag_name));
}

void command::on_run(std::function<exit_code()> action) {
  // As a parse-complete callback it also keeps the environment's values of the
  // commands that were not chosen from being read.
  app_->parse_complete_callback(
    [chosen = chosen_, action = std::move(action)] { *chosen = action; });
}

command_line::command_line(const command_text& text, const std::string& version)
  : app_{
    std::make_unique<CLI::App>(description_of(text), std::string{text.name})} {
  set_up(*app_, text);
  app_->formatter(std::make_shared<manual_formatter>());
  app_->set_version_flag("--version", version, "Print the version.");
}

command_line::~command_line() = default;

command command_line::root() noexcept {
  return command{*app_, chosen_};
}

exit_code command_line::run(int argc, const char* const* argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::Success& wish) {
    app_->exit(wish);
    return exit_code::ok;
  } catch (const CLI::Error& error) {
    // A word that is no command makes the parser ask for a command.
    const auto rest = app_->remaining(true);
    const std::string message
      = rest.empty() ? error.what() : "unexpected argument: " + rest.front();
    return print_usage_error(message);
  }
  return chosen_();
}

} // namespace vmsystem
