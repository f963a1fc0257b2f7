#include "lines.hpp"
#include "terminal.hpp"

#include <sys/stat.h>

using namespace vmsystem::test;

namespace {

/// An interactive session in a terminal, with a history of its own.
class typed_session {
public:
  explicit typed_session(std::vector<std::string> flags = {},
                         const std::string& state = {},
                         const variables& extra = {{"NO_COLOR", "1"}})
    : program_{arguments(std::move(flags)),
               environment(state.empty() ? folder_.path().string() : state,
                           extra)} {
    program_.wait_for("leave.");
    prompt();
  }

  /// Waits for the prompt, and until keys are taken.
  void prompt(std::string_view text = "> ") {
    program_.wait_for(text);
    program_.wait_for_editor();
  }

  /// Types a line, waits until the program prints `wanted`, and for the prompt.
  /// @returns what came before it.
  std::string enter(const std::string& line, const std::string& wanted) {
    program_.type(line + '\r');
    auto seen = program_.wait_for(wanted);
    prompt();
    return seen;
  }

  terminal_program& terminal() {
    return program_;
  }

private:
  static std::vector<std::string> arguments(std::vector<std::string> flags) {
    flags.insert(flags.begin(), {program(), "repl"});
    return flags;
  }
  static variables environment(const std::string& state,
                               const variables& extra) {
    variables all{{"TERM", "xterm"},
                  {"LC_ALL", "C.UTF-8"},
                  {"NO_COLOR", ""},
                  {"XDG_STATE_HOME", state}};
    for (const auto& [name, value] : extra)
      all[name] = value;
    return all;
  }

  temp_folder folder_;
  terminal_program program_;
};

/// Runs the program with `input` piped in.
finished_program piped(const std::string& input,
                       std::vector<std::string> flags = {}) {
  const temp_folder folder;
  write_file(folder / "in", input);
  flags.insert(flags.begin(),
               {"/bin/sh", "-c", "exec \"$0\" repl \"$@\" <\"$INPUT\"",
                program()});
  return run_program(flags, {{"INPUT", folder / "in"}});
}

const std::string ctrl_c = "\x03";
const std::string ctrl_d = "\x04";
const std::string arrow_up = "\x1b[A";
/// Longer than any test takes.
const std::vector<std::string> long_limits{"--limit",
                                           "wall_ms=60000,cpu_ms=60000"};

} // namespace

