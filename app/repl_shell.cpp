#include "vmsystem/app/repl_shell.hpp"

#include "vmsystem/app/execution_output.hpp"
#include "vmsystem/app/output.hpp"
#include "vmsystem/app/repl_completion.hpp"
#include "vmsystem/app/repl_runner.hpp"
#include "vmsystem/models/error_code.hpp"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

namespace vmsystem {

namespace {

/// How long the names for a completion may take.
constexpr std::chrono::milliseconds completion_time{500};
constexpr std::chrono::milliseconds setup_time{2000};

/// Makes `_`, which holds the last value, and what a promise gave instead of
/// the promise. Gives true when it is there; not when the name is taken.
constexpr std::string_view setup_script = R"((() => {
  const known = Object.getOwnPropertyDescriptor(globalThis, '_');
  if (known !== undefined)
    return known.get?.name === 'lastValue';
  let last;
  Object.defineProperty(globalThis, '_', {
    configurable: true,
    get: function lastValue() { return last; },
    set(value) {
      last = value;
      if (value instanceof Promise)
        value.then((result) => { last = result; }, () => {});
    },
  });
  return true;
})())";

constexpr std::string_view help_text
  = ".help        this list\n"
    ".load FILE   run a file as one snippet\n"
    ".save FILE   write the snippets of this session to a file\n"
    ".limits      what each snippet may use\n"
    ".events      the events of the last snippet\n"
    ".exit        leave; Ctrl-D does so too\n"
    "\n"
    "Ctrl-C cancels what runs, and the session stays; at the prompt it gives\n"
    "the line up, and twice it leaves. Tab completes names. _ is the last\n"
    "value. let, const and class may be declared again, and await may stand\n"
    "outside of functions.";

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// A dot and a letter.
bool is_command(std::string_view line) {
  return line.size() > 1 && line[0] == '.' && line[1] >= 'a' && line[1] <= 'z';
}

} // namespace

repl_shell::repl_shell(std::unique_ptr<repl_target> target,
                       target_opener reopen, const repl_look& look,
                       const global_options& options,
                       std::atomic<int>& interrupts)
  : target_{std::move(target)},
    reopen_{std::move(reopen)},
    screen_{look},
    options_{options},
    interrupts_{interrupts} {}

exit_code repl_shell::run(repl_lines& lines) {
  keep_last_value();
  screen_.note("Type .help for the commands, and Ctrl-D to leave.");
  while (!leaving_) {
    const auto input = lines.next(pending_.empty() ? "> " : "... ");
    if (input.kind == repl_input_kind::end)
      break;
    if (input.kind == repl_input_kind::interrupted)
      take_interrupt(input);
    else
      take_line(input.text);
  }
  // What was piped in may end too early: the engine says so.
  if (!leaving_ && !screen_.interactive() && !pending_.empty())
    submit(pending_.take());
  return screen_.interactive() ? exit_code::ok : outcome_;
}

void repl_shell::keep_last_value() {
  const auto made
    = repl_runner{*target_, interrupts_}.run_quietly(std::string{setup_script},
                                                     setup_time);
  keeps_last_
    = made && made.value().field("result").field("preview").text() == "true";
}

void repl_shell::take_interrupt(const repl_input& input) {
  const bool gave_up = !pending_.take().empty() || !input.text.empty();
  if (gave_up) {
    warned_ = false;
    return;
  }
  leaving_ = std::exchange(warned_, true);
  if (!leaving_)
    screen_.note("Ctrl-C once more leaves.");
}

void repl_shell::take_line(const std::string& line) {
  warned_ = false;
  if (pending_.empty() && is_command(line)) {
    take_command(line);
    return;
  }
  if (!pending_.add(line))
    return;
  const auto source = pending_.take();
  if (!is_blank(source))
    submit(source);
}

