#include "vmsystem/models/library.hpp"
#include "vmsystem/models/validation.hpp"
#include "vmsystem/tests/unit/models/support.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

using namespace vmsystem;
using namespace vmsystem::test;
using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(validation)

BOOST_AUTO_TEST_CASE(paths_are_brought_into_normal_form) {
  struct row {
    std::string path;
    std::string normal;
  };
  const row rows[] = {
    {"a", "a"},
    {"a.js", "a.js"},
    {"./a", "a"},
    {"././a", "a"},
    {".//a", "a"},
    {"a//b", "a/b"},
    {"a///b", "a/b"},
    {"a/./b", "a/b"},
    {"a/.//./b", "a/b"},
    {"a/b/c.js", "a/b/c.js"},
    {"...", "..."},
    {"..a", "..a"},
    {"a..", "a.."},
    {"a/...", "a/..."},
    {".hidden", ".hidden"},
    {"a/.hidden", "a/.hidden"},
    {" ", " "},
    {" a /b ", " a /b "},
    {"a\\..\\b", "a\\..\\b"},
    {"~/a", "~/a"},
    {"a\nb", "a\nb"},
    {"\xc3\xa4/\xe2\x82\xac.js", "\xc3\xa4/\xe2\x82\xac.js"},
    {std::string(max_path_bytes, 'a'), std::string(max_path_bytes, 'a')},
  };
  for (const auto& [path, normal] : rows)
    BOOST_TEST_CONTEXT(path.substr(0, 40)) {
      BOOST_TEST(must(normal_path(path)) == normal);
      BOOST_TEST(must(normal_path(normal)) == normal);
    }
}

BOOST_AUTO_TEST_CASE(
  paths_that_leave_the_worktree_or_name_no_file_are_refused) {
  struct row {
    std::string path;
    std::string_view code;
    std::string_view message;
  };
  const row rows[] = {
    {"", "VALIDATION_ERROR", "required"},
    {"/", "INVALID_PATH", "absolute"},
    {"/a", "INVALID_PATH", "absolute"},
    {"//a", "INVALID_PATH", "absolute"},
    {"/..", "INVALID_PATH", "absolute"},
    {".", "INVALID_PATH", "folder"},
    {"./", "INVALID_PATH", "folder"},
    {".//.", "INVALID_PATH", "folder"},
    {"a/", "INVALID_PATH", "folder"},
    {"a//", "INVALID_PATH", "folder"},
    {"a/.", "INVALID_PATH", "folder"},
    {"a/b/./", "INVALID_PATH", "folder"},
    {"..", "INVALID_PATH", "\"..\""},
    {"../", "INVALID_PATH", "\"..\""},
    {"../a", "INVALID_PATH", "\"..\""},
    {"./../a", "INVALID_PATH", "\"..\""},
    {"a/..", "INVALID_PATH", "\"..\""},
    {"a/../b", "INVALID_PATH", "\"..\""},
    {"a/b/../../c", "INVALID_PATH", "\"..\""},
    {"a//../b", "INVALID_PATH", "\"..\""},
    {"\0"s, "INVALID_PATH", "NUL"},
    {"a\0"s, "INVALID_PATH", "NUL"},
    {"a\0/../b"s, "INVALID_PATH", "NUL"},
    {"/a\0b"s, "INVALID_PATH", "NUL"},
    {std::string(max_path_bytes + 1, 'a'), "INVALID_PATH", "4096 bytes"},
    {std::string(1u << 20, '/'), "INVALID_PATH", "4096 bytes"},
  };
  for (const auto& [path, code, message] : rows)
    BOOST_TEST_CONTEXT(path.substr(0, 40)) {
      const auto outcome = normal_path(path);
      BOOST_TEST(code_of(outcome) == code);
      BOOST_TEST(contains(message_of(outcome), message));
      // A message never repeats a giant.
      BOOST_TEST(message_of(outcome).size() < 2 * max_path_bytes);
    }
}

BOOST_AUTO_TEST_CASE(names_are_short_and_printable) {
  struct row {
    std::string name;
    std::string_view code;
    std::string_view message;
  };
  const row rows[] = {
    {"a", "ok", ""},
    {" ", "ok", ""},
    {"Two words, \"quoted\"", "ok", ""},
    {"\xc3\xa4\xe2\x82\xac", "ok", ""},
    {std::string(max_name_bytes, 'a'), "ok", ""},
    {"", "VALIDATION_ERROR", "field \"name\" is required"},
    {std::string(max_name_bytes + 1, 'a'), "VALIDATION_ERROR",
     "field \"name\" is longer than 256 bytes"},
    {"a\nb", "VALIDATION_ERROR", "control character"},
    {"\t", "VALIDATION_ERROR", "control character"},
    {"\x1f", "VALIDATION_ERROR", "control character"},
    {"\x7f", "VALIDATION_ERROR", "control character"},
    {"a\0"s, "VALIDATION_ERROR", "control character"},
  };
  for (const auto& [name, code, message] : rows)
    BOOST_TEST_CONTEXT(name.substr(0, 40)) {
      const auto outcome = check_name("name", name);
      BOOST_TEST(code_of(outcome) == code);
      BOOST_TEST(contains(message_of(outcome), message));
    }
}

