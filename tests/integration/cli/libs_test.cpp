#include "lines.hpp"

#include <cstdlib>
#include <filesystem>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

namespace fs = std::filesystem;

/// A cache, and an npm that hands out an archive that lies here.
struct libs_fixture {
  libs_fixture() {
    fs::create_directories(folder.path() / "bin");
    npm("for last; do :; done; cp '" + (folder / "archive.tgz")
        + "' \"$last/package.tgz\"");
  }

  /// What `npm` does.
  void npm(const std::string& body) {
    const auto path = folder.path() / "bin" / "npm";
    write_file(path.string(), "#!/bin/sh\necho \"$*\" >>'" + (folder / "log")
                                + "'\n" + body + '\n');
    fs::permissions(path, fs::perms::owner_all);
  }

  /// Makes the archive of a package with one file.
  void pack(const std::string& top, const std::string& file,
            const std::string& bytes) {
    const auto path = folder.path() / top / file;
    fs::create_directories(path.parent_path());
    write_file(path.string(), bytes);
    const auto ran = run_program({"tar", "-C", folder.path().string(), "-czf",
                                  folder / "archive.tgz", top});
    BOOST_TEST_REQUIRE(ran.status == 0, ran.err);
  }

  finished_program libs(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {program(), "libs"});
    return run_program(arguments,
                       {{"PATH", (folder / "bin") + ':' + std::getenv("PATH")},
                        {"VM_SYSTEM_LIBRARY_CACHE", cache}});
  }

  /// Adds a library from a file.
  void add(const std::string& name, const std::string& global,
           const std::string& source) {
    write_file(folder / "source.js", source);
    const auto ran = libs({"add", name + "@1.0.0", "--path",
                           folder / "source.js", "--global", global});
    BOOST_TEST_REQUIRE(ran.status == 0, ran.err);
  }

  temp_folder folder;
  std::string cache = folder / "cache/libraries";
};

