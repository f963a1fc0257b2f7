#include "lines.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

using namespace vmsystem::test;

namespace {

using words = std::vector<std::string>;

finished_program run_words(words arguments) {
  arguments.insert(arguments.begin(), program());
  return run_program(arguments);
}

std::string joined(const words& texts, char between) {
  std::string result;
  for (const auto& text : texts)
    result += (result.empty() ? "" : std::string{between}) + text;
  return result;
}

/// All commands of the program, each with the ones above it.
void add_commands(std::vector<words>& to, const words& path) {
  auto arguments = path;
  arguments.emplace_back("--help");
  to.push_back(path);
  for (const auto& name : commands_on(run_words(arguments).out)) {
    auto below = path;
    below.push_back(name);
    add_commands(to, below);
  }
}

/// The flags on a manual page, and `--version`, which is on that of the program
/// alone but may stand anywhere.
std::set<std::string> flags_on(const std::string& page) {
  static const std::regex term{" {7}(-[-a-z]+)(?:, (-[-a-z]+))?( .*)?"};
  std::set<std::string> flags{"--version"};
  bool inside = false;
  for (const auto& line : lines_of(page)) {
    std::smatch found;
    if (!line.empty() && line[0] != ' ')
      inside = line == "FLAGS" || line == "GLOBAL FLAGS";
    else if (inside && std::regex_match(line, found, term))
      for (const auto& name : {found.str(1), found.str(2)})
        if (!name.empty())
          flags.insert(name);
  }
  return flags;
}

/// The words that a script for zsh or fish has for each command, by the path to
/// it; those that may stand anywhere have the name `anywhere`.
std::map<std::string, std::set<std::string>>
words_by_command(const std::string& script) {
  static const std::regex place{R"( +(?:case |\()' (.*)'\)?)"};
  static const std::regex word{R"( +'([-a-z]+)(?::|'\\t).*)"};
  std::map<std::string, std::set<std::string>> result;
  auto* of_place = &result["anywhere"];
  for (const auto& line : lines_of(script)) {
    std::smatch found;
    if (std::regex_match(line, found, place))
      of_place = &result[found.str(1)];
    else if (std::regex_match(line, found, word))
      of_place->insert(found.str(1));
  }
  return result;
}

std::string completion_for(const std::string& shell) {
  const auto printed = run_words({"completion", shell});
  BOOST_TEST_REQUIRE(printed.status == 0, printed.err);
  return printed.out;
}

/// How a shell tells what the last word of a line may become: $0, or the first
/// argument, is the script, and the words of the line follow.
constexpr const char* ask_bash = R"(
source "$0"
COMP_WORDS=(vm-system "$@")
COMP_CWORD=$#
_vm_system
printf '%s\n' "${COMPREPLY[@]}"
)";

/// With what zsh has only while somebody types.
constexpr const char* ask_zsh = R"(
compdef() { : }
source "$0"
offer() { for name; do [[ $name != $PREFIX* ]] || print -r -- $name; done }
compadd() { shift; offer "$@" }
compset() { PREFIX=${PREFIX#*=} }
_files() { : }
_describe() {
  shift 3
  for list; do [[ $list == -- ]] || offer "${(@)${(@P)list}%%:*}"; done
}
words=(vm-system "$@")
CURRENT=${#words}
PREFIX=${words[-1]}
_vm-system
)";

constexpr const char* ask_fish = R"(
source $argv[1]
complete -C "vm-system $argv[2..-1]" | string split -f 1 \t
true
)";

/// A shell that has read its script.
struct shell {
  words arguments;
  temp_folder folder;

  explicit shell(const std::string& name) {
    const auto script = folder / "script";
    write_file(script, completion_for(name));
    if (name == "bash")
      arguments = {"/bin/bash", "-euc", ask_bash, script};
    else if (name == "zsh")
      arguments = {"/bin/zsh", "-fec", ask_zsh, script};
    else
      arguments = {"/usr/bin/fish", "--no-config", "-c", ask_fish, script};
  }

  /// What the last word of a line may become, sorted.
  [[nodiscard]] words complete(const words& line) const {
    auto asked = arguments;
    asked.insert(asked.end(), line.begin(), line.end());
    const auto ran = run_program(asked);
    BOOST_TEST(ran.status == 0, ran.err);
    BOOST_TEST(ran.err == "");
    auto found = lines_of(ran.out);
    found.erase(std::remove(found.begin(), found.end(), std::string{}),
                found.end());
    std::sort(found.begin(), found.end());
    return found;
  }
};

/// Looks whether a shell is there to be asked.
boost::unit_test::precondition needs(const char* file) {
  return boost::unit_test::precondition{
    [file](
      boost::unit_test::test_unit_id) -> boost::test_tools::assertion_result {
      boost::test_tools::assertion_result there{std::filesystem::exists(file)};
      there.message() << file << " is not installed";
      return there;
    }};
}

void check_values_and_flags(const shell& one) {
  BOOST_TEST((one.complete({"--output", ""}) == words{"json", "text"}));
  BOOST_TEST((one.complete({"serve", "--durability", "a"}) == words{"async"}));
  BOOST_TEST((one.complete({"se"}) == words{"serve", "session"}));
  // The value of a flag is no command.
  BOOST_TEST((one.complete({"--db", "serve", "templ"}) == words{"template"}));
  BOOST_TEST((one.complete({"--allow-exec", "templ"}) == words{"template"}));
  BOOST_TEST((one.complete({"--db=serve", "templ"}) == words{"template"}));
  BOOST_TEST((one.complete({"template", "create", "--na"}) == words{"--name"}));
  BOOST_TEST((one.complete({"serve", "--log-"})
              == words{"--log-format", "--log-level"}));
  // What help shows in capitals stands for something else.
  BOOST_TEST(one.complete({"serve", "--listen", "ADD"}).empty());
}

} // namespace

