#include "vmsystem/app/repl_completion.hpp"
#include "vmsystem/app/repl_lines.hpp"

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <histedit.h>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace vmsystem {

namespace {

constexpr int history_lines = 1000;

/// More names than this are counted, not listed.
constexpr std::size_t most_listed = 200;

/// The line editor needs to know how characters are written.
void use_locale_of_terminal() {
  if (std::setlocale(LC_CTYPE, "") == nullptr
      || std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
    std::setlocale(LC_CTYPE, "C.UTF-8");
}

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

/// Prints names in columns, below the line that is typed.
void list_names(const std::vector<std::string>& names) {
  std::fputc('\n', stdout);
  if (names.size() > most_listed) {
    std::printf("(%zu names)\n", names.size());
    std::fflush(stdout);
    return;
  }
  std::size_t width = 0;
  for (const auto& name : names)
    width = std::max(width, name.size() + 2);
  const auto columns = std::max<std::size_t>(terminal_width() / width, 1);
  const auto rows = (names.size() + columns - 1) / columns;
  for (std::size_t row = 0; row < rows; ++row) {
    std::string line;
    for (auto i = row; i < names.size(); i += rows) {
      line += names[i];
      if (i + rows < names.size())
        line.append(width - names[i].size(), ' ');
    }
    std::printf("%s\n", line.c_str());
  }
  std::fflush(stdout);
}

class edited_lines : public repl_lines {
public:
  edited_lines(std::string history_file, line_completer complete)
    : file_{std::move(history_file)}, complete_{std::move(complete)} {
    use_locale_of_terminal();
    history_ = history_init();
    HistEvent event;
    history(history_, &event, H_SETSIZE, history_lines);
    history(history_, &event, H_SETUNIQUE, 1);
    if (!file_.empty())
      history(history_, &event, H_LOAD, file_.c_str());
    editor_ = el_init("vm-system", stdin, stdout, stderr);
    el_set(editor_, EL_CLIENTDATA, this);
    el_set(editor_, EL_PROMPT, &edited_lines::show_prompt);
    el_set(editor_, EL_HIST, history, history_);
    el_set(editor_, EL_EDITOR, "emacs");
    // Puts the terminal right when a signal ends the process.
    el_set(editor_, EL_SIGNAL, 1);
    el_set(editor_, EL_ADDFN, "vm-complete", "complete a name",
           &edited_lines::on_tab);
    el_set(editor_, EL_ADDFN, "vm-interrupt", "give the line up",
           &edited_lines::on_interrupt);
    el_set(editor_, EL_ADDFN, "vm-suspend", "stop the process",
           &edited_lines::on_suspend);
    el_set(editor_, EL_BIND, "^I", "vm-complete", nullptr);
    el_set(editor_, EL_BIND, "^C", "vm-interrupt", nullptr);
    el_set(editor_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    el_set(editor_, EL_BIND, "^Z", "vm-suspend", nullptr);
    // While a line is typed Ctrl-C and Ctrl-Z are keys.
    el_set(editor_, EL_SETTY, "-d", "-isig", nullptr);
  }

  edited_lines(const edited_lines&) = delete;
  edited_lines& operator=(const edited_lines&) = delete;

  ~edited_lines() override {
    save();
    el_end(editor_);
    history_end(history_);
  }

  repl_input next(const std::string& prompt) override {
    std::fflush(stdout);
    prompt_ = prompt;
    interrupted_ = false;
    int size = 0;
    errno = 0;
    const char* const line = el_gets(editor_, &size);
    repl_input input;
    if (size < 0 && errno == EINTR) {
      // Ctrl-C before it was a key.
      input.kind = repl_input_kind::interrupted;
      return input;
    }
    if (line == nullptr || size <= 0) {
      std::fputc('\n', stdout);
      return input;
    }
    input.text.assign(line, static_cast<std::size_t>(size));
    while (!input.text.empty() && input.text.back() == '\n')
      input.text.pop_back();
    input.kind
      = interrupted_ ? repl_input_kind::interrupted : repl_input_kind::line;
    if (!interrupted_)
      remember(input.text);
    return input;
  }

private:
  static edited_lines& of(EditLine* editor) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return *static_cast<edited_lines*>(self);
  }

  static char* show_prompt(EditLine* editor) {
    return of(editor).prompt_.data();
  }

  static unsigned char on_interrupt(EditLine* editor, int) {
    // As if the line were complete: the cursor goes behind all of its rows.
    of(editor).interrupted_ = true;
    el_push(editor, "\n");
    return CC_NORM;
  }

  static unsigned char on_suspend(EditLine*, int) {
    // The editor's handler puts the terminal right before and after.
    std::raise(SIGTSTP);
    return CC_REDISPLAY;
  }

  static unsigned char on_tab(EditLine* editor, int) {
    return of(editor).complete();
  }

  unsigned char complete() {
    const auto* const line = el_line(editor_);
    const std::string before{line->buffer, line->cursor};
    // A tab at the beginning of a line is part of a text that was pasted.
    if (before.find_first_not_of(" \t") == std::string::npos) {
      el_insertstr(editor_, "  ");
      return CC_REFRESH;
    }
    const auto found = complete_(before);
    if (found.names.empty())
      return CC_REFRESH_BEEP;
    const auto rest = common_start(found.names).substr(found.typed);
    if (!rest.empty()) {
      el_insertstr(editor_, rest.c_str());
      return CC_REFRESH;
    }
    if (found.names.size() == 1)
      return CC_REFRESH;
    list_names(found.names);
    return CC_REDISPLAY;
  }

  void remember(const std::string& line) {
    if (line.find_first_not_of(" \t") == std::string::npos)
      return;
    HistEvent event;
    history(history_, &event, H_ENTER, line.c_str());
  }

  /// Writes a new file and puts it in the place of the old one.
  void save() {
    if (file_.empty())
      return;
    const std::filesystem::path path{file_};
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    const auto fresh = file_ + ".new";
    const int fd
      = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
      return;
    std::FILE* const to = fdopen(fd, "w");
    HistEvent event;
    const bool saved = history(history_, &event, H_SAVE_FP, to) >= 0;
    if (std::fclose(to) == 0 && saved)
      std::filesystem::rename(fresh, path, error);
  }

  std::string file_;
  line_completer complete_;
  std::string prompt_;
  bool interrupted_ = false;
  History* history_ = nullptr;
  EditLine* editor_ = nullptr;
};

} // namespace

std::unique_ptr<repl_lines> terminal_lines(const std::string& history_file,
                                           line_completer complete) {
  return std::make_unique<edited_lines>(history_file, std::move(complete));
}

std::string repl_history_file() {
  const auto variable = [](const char* name) -> std::string {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  auto folder = variable("XDG_STATE_HOME");
  if (folder.empty() || folder.front() != '/') {
    const auto home = variable("HOME");
    if (home.empty())
      return {};
    folder = home + "/.local/state";
  }
  return folder + "/vm-system/repl_history";
}

} // namespace vmsystem
