#include "lines.hpp"

#include <algorithm>
#include <filesystem>
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

/// Completion as bash does it.
struct shell {
  temp_folder folder;
  std::string script = folder / "script";

  shell() {
    const auto printed = run_words({"completion", "bash"});
    BOOST_TEST_REQUIRE(printed.status == 0);
    write_file(script, printed.out);
  }

  /// What the last word of a line may become, sorted.
  [[nodiscard]] words complete(const words& line) const {
    words arguments{"/bin/bash", "-euc",
                    "source \"$0\"; COMP_WORDS=(vm-system \"$@\"); "
                    "COMP_CWORD=$#; _vm_system; "
                    "printf '%s\\n' \"${COMPREPLY[@]}\"",
                    script};
    arguments.insert(arguments.end(), line.begin(), line.end());
    const auto ran = run_program(arguments);
    BOOST_TEST(ran.status == 0, ran.err);
    auto found = lines_of(ran.out);
    found.erase(std::remove(found.begin(), found.end(), std::string{}),
                found.end());
    std::sort(found.begin(), found.end());
    return found;
  }
};

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

BOOST_FIXTURE_TEST_CASE(bash_completes_each_command_and_its_flags, shell) {
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
      BOOST_TEST(complete(line) == below, boost::test_tools::per_element());
      line.back() = "--";
      for (const auto& flag : complete(line))
        BOOST_TEST((page.find("  " + flag) != std::string::npos
                    || page.find(", " + flag) != std::string::npos
                    || flag == "--version"),
                   flag);
    }
  }
}

BOOST_FIXTURE_TEST_CASE(bash_completes_values_and_looks_past_flags, shell) {
  const auto one = [](const std::string& word) { return words{word}; };
  BOOST_TEST((complete({"--output", ""}) == words{"json", "text"}));
  BOOST_TEST((complete({"--output", "=", "j"}) == one("json")));
  BOOST_TEST((complete({"serve", "--durability", "a"}) == one("async")));
  // The value of a flag is no command.
  BOOST_TEST((complete({"--db", "serve", "templ"}) == one("template")));
  BOOST_TEST((complete({"--allow-exec", "templ"}) == one("template")));
  BOOST_TEST((complete({"template", "create", "--na"}) == one("--name")));
  BOOST_TEST(complete({"bogus", "cr"}).empty());
}

BOOST_AUTO_TEST_CASE(other_shells_are_refused) {
  const auto ran = run_words({"completion", "tcsh"});
  BOOST_TEST(ran.status == 2);
  BOOST_TEST(ran.err.find("bash") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
