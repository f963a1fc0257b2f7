#include "vmsystem/app/help.hpp"

#include "vmsystem/models/text.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

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

/// `text` with its paragraphs, each on one line.
std::vector<std::string> paragraphs_of(std::string_view text) {
  std::vector<std::string> result;
  while (!text.empty()) {
    const auto end = std::min(text.find("\n\n"), text.size());
    auto& paragraph = result.emplace_back(text.substr(0, end));
    std::replace(paragraph.begin(), paragraph.end(), '\n', ' ');
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return result;
}

/// How a manual page is laid out.
class page {
public:
  virtual ~page() = default;

  /// The name of a command, and what it does in a line.
  virtual void name(const CLI::App& app) = 0;

  virtual void heading(std::string_view text) = 0;

  /// What may be typed.
  virtual void synopsis(std::string_view text) = 0;

  /// Paragraphs with an empty line between them.
  virtual void paragraphs(std::string_view text) = 0;

  /// A short term and what it means, on one line.
  virtual void row(std::string_view term, std::string_view meaning) = 0;

  /// A term on a line of its own, and what it means below it.
  virtual void entry(std::string_view term, std::string_view meaning) = 0;

  /// Lines as they are typed and printed.
  virtual void verbatim(std::string_view text) = 0;
};

std::string path_of(const CLI::App& app) {
  if (app.get_parent() == nullptr)
    return app.get_name();
  return path_of(*app.get_parent()) + ' ' + app.get_name();
}

std::string details_of(const CLI::App& app) {
  const auto text = app.get_description();
  const auto end = text.find('\n');
  return end == std::string::npos ? std::string{} : text.substr(end + 1);
}

/// For terminals: at most 80 columns.
class text_page final : public page {
public:
  [[nodiscard]] std::string take() {
    return std::move(out_);
  }

  void name(const CLI::App& app) override {
    heading("NAME");
    wrapped(path_of(app) + " - " + summary_of(app), margin);
  }

  void heading(std::string_view text) override {
    if (!out_.empty())
      out_ += '\n';
    out_ += text;
    out_ += '\n';
  }

  void synopsis(std::string_view text) override {
    wrapped(text, margin);
  }

  void paragraphs(std::string_view text) override {
    std::string_view between;
    for (const auto& paragraph : paragraphs_of(text)) {
      out_ += between;
      wrapped(paragraph, margin);
      between = "\n";
    }
  }

  void row(std::string_view term, std::string_view meaning) override {
    out_.append(margin, ' ');
    out_ += term;
    out_ += "  ";
    out_ += meaning;
    out_ += '\n';
  }

  void entry(std::string_view term, std::string_view meaning) override {
    out_.append(margin, ' ');
    out_ += term;
    out_ += '\n';
    wrapped(meaning, margin + 4);
  }

  void verbatim(std::string_view text) override {
    while (!text.empty()) {
      out_.append(margin, ' ');
      out_ += cut(text, '\n');
      out_ += '\n';
    }
  }

private:
  void wrapped(std::string_view text, std::size_t indent) {
    for (const auto& line : wrap(text, indent)) {
      out_.append(indent, ' ');
      out_ += line;
      out_ += '\n';
    }
  }

  std::string out_;
};

/// `text` as roff prints it.
std::string in_roff(std::string_view text) {
  std::string result;
  // What begins with one of these would be a request.
  if (!text.empty() && (text.front() == '.' || text.front() == '\''))
    result = "\\&";
  for (const char c : text) {
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else
      result += c;
  }
  return result;
}

/// For man(1).
class roff_page final : public page {
public:
  explicit roff_page(const CLI::App& app) {
    std::string title = manual_page_name(app);
    std::transform(title.begin(), title.end(), title.begin(), [](char c) {
      return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    });
    const CLI::App* root = &app;
    while (root->get_parent() != nullptr)
      root = root->get_parent();
    out_ = ".TH " + in_roff(title) + " 1 \"\" \"" + in_roff(root->version())
           + "\" \"" + in_roff(root->get_name()) + "\"\n";
  }

  [[nodiscard]] std::string take() {
    return std::move(out_);
  }

  void name(const CLI::App& app) override {
    heading("NAME");
    line(in_roff(manual_page_name(app)) + " \\- " + in_roff(summary_of(app)));
  }

  void heading(std::string_view text) override {
    line(".SH " + std::string{text});
  }

  void synopsis(std::string_view text) override {
    // Neither hyphenated nor filled to the margin.
    line(".nh\n.ad l");
    line(in_roff(text));
    line(".ad\n.hy");
  }

  void paragraphs(std::string_view text) override {
    for (const auto& paragraph : paragraphs_of(text)) {
      line(".PP");
      line(in_roff(paragraph));
    }
  }

  void row(std::string_view term, std::string_view meaning) override {
    entry(term, meaning);
  }

  void entry(std::string_view term, std::string_view meaning) override {
    line(".TP");
    line("\\fB" + in_roff(term) + "\\fR");
    line(in_roff(meaning));
  }

  void verbatim(std::string_view text) override {
    line(".PP\n.RS\n.nf");
    while (!text.empty())
      line(in_roff(cut(text, '\n')));
    line(".fi\n.RE");
  }

private:
  void line(std::string_view text) {
    out_ += text;
    out_ += '\n';
  }

  std::string out_;
};

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

/// The flags that have a variable in the environment: all but --help and
/// --version.
options settings_of(const CLI::App& app) {
  return app.get_options([](const CLI::Option* option) {
    return option->nonpositional() && !option->get_envname().empty();
  });
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

void add_options(page& out, std::string_view heading, const options& entries) {
  if (entries.empty())
    return;
  out.heading(heading);
  for (const auto* entry : entries)
    out.entry(term_of(*entry), meaning_of(*entry));
}

void write_manual(page& out, const CLI::App& app) {
  out.name(app);
  out.heading("SYNOPSIS");
  out.synopsis(synopsis_of(app));
  if (const auto details = details_of(app); !details.empty()) {
    out.heading("DESCRIPTION");
    out.paragraphs(details);
  }
  add_options(out, "ARGUMENTS", arguments_of(app));
  if (const auto commands = commands_of(app); !commands.empty()) {
    out.heading("COMMANDS");
    for (const auto* entry : commands)
      out.entry(entry->get_name(), summary_of(*entry) + '.');
  }
  add_options(out, "FLAGS", flags_of(app));
  const CLI::App* root = &app;
  while (root->get_parent() != nullptr)
    root = root->get_parent();
  if (root != &app)
    add_options(out, "GLOBAL FLAGS", settings_of(*root));

  out.heading("EXIT STATUS");
  out.row("0", "It worked.");
  out.row("1", "The request failed; the reason is on stderr.");
  out.row("2", "The command line is wrong.");
  out.row("3", "The script failed, or a limit stopped it.");

  if (const auto example = app.get_footer(); !example.empty()) {
    out.heading("EXAMPLE");
    out.verbatim(example);
  }
}

/// The pages of the group around a command, and of the commands in it.
std::string see_also(const CLI::App& app) {
  std::string result;
  const auto add = [&result](const CLI::App& other) {
    result += (result.empty() ? "" : ", ") + manual_page_name(other) + "(1)";
  };
  if (app.get_parent() != nullptr)
    add(*app.get_parent());
  for (const auto* entry : commands_of(app))
    add(*entry);
  return result;
}

} // namespace

std::string manual_formatter::make_help(const CLI::App* app, std::string,
                                        CLI::AppFormatMode) const {
  text_page out;
  write_manual(out, *app);
  return out.take();
}

std::string summary_of(const CLI::App& app) {
  const auto text = app.get_description();
  return text.substr(0, text.find('\n'));
}

std::string manual_page_name(const CLI::App& app) {
  auto name = path_of(app);
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string manual_page(const CLI::App& app) {
  roff_page out{app};
  write_manual(out, app);
  out.heading("SEE ALSO");
  out.synopsis(see_also(app));
  return out.take();
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<const CLI::Option*> flags_of(const CLI::App& app) {
  return app.get_options(
    [](const CLI::Option* option) { return option->nonpositional(); });
}

} // namespace vmsystem