BOOST_AUTO_TEST_CASE(a_person_sees_values_errors_and_undefined) {
  typed_session session;
  session.enter("6 * 7", "\n42\r\n");
  session.enter("_ + 1", "\n43\r\n");
  session.enter("'it' + \"'s\"", "\n\"it's\"\r\n");
  session.enter("let a = 1", "\nundefined\r\n");
  session.enter("const a = 2; a", "\n2\r\n");
  session.enter("await Promise.resolve([a])", "\n[ 2 ]\r\n");
  session.enter("console.log('hi')", "\nhi\r\nundefined\r\n");
  session.enter("null.x", "Uncaught TypeError");
  session.terminal().type(".exit\r");
  BOOST_TEST(session.terminal().wait().value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(previews_have_colours_where_they_are_wanted) {
  typed_session session{{}, {}, {}};
  session.enter("6 * 7", "\x1b[33m42\x1b[0m");
  session.enter("({a: 'b'})", "{ a: \x1b[32m'b'\x1b[0m }");
  session.enter("throw 'c'", "\x1b[31mUncaught c");
}

BOOST_AUTO_TEST_CASE(ctrl_c_ends_a_snippet_and_not_the_session) {
  typed_session session{long_limits};
  session.enter("var kept = 41", "undefined");
  // The lines of a script that lasts come while it runs.
  session.terminal().type(
    "for (let n = 1;; n++) if (n % 1e6 === 0) console.log('a' + 'live')\r");
  session.terminal().wait_for("\nalive\r\n");
  session.terminal().type(ctrl_c);
  session.terminal().wait_for("cancelled: ");
  session.prompt();
  session.enter("kept + 1", "\n42\r\n");
}

BOOST_AUTO_TEST_CASE(ctrl_c_at_the_prompt_gives_up_the_line_and_then_leaves) {
  typed_session session;
  session.terminal().type("1 + (");
  session.terminal().type(ctrl_c);
  session.prompt();
  session.enter("6 * 7", "\n42\r\n");
  session.terminal().type("[1,\r");
  session.prompt("... ");
  session.terminal().type(ctrl_c);
  session.prompt();
  session.terminal().type(ctrl_c);
  session.terminal().wait_for("once more leaves.");
  session.prompt();
  session.enter("1 + 1", "\n2\r\n");
  session.terminal().type(ctrl_c);
  session.terminal().wait_for("once more leaves.");
  session.prompt();
  session.terminal().type(ctrl_c);
  BOOST_TEST(session.terminal().wait().value_or(-1) == 0);
}

BOOST_AUTO_TEST_CASE(a_snippet_goes_on_until_it_is_complete) {
  typed_session session;
  session.terminal().type("function twice(x) {\r");
  session.prompt("... ");
  session.terminal().type("return x *\r");
  session.prompt("... ");
  session.enter("2 }", "undefined");
  session.enter("twice(21)", "\n42\r\n");
}

BOOST_AUTO_TEST_CASE(tab_completes_names_and_properties_and_runs_no_getter) {
  typed_session session;
  session.enter("var ran = 0; const answers = {forty_one: 41, get boom() { "
                "ran++; return 1 }}",
                "\nundefined");
  session.enter("answ\t.forty_\t + 1", "\n42\r\n");
  session.terminal().type("answers.\t");
  session.terminal().wait_for("boom");
  session.terminal().wait_for("forty_one");
  session.prompt("> answers.");
  session.terminal().type("boom.\t" + ctrl_c);
  session.prompt();
  session.enter("'ran ' + ran", "\n'ran 0'\r\n");
}

BOOST_AUTO_TEST_CASE(arrow_up_brings_back_lines_of_earlier_sessions) {
  const temp_folder state;
  {
    typed_session session{{}, state.path().string()};
    session.enter("40 + 2", "\n42\r\n");
    session.terminal().type(ctrl_d);
    BOOST_TEST(session.terminal().wait().value_or(-1) == 0);
  }
  const auto file = state / "vm-system/repl_history";
  struct stat kept {};
  BOOST_TEST_REQUIRE(stat(file.c_str(), &kept) == 0);
  BOOST_TEST((kept.st_mode & 0777) == 0600u);
  typed_session session{{}, state.path().string()};
  session.enter(arrow_up + " + 1", "\n43\r\n");
}

BOOST_AUTO_TEST_CASE(commands_show_limits_and_events_and_keep_snippets) {
  const temp_folder folder;
  const auto file = folder / "saved.js";
  typed_session session{{"--limit", "wall_ms=1234"}};
  session.enter(".limits", "wall_ms: 1234");
  session.enter("console.warn('a' + 'b')", "\nab\r\n");
  session.enter(".events", "[2] console: {\"level\":\"warn\",\"text\":\"ab\"}");
  session.enter(".save " + file, "Saved to ");
  session.enter(".load " + file, "\nab\r\n");
  session.enter(".load " + file + ".no", "No such file");
  session.enter(".help", ".load FILE");
  session.enter(".bogus", "no command .bogus");
  BOOST_TEST(bytes_of(file) == "console.warn('a' + 'b')\n");
}

BOOST_AUTO_TEST_CASE(piped_snippets_run_one_by_one) {
  const auto ran = piped("let a = 40\n"
                         "function b() {\n"
                         "  return a + 2\n"
                         "}\n"
                         "b()\n"
                         "console.log('c'); console.error('d')\n"
                         "const e = await Promise.resolve('f')\n"
                         "e\n"
                         "_ + 'g'\n");
  BOOST_TEST(ran.out == "42\nc\nf\nfg\n");
  BOOST_TEST(ran.err == "d\n");
  BOOST_TEST(ran.status == 0);
}

BOOST_AUTO_TEST_CASE(a_piped_snippet_that_fails_is_status_3_and_others_run) {
  const auto ran = piped("throw new Error('a')\n'b'\nif (true) {");
  BOOST_TEST(ran.out == "b\n");
  BOOST_TEST(ran.err.find("Uncaught Error: a\n    at ") == 0u);
  BOOST_TEST(ran.err.find("Uncaught SyntaxError: ") != std::string::npos);
  BOOST_TEST(ran.status == 3);
}

BOOST_AUTO_TEST_CASE(import_declarations_load_modules_of_the_worktree) {
  const temp_folder worktree;
  write_file(worktree / "m.mjs", "export default 5; export const b = 6, c = 7");
  write_file(worktree / "n.js", "exports.twice = (x) => 2 * x");
  const auto ran = piped("import a, {b, c as d} from './m.mjs'\n"
                         "a + b + d\n"
                         "import * as all from './m.mjs'; all.b\n"
                         "const {twice} = require('./n.js')\n"
                         "twice(21)\n",
                         {"--worktree", worktree.path().string()});
  BOOST_TEST(ran.out == "18\n6\n42\n");
  BOOST_TEST(ran.err.empty());
  BOOST_TEST(ran.status == 0);
}

BOOST_AUTO_TEST_CASE(json_gives_a_record_for_each_snippet) {
  const auto ran = piped("1 + 1\nthrow 2\n", {"--output", "json"});
  BOOST_TEST(ran.status == 3);
  BOOST_TEST(ran.out.find("{\"execution\":{") == 0u);
  BOOST_TEST(ran.out.find("\"preview\":\"2\"") != std::string::npos);
  BOOST_TEST(ran.out.find("\"message\":\"2\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_session_of_a_server_is_joined_and_stays) {
  cli_session session;
  run_snippet(session.client, session.id, "globalThis.there = 41");
  const std::vector<std::string> flags{"--server-url", shared_daemon().url(),
                                       "--session", session.id};
  const auto ran = piped("there + 1\nlet mine = 5\n", flags);
  BOOST_TEST(ran.out == "42\n");
  BOOST_TEST(ran.status == 0);
  BOOST_TEST(run_snippet(session.client, session.id, "mine")
               .field("result")
               .field("preview")
               .text()
             == "5");
}

BOOST_AUTO_TEST_CASE(ctrl_c_cancels_on_a_server) {
  auto client = shared_daemon().connect();
  const auto id = make_session(
    client, make_template(client, R"({"wall_ms":60000,"cpu_ms":60000})"));
  typed_session session{
    {"--server-url", shared_daemon().url(), "--session", id}};
  session.terminal().type("for (;;) {}\r");
  static_cast<void>(wait_for_running(client, id));
  session.terminal().type(ctrl_c);
  session.terminal().wait_for("cancelled: ");
  session.prompt();
  session.terminal().type("await new Promise(() => {})\r");
  static_cast<void>(wait_for_running(client, id));
  session.terminal().type(ctrl_c);
  session.terminal().wait_for("cancelled: ");
  session.prompt();
  session.enter("6 * 7", "\n42\r\n");
}

BOOST_AUTO_TEST_CASE(
  a_script_that_takes_the_session_along_does_not_end_it_all) {
  const auto ran = piped("let a = 1\n"
                         "Array.prototype.reverse.call({length: 2 ** 53})\n"
                         "a\n"
                         "typeof a\n",
                         {"--limit", "wall_ms=300"});
  BOOST_TEST(ran.out == "undefined\n");
  BOOST_TEST(ran.err.find("wall_timeout: ") == 0u);
  BOOST_TEST(ran.err.find("SESSION_NOT_READY") != std::string::npos);
  BOOST_TEST(ran.err.find("new session") != std::string::npos);
  BOOST_TEST(ran.status == 1);
}

BOOST_AUTO_TEST_CASE(a_session_of_a_template_is_closed_at_the_end) {
  auto client = shared_daemon().connect();
  const auto vm = make_template(client, R"({"wall_ms":4321})");
  const temp_folder worktree;
  const auto ran = piped(".limits\n1 + 1\n",
                         {"--server-url", shared_daemon().url(), "--template",
                          vm, "--worktree", worktree.path().string()});
  BOOST_TEST(ran.out.find("wall_ms: 4321\n") != std::string::npos);
  BOOST_TEST(ran.status == 0);
  bool found = false;
  for (const auto& one : ask(client, "GET", "/api/v1/sessions").elements())
    if (one.field("vm_id").text() == vm) {
      found = true;
      BOOST_TEST(one.field("status").text() == "closed");
    }
  BOOST_TEST(found);
}

BOOST_AUTO_TEST_CASE(flags_that_do_not_belong_together_are_wrong_usage) {
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{"--session", "a", "--template", "b"},
        {"--session", "a", "--worktree", "/tmp"},
        {"--template", "01990000-0000-7000-8000-000000000001", "--limit",
         "wall_ms=1"},
        {"--limit", "nonsense"}})
    BOOST_TEST(piped("1", flags).status == 2);
  BOOST_TEST(piped("1", {"--worktree", "/nowhere"}).status == 1);
  BOOST_TEST(piped("1", {"--template", "/nowhere.json"}).status == 1);
  BOOST_TEST(piped("1", {"--limit", "bogus=1"}).status == 1);
}
