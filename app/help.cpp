#include "vmsystem/app/help.hpp"

#include "vmsystem/models/text.hpp"

#include <string_view>
#include <vector>

namespace vmsystem {

namespace {

constexpr std::size_t page_width = 80;
constexpr std::size_t margin = 7;

/// Breaks `text` between words, so that it fits beside an indent.
std::vector<std::string> wrap(std::string_view text, std::size_t indent) {
  const std::size_t width = page_width - indent;
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const auto word = cut(text, ' ');
    auto& line = lines.back();
    if (line.empty()) {
      line = word;
    } else if (line.size() + 1 + word.size() <= width) {
      line += ' ';
      line += word;
    } else {
      lines.emplace_back(word);
    }
  }
  return lines;
}

void append_heading(std::string& out, std::string_view heading) {
  if (!out.empty())
    out += '\n';
  out += heading;
  out += '\n';
}

void append_wrapped(std::string& out, std::string_view text,
                    std::size_t indent) {
  for (const auto& line : wrap(text, indent)) {
    out.append(indent, ' ');
    out += line;
    out += '\n';
  }
}

/// A short term and what it means, on one line.
void append_row(std::string& out, std::string_view term,
                std::string_view meaning) {
  out.append(margin, ' ');
  out += term;
  out += "  ";
  out += meaning;
  out += '\n';
}

/// A term on a line of its own, and what it means below it.
void append_entry(std::string& out, std::string_view term,
                  std::string_view meaning) {
  out.append(margin, ' ');
  out += term;
  out += '\n';
  append_wrapped(out, meaning, margin + 4);
}

/// Paragraphs, each wrapped; between them an empty line.
void append_paragraphs(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find("\n\n"), text.size());
    std::string paragraph{text.substr(0, end)};
    for (auto& character : paragraph)
      if (character == '\n')
        character = ' ';
    append_wrapped(out, paragraph, margin);
    text.remove_prefix(std::min(end + 2, text.size()));
    if (!text.empty())
      out += '\n';
  }
}

void append_verbatim(std::string& out, std::string_view text) {
  while (!text.empty()) {
    out.append(margin, ' ');
    out += cut(text, '\n');
    out += '\n';
  }
}

std::string path_of(const CLI::App& app) {
  if (app.get_parent() == nullptr)
    return app.get_name();
  return path_of(*app.get_parent()) + ' ' + app.get_name();
}

std::string summary_of(const CLI::App& app) {
  const auto text = app.get_description();
  return text.substr(0, text.find('\n'));
}

std::string details_of(const CLI::App& app) {
  const auto text = app.get_description();
  const auto end = text.find('\n');
  return end == std::string::npos ? std::string{} : text.substr(end + 1);
}

std::string term_of(const CLI::Option& option) {
  if (option.get_positional())
    return option.get_name();
  auto term = option.get_name(false, true);
  for (auto at = term.find(','); at != std::string::npos;
       at = term.find(',', at + 1))
    term.insert(at + 1, " ");
  // What a flag means that negates another one is for the parser.
  for (auto at = term.find('{'); at != std::string::npos; at = term.find('{'))
    term.erase(at, term.find('}', at) + 1 - at);
  if (option.get_items_expected_max() > 0)
    term += ' ' + option.get_type_name();
  return term;
}

std::string meaning_of(const CLI::Option& option) {
  auto meaning = option.get_description();
  if (option.get_required() && !option.get_positional())
    meaning += " Required.";
  if (!option.get_default_str().empty())
    meaning += " Default: " + option.get_default_str() + '.';
  if (!option.get_envname().empty())
    meaning += " Environment: " + option.get_envname() + '.';
  return meaning;
}

using options = std::vector<const CLI::Option*>;

options arguments_of(const CLI::App& app) {
  return app.get_options(
    [](const CLI::Option* option) { return option->get_positional(); });
}

options flags_of(const CLI::App& app) {
  return app.get_options(
    [](const CLI::Option* option) { return option->nonpositional(); });
}

/// The flags that have a variable in the environment: all but --help and
/// --version.
options settings_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) {
    return option->nonpositional() && !option->get_envname().empty();
  });
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::string synopsis_of(const CLI::App& app) {
  auto text = path_of(app);
  for (const auto* argument : arguments_of(app))
    text += argument->get_required() ? ' ' + argument->get_name()
                                     : " [" + argument->get_name() + " ...]";
  for (const auto* flag : flags_of(app))
    if (flag->get_required())
      text += ' ' + term_of(*flag);
  text += " [FLAGS]";
  if (!commands_of(app).empty())
    text += " COMMAND ...";
  return text;
}

void append_options(std::string& out, std::string_view heading,
                    const options& entries) {
  if (entries.empty())
    return;
  append_heading(out, heading);
  for (const auto* entry : entries)
    append_entry(out, term_of(*entry), meaning_of(*entry));
}

} // namespace

std::string manual_formatter::make_help(const CLI::App* app, std::string,
                                        CLI::AppFormatMode) const {
  std::string out;
  append_heading(out, "NAME");
  append_wrapped(out, path_of(*app) + " - " + summary_of(*app), margin);

  append_heading(out, "SYNOPSIS");
  append_wrapped(out, synopsis_of(*app), margin);

  if (const auto details = details_of(*app); !details.empty()) {
    append_heading(out, "DESCRIPTION");
    append_paragraphs(out, details);
  }
  append_options(out, "ARGUMENTS", arguments_of(*app));
  if (const auto commands = commands_of(*app); !commands.empty()) {
    append_heading(out, "COMMANDS");
    for (const auto* entry : commands)
      append_entry(out, entry->get_name(), summary_of(*entry) + '.');
  }
  append_options(out, "FLAGS", flags_of(*app));
  const CLI::App* root = app;
  while (root->get_parent() != nullptr)
    root = root->get_parent();
  if (root != app)
    append_options(out, "GLOBAL FLAGS", settings_of(*root));

  append_heading(out, "EXIT STATUS");
  append_row(out, "0", "It worked.");
  append_row(out, "1", "The request failed; the reason is on stderr.");
  append_row(out, "2", "The command line is wrong.");
  append_row(out, "3", "The script failed, or a limit stopped it.");

  if (const auto example = app->get_footer(); !example.empty()) {
    append_heading(out, "EXAMPLE");
    append_verbatim(out, example);
  }
  return out;
}

} // namespace vmsystem