void check_refused(const finished_program& ran, int status,
                   const std::string& reason) {
  BOOST_TEST_CONTEXT(ran.out << ran.err) {
    BOOST_TEST(ran.status == status);
    BOOST_TEST(ran.out.empty());
    BOOST_TEST(ran.err.find(reason) != std::string::npos, reason);
  }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(libs, libs_fixture)

BOOST_AUTO_TEST_CASE(a_script_of_a_package_is_added_listed_and_removed) {
  pack("package", "dist/tools.js", "tools = 1");
  check_lines(libs({"add", "@our/tools@1.2.3-beta.1", "--file",
                    "./dist//tools.js", "--global", "tools"}),
              {"Added: our-tools-1\\.2\\.3-beta\\.1 \\(9 bytes\\) to " + cache
               + "/our-tools-1\\.2\\.3-beta\\.1\\.js"});
  const auto called = bytes_of(folder / "log");
  BOOST_TEST(called.find("pack @our/tools@1.2.3-beta.1 --ignore-scripts ")
             == 0u);
  BOOST_TEST(bytes_of(cache + "/our-tools-1.2.3-beta.1.js") == "tools = 1");
  const auto listed = libs({"list"});
  BOOST_TEST(lines_of(listed.out).back()
             == "our-tools  1.2.3-beta.1  tools    added      cached   9");
  const auto available = run_program({program(), "--library-cache", cache,
                                      "template", "list-available-libraries"});
  BOOST_TEST(lines_of(available.out).back() == "our-tools-1.2.3-beta.1");
  check_lines(libs({"remove", "our-tools"}),
              {"Removed: our-tools-1\\.2\\.3-beta\\.1"});
  BOOST_TEST(!fs::exists(cache + "/our-tools-1.2.3-beta.1.js"));
  check_refused(libs({"remove", "our-tools"}), 1, "LIBRARY_NOT_FOUND");
}

BOOST_AUTO_TEST_CASE(a_package_may_have_another_folder_at_its_top) {
  pack("tools v1", "tools.js", "tools = 1");
  BOOST_TEST(
    libs({"add", "tools@1.0.0", "--file", "tools.js", "--global", "tools"})
      .status
    == 0);
}

BOOST_AUTO_TEST_CASE(an_archive_that_is_not_the_pinned_one_is_refused) {
  pack("package", "lodash.js", "_ = {}");
  check_refused(libs({"download", "lodash"}), 1,
                "LIBRARY_NOT_FOUND: lodash@4.17.21 cannot be fetched: the "
                "registry's archive is not the one");
  BOOST_TEST(!fs::exists(cache));
}

BOOST_AUTO_TEST_CASE(a_download_that_fails_says_why) {
  const std::vector<std::string> one{"download", "dayjs"};
  npm("echo 'npm error code ECONNREFUSED' >&2; exit 1");
  check_refused(libs(one), 1, "npm failed: code ECONNREFUSED");
  npm("exit 0");
  check_refused(libs(one), 1, "npm left no archive");
  npm("kill -9 $$");
  check_refused(libs(one), 1, "exit status 137");
  fs::remove(folder.path() / "bin" / "npm");
  check_refused(run_program({program(), "libs", "download", "--cache-dir",
                             cache, "dayjs"},
                            {{"PATH", folder / "bin"}}),
                1, "install npm");
}

BOOST_AUTO_TEST_CASE(a_package_without_the_file_is_refused) {
  pack("package", "a.js", "a = 1");
  check_refused(libs({"add", "a@1.0.0", "--file", "b.js", "--global", "a"}), 1,
                "the package has no file b.js");
  write_file(folder / "archive.tgz", "no archive");
  check_refused(libs({"add", "a@1.0.0", "--file", "a.js", "--global", "a"}), 1,
                "tar failed");
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_a_usage_error) {
  const std::vector<std::vector<std::string>> lines{
    {"download", "left-pad"},
    {"add", "tools", "--file", "x.js", "--global", "x"},
    {"add", "tools@latest", "--file", "x.js", "--global", "x"},
    {"add", "tools@^1.0.0", "--file", "x.js", "--global", "x"},
    {"add", "../tools@1.0.0", "--file", "x.js", "--global", "x"},
    {"add", "tools@file:x@1.0.0", "--file", "x.js", "--global", "x"},
    {"add", "lodash@4.17.21", "--file", "x.js", "--global", "x"},
    {"add", "tools@1.0.0", "--global", "x"},
    {"add", "tools@1.0.0", "--file", "a", "--path", "b", "--global", "x"},
    {"add", "tools@1.0.0", "--file", "../x.js", "--global", "x"},
    {"add", "tools@1.0.0", "--file", "x.js", "--global", "a.b"},
    {"add", "tools@1.0.0", "--file", "x.js"},
  };
  for (const auto& line : lines)
    check_refused(libs(line), 2, "");
  BOOST_TEST(!fs::exists(folder / "log"));
}

BOOST_AUTO_TEST_CASE(a_file_runs_with_libraries) {
  add("tools", "tools", "tools = { half: x => x / 2 }");
  add("more", "more", "more = tools.half(8)");
  write_file(folder / "script.js", "tools.half(more)");
  const auto with = [&](const std::string& library) {
    return run_program({program(), "--library-cache", cache, "run",
                        folder / "script.js", "--library", library});
  };
  check_lines(with("tools,more-1.0.0"), {"2"});
  check_refused(with("left-pad"), 1, "LIBRARY_NOT_FOUND");
}

BOOST_AUTO_TEST_CASE(sessions_of_a_server_have_the_libraries) {
  add("tools", "tools", "tools = { half: x => x / 2 }");
  test_daemon server{{"--library-cache", cache}};
  auto client = server.connect();
  const auto id = make_template(client);
  check_lines(cli(server, {"template", "add-library", id, "--name", "tools"}),
              {"Added library: tools"});
  check_refused(cli(server,
                    {"template", "add-library", id, "--name", "left-pad"}),
                1, "LIBRARY_NOT_FOUND: library \"left-pad\" is neither");
  const auto half = [&] {
    return run_snippet(client, make_session(client, id), "tools.half(42)")
      .field("result")
      .field("preview")
      .text();
  };
  BOOST_TEST(half() == "21");
  const std::vector<std::string> create{
    "session",       "create", "--template-id",   id,    "--workspace-id", "w",
    "--base-commit", "c",      "--worktree-path", "/tmp"};
  write_file(cache + "/tools-1.0.0.js", "tools = { half: x => x / 3 }");
  BOOST_TEST(libs({"list"}).out.find("altered") != std::string::npos);
  check_refused(cli(server, create), 1,
                "LIBRARY_NOT_FOUND: library \"tools-1.0.0\"");
  check_refused(cli(server, create), 1,
                "run: vm-system libs add tools@1.0.0 --path "
                  + (folder / "source.js") + " --global tools");
  add("tools", "tools", "tools = { half: x => x / 4 }");
  BOOST_TEST(half() == "10.5");
  add("tools", "tools", "throw new Error('not today')");
  check_refused(
    cli(server, create), 1,
    "LIBRARY_FAILED: library \"tools-1.0.0\" cannot be loaded: Error: "
    "not today");
  BOOST_TEST(libs({"remove", "tools"}).status == 0);
  check_refused(cli(server, create), 1, "LIBRARY_NOT_FOUND");
}

BOOST_AUTO_TEST_SUITE_END()