BOOST_AUTO_TEST_SUITE(documentation)

BOOST_AUTO_TEST_CASE(each_command_has_its_page) {
  const temp_folder folder;
  const auto place = folder / "man/man1";
  const auto written = run_words({"manual", place});
  BOOST_TEST_REQUIRE(written.status == 0, written.err);
  std::vector<words> commands;
  add_commands(commands, {});
  BOOST_TEST(commands.size() >= 35u);
  std::set<std::string> wanted;
  for (const auto& command : commands) {
    auto path = command;
    path.insert(path.begin(), "vm-system");
    wanted.insert(joined(path, '-') + ".1");
  }
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator{place})
    found.insert(entry.path().filename().string());
  BOOST_TEST(found == wanted, boost::test_tools::per_element());
  for (const auto& name : found)
    BOOST_TEST(bytes_of(place + '/' + name).rfind(".TH VM\\-SYSTEM", 0) == 0u,
               name);
  write_file(folder / "file", "");
  BOOST_TEST(run_words({"manual", folder / "file"}).status == 1);
}

BOOST_AUTO_TEST_CASE(bash_completes_each_command_and_its_flags) {
  const shell bash{"bash"};
  std::vector<words> commands;
  add_commands(commands, {});
  for (auto line : commands) {
    auto help = line;
    help.emplace_back("--help");
    const auto page = run_words(help).out;
    auto below = commands_on(page);
    std::sort(below.begin(), below.end());
    line.emplace_back();
    BOOST_TEST_CONTEXT(joined(line, ' ')) {
      BOOST_TEST(bash.complete(line) == below,
                 boost::test_tools::per_element());
      line.back() = "-";
      const auto flags = bash.complete(line);
      const auto wanted = flags_on(page);
      BOOST_TEST(flags == words(wanted.begin(), wanted.end()),
                 boost::test_tools::per_element());
    }
  }
}

// Whether or not the shells are there.
BOOST_AUTO_TEST_CASE(zsh_and_fish_know_each_command_and_its_flags) {
  std::vector<words> commands;
  add_commands(commands, {});
  for (const std::string name : {"zsh", "fish"}) {
    const auto known = words_by_command(completion_for(name));
    BOOST_TEST(known.size() == commands.size() + 1, name);
    for (const auto& line : commands) {
      auto help = line;
      help.emplace_back("--help");
      const auto page = run_words(help).out;
      auto wanted = flags_on(page);
      for (const auto& below : commands_on(page))
        wanted.insert(below);
      const auto path = line.empty() ? "" : joined(line, ' ') + ' ';
      BOOST_TEST_CONTEXT(name << ": " << path) {
        BOOST_TEST_REQUIRE(known.count(path) == 1u);
        auto offered = known.at("anywhere");
        offered.insert(known.at(path).begin(), known.at(path).end());
        BOOST_TEST(offered == wanted, boost::test_tools::per_element());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(bash_completes_values_and_looks_past_flags) {
  const shell bash{"bash"};
  check_values_and_flags(bash);
  // It gives `=` as a word.
  BOOST_TEST((bash.complete({"--output", "=", "j"}) == words{"json"}));
  BOOST_TEST(bash.complete({"bogus", "cr"}).empty());
}

BOOST_AUTO_TEST_CASE(zsh_completes_values_and_looks_past_flags,
                     *needs("/bin/zsh")) {
  const shell zsh{"zsh"};
  check_values_and_flags(zsh);
  BOOST_TEST((zsh.complete({"--output=j"}) == words{"json"}));
}

BOOST_AUTO_TEST_CASE(fish_completes_values_and_looks_past_flags,
                     *needs("/usr/bin/fish")) {
  const shell fish{"fish"};
  check_values_and_flags(fish);
  BOOST_TEST((fish.complete({"--output=j"}) == words{"--output=json"}));
}

BOOST_AUTO_TEST_CASE(other_shells_are_refused) {
  const auto ran = run_words({"completion", "tcsh"});
  BOOST_TEST(ran.status == 2);
  BOOST_TEST(ran.err.find("bash, zsh or fish") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
