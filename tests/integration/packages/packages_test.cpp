#define BOOST_TEST_MODULE packages
#include "process.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>

namespace fs = std::filesystem;
using namespace vmsystem::test;

// Packages from npm's registry in a worktree's node_modules, each used by a
// script. The text beside a script is what Node prints for it: `expect.sh`.

namespace {

const std::vector<std::string> scripts{"csv_parse.js",  "date_fns.mjs",
                                       "handlebars.js", "mathjs.js",
                                       "uuid.mjs",      "zod.mjs"};

} // namespace

BOOST_AUTO_TEST_CASE(packages_do_as_in_node) {
  const fs::path source{VMSYSTEM_PACKAGE_SCRIPTS};
  const temp_folder worktree;
  for (const auto* name : {"package.json", "package-lock.json"})
    fs::copy_file(source / name, worktree.path() / name);
  const auto fetched = run_program(
    {"npm", "ci", "--prefix", worktree.path().string(), "--ignore-scripts",
     "--no-audit", "--no-fund", "--loglevel=error"});
  BOOST_TEST_REQUIRE(fetched.status == 0, fetched.err);
  for (const auto& name : scripts)
    BOOST_TEST_CONTEXT(name) {
      const auto script = worktree / name;
      fs::copy_file(source / name, script);
      const auto ran = run_program({program(), "run", script, "--limit",
                                    "cpu_ms=30000,wall_ms=30000"},
                                   {{"TZ", "UTC"}});
      const auto expected = (source / name).replace_extension(".txt").string();
      BOOST_TEST(ran.status == 0);
      BOOST_TEST(ran.err == "");
      BOOST_TEST(ran.out == bytes_of(expected));
    }
}