void repl_shell::take_command(const std::string& line) {
  const auto space = line.find(' ');
  const auto name = line.substr(0, space);
  auto rest = space == std::string::npos ? "" : line.substr(space + 1);
  while (!rest.empty() && rest.back() == ' ')
    rest.pop_back();
  if (name == ".exit")
    leaving_ = true;
  else if (name == ".help")
    print_line(help_text);
  else if (name == ".limits")
    show_limits();
  else if (name == ".events")
    show_last_events();
  else if ((name == ".load" || name == ".save") && rest.empty())
    screen_.complain(name + " needs the name of a file");
  else if (name == ".load")
    load(rest);
  else if (name == ".save")
    save(rest);
  else
    screen_.complain("There is no command " + printable(name)
                     + "; .help lists them.");
}

void repl_shell::submit(const std::string& source) {
  entered_ += source + '\n';
  const auto script = rewrite_snippet(source, {keeps_last_});
  if (keeps_last_ && script.takes_underscore) {
    keeps_last_ = false;
    screen_.note("_ is yours now: it no longer holds the last value.");
  }
  interrupts_ = 0;
  const bool is_json = options_.format() == output_format::json;
  const auto record
    = repl_runner{*target_, interrupts_}.run(script.code,
                                             [&](const json_value& event) {
                                               if (is_json)
                                                 return;
                                               screen_.show_event(event);
                                               std::fflush(stdout);
                                             });
  if (record)
    show(record.value());
  else
    take_refusal(record.error());
}

void repl_shell::show(const json_value& record) {
  last_execution_ = record.field("id").text();
  if (const auto code = exit_code_of(record);
      code != exit_code::ok && outcome_ == exit_code::ok)
    outcome_ = code;
  if (options_.format() != output_format::json) {
    screen_.show_end(record);
    return;
  }
  const auto events = target_->events(last_execution_, 0);
  if (events)
    print_execution(record, events.value(), options_);
  else
    take_refusal(events.error());
}

void repl_shell::take_refusal(const request_error& why) {
  screen_.refuse(why);
  outcome_ = exit_code::request_failed;
  const bool is_lost = why.code == to_string_view(ec::session_not_ready)
                       || why.code == to_string_view(ec::session_not_found);
  if (!is_lost)
    return;
  if (!reopen_) {
    leaving_ = true;
    return;
  }
  auto opened = reopen_();
  if (!opened) {
    screen_.refuse(opened.error());
    leaving_ = true;
    return;
  }
  target_ = std::move(opened).value();
  screen_.complain("The session is gone, and the snippet did not run. This is "
                   "a new session, in which nothing is defined.");
  keep_last_value();
}

void repl_shell::load(const std::string& file) {
  std::ifstream from{file, std::ios::binary};
  std::string source{std::istreambuf_iterator<char>{from}, {}};
  if (!from) {
    screen_.complain(printable(file) + ": " + std::strerror(errno));
    outcome_ = exit_code::request_failed;
  } else if (!is_blank(source)) {
    submit(source);
  }
}

void repl_shell::save(const std::string& file) {
  std::ofstream to{file, std::ios::binary};
  to << entered_;
  to.close();
  if (to) {
    screen_.note("Saved to " + printable(file) + '.');
  } else {
    screen_.complain(printable(file) + ": " + std::strerror(errno));
    outcome_ = exit_code::request_failed;
  }
}

void repl_shell::show_limits() {
  const auto limits = target_->limits();
  if (limits)
    print_object(limits.value());
  else
    screen_.refuse(limits.error());
}

void repl_shell::show_last_events() {
  if (last_execution_.empty())
    return;
  const auto events = target_->events(last_execution_, 0);
  if (events)
    print_events(events.value());
  else
    screen_.refuse(events.error());
}

line_completion repl_shell::complete(std::string_view before_cursor) {
  const auto place
    = completion_place_in(pending_.text() + '\n' + std::string{before_cursor});
  line_completion result;
  if (!place)
    return result;
  result.typed = place->start.size();
  const auto record = repl_runner{*target_, interrupts_}.run_quietly(
    completion_script(*place, keeps_last_), completion_time);
  if (record)
    result.names = completions_in(record.value());
  return result;
}

} // namespace vmsystem
