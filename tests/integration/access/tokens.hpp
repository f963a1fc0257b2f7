#pragma once

#include "process.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace vmsystem::test {

/// Makes a token by the command line.
/// @param limits as `--limit` takes them; empty for none.
/// @returns the token.
inline std::string new_token(const std::string& file, const std::string& name,
                             const std::string& scopes,
                             const std::string& limits = {}) {
  std::vector<std::string> words{program(),  "token", "create", name,
                                 "--scopes", scopes,  "--file", file};
  if (!limits.empty())
    words.insert(words.end(), {"--limit", limits});
  const auto made = run_program(words);
  BOOST_REQUIRE_MESSAGE(made.status == 0, made.err);
  BOOST_REQUIRE(made.out.size() > 64u && made.out.back() == '\n');
  return made.out.substr(0, made.out.size() - 1);
}

} // namespace vmsystem::test
