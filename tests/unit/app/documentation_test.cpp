#include "vmsystem/app/command.hpp"
#include "vmsystem/app/completion.hpp"
#include "vmsystem/app/help.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace vmsystem;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A program whose texts have all that roff or a shell could take for its own.
struct odd_program {
  std::string value;
  command_line program{{"p-q", "does \\things", ".first\n\n'second line",
                        "$ p-q\n.dot\n\n\\back"},
                       "p-q 1"};

  odd_program() {
    program.root()
      .add({"go", "go on", "", "$ p-q go"})
      .choice("--way", value, {"up", "down"}, ".Where.")
      .flag("--file", value, "FILE|ID", "It's a\\b: one. Or two.");
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(documents, odd_program)

BOOST_AUTO_TEST_CASE(nothing_of_a_text_is_a_request_of_roff) {
  const auto page = manual_page(program.app());
  BOOST_TEST(has(page, ".TH P\\-Q 1 \"\" \"p\\-q 1\" \"p\\-q\"\n"));
  BOOST_TEST(has(page, "p\\-q \\- does \\ethings\n"));
  BOOST_TEST(has(page, ".PP\n\\&.first\n.PP\n\\&'second line\n"));
  BOOST_TEST(has(page, "$ p\\-q\n\\&.dot\n\n\\eback\n.fi\n"));
  BOOST_TEST(has(page, ".SH SEE ALSO\n"));
  BOOST_TEST(has(page, "p\\-q\\-go(1)\n"));
}

BOOST_AUTO_TEST_CASE(a_command_has_a_page_of_its_own) {
  const auto* go = commands_of(program.app()).at(0);
  BOOST_TEST(manual_page_name(*go) == "p-q-go");
  const auto page = manual_page(*go);
  BOOST_TEST(has(page, "p\\-q\\-go \\- go on\n"));
  BOOST_TEST(has(page, ".TP\n\\fB\\-\\-way up|down\\fR\n\\&.Where."));
  BOOST_TEST(has(page, "p\\-q(1)\n"));
}

BOOST_AUTO_TEST_CASE(completion_for_bash_has_commands_flags_and_values) {
  const auto script = bash_completion(program.app());
  BOOST_TEST(has(script, "_p_q() {\n"));
  BOOST_TEST(has(script, "[' ']='go'\n"));
  BOOST_TEST(has(script, "[' go ']='--way --file'\n"));
  BOOST_TEST(has(script, "['--way']='up down'\n"));
  BOOST_TEST(has(script, "['--file']=''\n"));
  BOOST_TEST(has(script, "complete -o default -F _p_q p-q\n"));
}

BOOST_AUTO_TEST_CASE(completion_for_zsh_quotes_what_they_mean) {
  const auto script = zsh_completion(program.app());
  BOOST_TEST(script.rfind("#compdef p-q\n", 0) == 0u);
  BOOST_TEST(has(script, "\n_p-q() {\n"));
  BOOST_TEST(has(script, "    (' ')\n      below=(\n        'go:go on'\n"));
  BOOST_TEST(has(script, "    (' go ')\n      below=(\n      )\n      own=(\n"
                         "        '--way:.Where'\n"
                         "        '--file:It'\\''s a\\b: one'\n"));
  BOOST_TEST(has(script, "    '--file' ''\n    '--way' 'up down'\n"));
}

BOOST_AUTO_TEST_CASE(completion_for_fish_quotes_what_they_mean) {
  const auto script = fish_completion(program.app());
  BOOST_TEST(has(script, "function __p_q_complete\n"));
  BOOST_TEST(has(script, "        case ' '\n            set below \\\n"
                         "                'go'\\t'go on'\n"));
  BOOST_TEST(has(script, "                '--way'\\t'.Where' \\\n"
                         "                '--file'\\t'It\\'s a\\\\b: one'\n"));
  BOOST_TEST(has(script, "set -l takes_value \\\n        '--file' \\\n"
                         "        '--way'\n"));
  BOOST_TEST(has(script, "set -l values \\\n        '' \\\n"
                         "        'up down'\n"));
  BOOST_TEST(has(script, "complete -c p-q -f -a '(__p_q_complete)'\n"));
}

BOOST_AUTO_TEST_SUITE_END()
