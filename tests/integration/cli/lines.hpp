#pragma once

#include "daemon.hpp"

#include <boost/test/unit_test.hpp>

#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace vmsystem::test {

/// A UUID, in a regular expression.
inline const std::string uuid
  = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}";

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);)
    lines.push_back(line);
  return lines;
}

/// The names below COMMANDS on a manual page.
inline std::vector<std::string> commands_on(const std::string& page) {
  std::vector<std::string> names;
  bool inside = false;
  for (const auto& line : lines_of(page)) {
    if (!line.empty() && line[0] != ' ')
      inside = line == "COMMANDS";
    else if (inside && line.size() > 7 && line[6] == ' ' && line[7] != ' ')
      names.push_back(line.substr(7));
  }
  return names;
}

/// Checks that the program printed exactly these lines, given as regular
/// expressions, and nothing to stderr.
inline void check_lines(const finished_program& ran,
                        const std::vector<std::string>& patterns) {
  const auto lines = lines_of(ran.out);
  BOOST_TEST_CONTEXT(ran.out << ran.err) {
    BOOST_TEST_REQUIRE(lines.size() == patterns.size());
    for (std::size_t i = 0; i < lines.size(); ++i)
      BOOST_TEST(std::regex_match(lines[i], std::regex{patterns[i]}),
                 "line " << i + 1 << " is not " << patterns[i]);
    BOOST_TEST(ran.err.empty());
  }
}

/// What stands behind `label` in the output.
inline std::string after(const std::string& label, const std::string& text) {
  for (const auto& line : lines_of(text))
    if (line.rfind(label, 0) == 0)
      return line.substr(label.size());
  return {};
}

/// A daemon that the tests of a program share.
inline test_daemon& shared_daemon() {
  static test_daemon one;
  return one;
}

/// Runs the command line against it.
inline finished_program vm(std::vector<std::string> arguments,
                           variables extra = {}) {
  return cli(shared_daemon(), std::move(arguments), std::move(extra));
}

/// A session of a new template.
struct cli_session {
  http_connection client = shared_daemon().connect();
  temp_folder worktree;
  std::string template_id = make_template(client);
  std::string id = make_session(client, template_id, worktree.path().string());
};

} // namespace vmsystem::test
