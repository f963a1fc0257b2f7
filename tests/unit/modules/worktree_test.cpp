#include "vmsystem/engine/worktree.hpp"
#include "vmsystem/tests/must.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

namespace fs = std::filesystem;
using vmsystem::engine::worktree;
using vmsystem::test::must;
using vmsystem::test::temp_folder;

namespace {

/// A folder `work` with a file beside it, which must stay out of reach.
struct two_folders {
  two_folders() {
    fs::create_directory(outer / "work");
    fs::create_directory(outer / "work/in");
    outer.put("secret", "secret");
    outer.put("work/a.txt", "text");
    fs::create_symlink("../secret", outer / "work/link");
    fs::create_symlink("..", outer / "work/up");
    fs::create_symlink(outer / "secret", outer / "work/absolute");
    fs::create_symlink("a.txt", outer / "work/near");
  }

  [[nodiscard]] worktree open() const {
    return must(worktree::open(outer / "work"));
  }

  temp_folder outer;
};

const std::vector<std::string> ways_out{
  "../secret",       "link", "up/secret", "absolute",
  "in/../../secret", "up",   "/secret",   "in/../../work/../secret"};

} // namespace

BOOST_AUTO_TEST_SUITE(a_worktree)

BOOST_AUTO_TEST_CASE(that_is_not_there_cannot_be_opened) {
  const auto folder = worktree::open("/no/such/folder");
  BOOST_TEST_REQUIRE(!folder);
  BOOST_TEST((folder.error().code == vmsystem::ec::worktree_not_found));
}

BOOST_FIXTURE_TEST_CASE(reads_its_files, two_folders) {
  const auto folder = open();
  std::string text;
  BOOST_TEST(folder.read_file("a.txt", 100, text) == 0);
  BOOST_TEST(text == "text");
  BOOST_TEST(folder.read_file("near", 100, text) == 0);
  BOOST_TEST(folder.read_file("a.txt", 3, text) == EFBIG);
  BOOST_TEST(folder.read_file("in", 100, text) == EISDIR);
  BOOST_TEST(folder.read_file("none", 100, text) == ENOENT);
  BOOST_TEST(folder.read_file(std::string{"a.txt\0x", 7}, 100, text) == EINVAL);
}

BOOST_FIXTURE_TEST_CASE(reads_nothing_else, two_folders) {
  const auto folder = open();
  for (const auto& path : ways_out) {
    std::string text;
    struct stat status {};
    std::vector<worktree::entry> entries;
    BOOST_TEST_CONTEXT(path) {
      BOOST_TEST(folder.read_file(path, 100, text) == EXDEV);
      BOOST_TEST(folder.status(path, true, status) == EXDEV);
      BOOST_TEST(folder.list(path, 100, entries) == EXDEV);
    }
  }
}

BOOST_FIXTURE_TEST_CASE(changes_nothing_outside, two_folders) {
  const auto folder = open();
  for (const std::string path : {"../new", "up/new", "in/../../new"}) {
    BOOST_TEST_CONTEXT(path) {
      BOOST_TEST(folder.write_file(path, O_CREAT | O_TRUNC, 0666, "x")
                 == EXDEV);
      BOOST_TEST(folder.make_folder(path, 0777) == EXDEV);
      BOOST_TEST(folder.rename("a.txt", path) == EXDEV);
      BOOST_TEST(!fs::exists(outer / "new"));
    }
  }
  for (const std::string path : {"../secret", "up/secret"}) {
    BOOST_TEST(folder.remove(path, false) == EXDEV);
    BOOST_TEST(folder.rename(path, "mine") == EXDEV);
  }
  BOOST_TEST(folder.write_file("link", O_TRUNC, 0666, "x") == EXDEV);
  BOOST_TEST(fs::file_size(outer / "secret") == 6);
}

BOOST_FIXTURE_TEST_CASE(is_not_removed_itself, two_folders) {
  const auto folder = open();
  for (const std::string path : {".", "./", "in/.."})
    BOOST_TEST(folder.remove(path, true) == EBUSY);
  BOOST_TEST(folder.rename(".", "in/x") == EBUSY);
  BOOST_TEST(folder.remove("", true) == ENOENT);
}

BOOST_FIXTURE_TEST_CASE(removes_a_link_and_not_what_it_names, two_folders) {
  const auto folder = open();
  BOOST_TEST(folder.remove("link", false) == 0);
  BOOST_TEST(fs::exists(outer / "secret"));
  BOOST_TEST(!fs::is_symlink(outer / "work/link"));
}

BOOST_FIXTURE_TEST_CASE(writes_renames_and_lists, two_folders) {
  const auto folder = open();
  BOOST_TEST(folder.make_folder("in/deep/", 0777) == 0);
  BOOST_TEST(folder.make_folder("in/deep", 0777) == EEXIST);
  BOOST_TEST(folder.write_file("in/deep/x", O_CREAT | O_TRUNC, 0666, "1") == 0);
  BOOST_TEST(folder.write_file("in/deep/x", O_CREAT | O_APPEND, 0666, "23")
             == 0);
  BOOST_TEST(folder.rename("in/deep/x", "in/y") == 0);
  std::vector<worktree::entry> entries;
  BOOST_TEST(folder.list("in", 2, entries) == 0);
  BOOST_TEST_REQUIRE(entries.size() == 2);
  BOOST_TEST(entries[0].name == "deep");
  BOOST_TEST(entries[1].name == "y");
  BOOST_TEST(folder.list("in", 1, entries) == EOVERFLOW);
  std::string text;
  BOOST_TEST(folder.read_file("in/y", 100, text) == 0);
  BOOST_TEST(text == "123");
  BOOST_TEST(folder.remove("in", true) == ENOTEMPTY);
}

BOOST_FIXTURE_TEST_CASE(does_not_wait_for_the_other_end_of_a_pipe,
                        two_folders) {
  BOOST_TEST_REQUIRE(::mkfifo((outer / "work/pipe").c_str(), 0600) == 0);
  const auto folder = open();
  std::string text;
  BOOST_TEST(folder.read_file("pipe", 100, text) == EINVAL);
  BOOST_TEST(folder.write_file("pipe", O_TRUNC, 0666, "x") == ENXIO);
}

BOOST_AUTO_TEST_SUITE_END()