BOOST_AUTO_TEST_CASE(there_is_one_engine_and_its_alias) {
  for (const std::string_view engine : {"", "quickjs", "goja"})
    BOOST_TEST(code_of(check_engine(engine)) == "ok");
  for (const std::string_view engine :
       {"QuickJS", "quickjs ", "v8", "node", "quickj", "quickjs,goja"}) {
    const auto outcome = check_engine(engine);
    BOOST_TEST(code_of(outcome) == "ENGINE_UNSUPPORTED");
    BOOST_TEST(contains(message_of(outcome), engine));
    BOOST_TEST(contains(message_of(outcome), "\"quickjs\""));
  }
}

BOOST_AUTO_TEST_CASE(modules_are_those_of_the_host) {
  for (const auto name : native_modules)
    BOOST_TEST(code_of(check_module(name)) == "ok");
  for (const std::string_view name :
       {"", "JSON", "Math", "Date", "FS", "fs ", "node:fs", "lodash"}) {
    const auto outcome = check_module(name);
    BOOST_TEST(code_of(outcome) == "MODULE_NOT_ALLOWED");
    BOOST_TEST(contains(message_of(outcome), "database, exec, fs"));
  }
}

BOOST_AUTO_TEST_CASE(libraries_have_a_name_with_and_without_a_version) {
  for (const auto& library : catalogue_libraries) {
    const std::string name{library.name};
    const std::string version{library.version};
    BOOST_TEST(find_catalogue_library(name) == &library);
    BOOST_TEST(find_catalogue_library(name + '-' + version) == &library);
    BOOST_TEST(full_name(library) == name + '-' + version);
    for (const auto& other :
         {name + '@' + version, name + '-', name + "-0.0.1", name + ' ',
          name + '-' + version + ' ', version, '-' + version, name + version})
      BOOST_TEST(find_catalogue_library(other) == nullptr);
  }
  BOOST_TEST(find_catalogue_library("") == nullptr);
}

BOOST_AUTO_TEST_CASE(sessions_need_all_their_fields) {
  const session_spec good{template_id::generate(), "w", "c", "/tmp"};
  BOOST_TEST(code_of(check_session(good)) == "ok");
  struct row {
    std::string_view what;
    session_spec spec;
    std::string_view code;
    std::string_view message;
  };
  const auto id = good.vm_id;
  const row rows[] = {
    {"no template", {{}, "w", "c", "/tmp"}, "VALIDATION_ERROR", "template_id"},
    {"no workspace", {id, "", "c", "/tmp"}, "VALIDATION_ERROR", "workspace_id"},
    {"a long workspace",
     {id, std::string(257, 'w'), "c", "/tmp"},
     "VALIDATION_ERROR",
     "workspace_id"},
    {"no commit", {id, "w", "", "/tmp"}, "VALIDATION_ERROR", "base_commit_oid"},
    {"a commit with a line feed",
     {id, "w", "c\n", "/tmp"},
     "VALIDATION_ERROR",
     "base_commit_oid"},
    {"no worktree", {id, "w", "c", ""}, "VALIDATION_ERROR", "worktree_path"},
    {"a relative worktree",
     {id, "w", "c", "tmp"},
     "WORKTREE_NOT_FOUND",
     "absolute"},
    {"a worktree with a NUL",
     {id, "w", "c", "/tmp\0/x"s},
     "WORKTREE_NOT_FOUND",
     "absolute"},
    {"a long worktree",
     {id, "w", "c", '/' + std::string(max_path_bytes, 'x')},
     "WORKTREE_NOT_FOUND",
     "absolute"},
    {"nothing", {}, "VALIDATION_ERROR", "template_id"},
  };
  for (const auto& [what, spec, code, message] : rows)
    BOOST_TEST_CONTEXT(what) {
      const auto outcome = check_session(spec);
      BOOST_TEST(code_of(outcome) == code);
      BOOST_TEST(contains(message_of(outcome), message));
    }
}

BOOST_AUTO_TEST_SUITE_END()
