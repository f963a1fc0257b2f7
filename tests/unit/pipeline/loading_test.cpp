#include "vmsystem/pipeline/loading.hpp"
#include "vmsystem/tests/temp_folder.hpp"
#include "vmsystem/tests/unit/models/support.hpp"

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace vmsystem;
using namespace vmsystem::test;
namespace fs = std::filesystem;

namespace {

constexpr uint32_t large = 1u << 20;

/// A worktree `tree` with a secret beside it, removed at the end.
class worktree {
public:
  worktree() {
    fs::create_directories(top() / "tree/src");
    fs::create_directories(top() / "outside");
    write(top() / "outside/secret.js", "secret");
    write(path("a.js"), "a");
    write(path("src/b.js"), "b");
  }

  [[nodiscard]] std::string root() const {
    return top_ / "tree";
  }
  [[nodiscard]] const fs::path& top() const {
    return top_.path();
  }
  [[nodiscard]] fs::path path(const std::string& name) const {
    return top() / "tree" / name;
  }
  void link(const std::string& target, const std::string& name) const {
    fs::create_symlink(target, path(name));
  }
  [[nodiscard]] expected<std::string> load(const std::string& name,
                                           uint32_t max_bytes = large) const {
    return load_source(root(), name, max_bytes);
  }

  static void write(const fs::path& to, const std::string& text) {
    std::ofstream{to, std::ios::binary} << text;
  }

private:
  temp_folder top_;
};

/// Drops root's power over permissions while it lives.
class as_nobody {
public:
  as_nobody() {
    if (::geteuid() == 0 && ::seteuid(65534) != 0)
      throw std::system_error{errno, std::generic_category(), "seteuid"};
  }
  as_nobody(const as_nobody&) = delete;
  as_nobody& operator=(const as_nobody&) = delete;
  ~as_nobody() {
    if (::getuid() == 0 && ::seteuid(0) != 0)
      std::abort();
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(loading)

BOOST_AUTO_TEST_CASE(files_are_read_as_they_are) {
  const worktree tree;
  const std::string texts[] = {
    "",
    "1",
    "// line\n",
    std::string{"a\0b\xff\xfe", 5},
    std::string(70000, 'x'),
  };
  for (const auto& text : texts) {
    worktree::write(tree.path("x.js"), text);
    BOOST_TEST((must(tree.load("x.js")) == text));
  }
  BOOST_TEST(must(tree.load("a.js")) == "a");
  BOOST_TEST(must(tree.load("src/b.js")) == "b");
}

BOOST_AUTO_TEST_CASE(names_may_hold_any_character) {
  const worktree tree;
  for (const std::string name : {" ", "a b.js", "...", "..a", "a\nb.js",
                                 "\xc3\xa4.js", "\xff.js", "-rf", "a\\b"}) {
    worktree::write(tree.path(name), name);
    BOOST_TEST(must(tree.load(name)) == name);
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_not_found) {
  const worktree tree;
  tree.link("nowhere.js", "dangling.js");
  tree.link("src/nowhere/x.js", "dangling_folder.js");
  for (const std::string name :
       {"missing.js", "missing/a.js", "src/missing.js", "a.js/b.js", "A.js",
        "dangling.js", "dangling_folder.js"})
    BOOST_TEST_CONTEXT(name) {
      const auto outcome = tree.load(name);
      BOOST_TEST(code_of(outcome) == "FILE_NOT_FOUND");
      BOOST_TEST(contains(message_of(outcome), '"' + name + '"'));
    }
}

BOOST_AUTO_TEST_CASE(links_inside_the_worktree_are_followed) {
  const worktree tree;
  fs::create_directories(tree.path("deep/er"));
  tree.link("a.js", "file.js");
  tree.link("src", "folder");
  tree.link("../a.js", "src/up.js");
  tree.link("../../src/../a.js", "deep/er/round.js");
  tree.link("file.js", "chain.js");
  tree.link(".", "here");
  for (const std::string name : {"file.js", "src/up.js", "deep/er/round.js",
                                 "chain.js", "here/here/a.js"})
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(must(tree.load(name)) == "a");
    }
  BOOST_TEST(must(tree.load("folder/b.js")) == "b");
}

BOOST_AUTO_TEST_CASE(links_that_leave_the_worktree_are_refused) {
  const worktree tree;
  const auto outside = (tree.top() / "outside").string();
  tree.link("../outside/secret.js", "file.js");
  tree.link("../outside", "folder");
  tree.link("../../outside/secret.js", "src/file.js");
  tree.link(outside + "/secret.js", "absolute.js");
  tree.link(outside, "absolute_folder");
  tree.link("absolute.js", "chain.js");
  tree.link("..", "up");
  tree.link("/", "root");
  tree.link(tree.root() + "/a.js", "absolute_but_inside.js");
  tree.link("../tree/a.js", "out_and_in.js");
  tree.link("../missing.js", "dangling.js");
  tree.link("/proc/self/cwd", "process");
  for (const std::string name :
       {"file.js", "folder/secret.js", "src/file.js", "absolute.js",
        "absolute_folder/secret.js", "chain.js", "up/outside/secret.js",
        "up/tree/a.js", "root/etc/passwd", "absolute_but_inside.js",
        "out_and_in.js", "dangling.js", "process/x.js"})
    BOOST_TEST_CONTEXT(name) {
      const auto outcome = tree.load(name);
      BOOST_TEST(code_of(outcome) == "INVALID_PATH");
      BOOST_TEST(contains(message_of(outcome), "leaves the worktree"));
    }
}

BOOST_AUTO_TEST_CASE(paths_that_leave_the_worktree_are_refused) {
  const worktree tree;
  for (const std::string& name : {std::string{"../outside/secret.js"},
                                  std::string{"src/../../outside/secret.js"},
                                  (tree.top() / "outside/secret.js").string(),
                                  std::string{"/etc/passwd"}})
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(code_of(tree.load(name)) == "INVALID_PATH");
    }
}

BOOST_AUTO_TEST_CASE(a_circle_of_links_is_refused) {
  const worktree tree;
  tree.link("two.js", "one.js");
  tree.link("one.js", "two.js");
  tree.link("self.js", "self.js");
  BOOST_TEST(code_of(tree.load("one.js")) == "INVALID_PATH");
  BOOST_TEST(code_of(tree.load("self.js")) == "INVALID_PATH");
}

BOOST_AUTO_TEST_CASE(links_to_what_a_process_has_open_are_refused) {
  const int descriptor = ::dup(0);
  const auto name = "fd/" + std::to_string(descriptor);
  BOOST_TEST(code_of(load_source("/proc/self", name, large)) == "INVALID_PATH");
  BOOST_TEST(code_of(load_source("/proc/self", "cwd/x", large))
             == "INVALID_PATH");
  ::close(descriptor);
}

BOOST_AUTO_TEST_CASE(only_regular_files_are_read) {
  const worktree tree;
  BOOST_TEST_REQUIRE(::mkfifo(tree.path("fifo").c_str(), 0600) == 0);
  tree.link("fifo", "fifo_link");
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto socket_path = tree.path("socket").string();
  BOOST_TEST_REQUIRE(socket_path.size() < sizeof(address.sun_path));
  socket_path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  BOOST_TEST_REQUIRE(
    ::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address))
    == 0);
  for (const std::string name : {"fifo", "fifo_link", "socket", "src", "."})
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(code_of(tree.load(name)) == "INVALID_PATH");
    }
  BOOST_TEST(message_of(tree.load("src")) == "\"src\" is not a regular file");
  ::close(listener);
}

BOOST_AUTO_TEST_CASE(devices_are_refused) {
  for (const std::string name : {"null", "zero", "full", "random"})
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(code_of(load_source("/dev", name, large)) == "INVALID_PATH");
    }
}

BOOST_AUTO_TEST_CASE(names_that_no_file_can_have_are_refused) {
  const worktree tree;
  BOOST_TEST(code_of(tree.load(std::string(256, 'x'))) == "INVALID_PATH");
  BOOST_TEST(code_of(tree.load(std::string(255, 'x'))) == "FILE_NOT_FOUND");
  std::string deep;
  for (int i = 0; i < 2048; ++i)
    deep += "a/";
  BOOST_TEST(code_of(tree.load(deep + "b")) == "INVALID_PATH");
}

BOOST_AUTO_TEST_CASE(files_are_read_up_to_the_bound) {
  const worktree tree;
  worktree::write(tree.path("x.js"), std::string(1000, 'x'));
  BOOST_TEST(must(tree.load("x.js", 1000)).size() == 1000u);
  BOOST_TEST(must(tree.load("x.js", UINT32_MAX)).size() == 1000u);
  const auto outcome = tree.load("x.js", 999);
  BOOST_TEST(code_of(outcome) == "PAYLOAD_TOO_LARGE");
  BOOST_TEST(contains(message_of(outcome), "999 bytes"));
  worktree::write(tree.path("empty.js"), "");
  BOOST_TEST(must(tree.load("empty.js", 0)).empty());
  BOOST_TEST(code_of(tree.load("a.js", 0)) == "PAYLOAD_TOO_LARGE");
}

BOOST_AUTO_TEST_CASE(a_giant_file_is_refused_unread) {
  const worktree tree;
  worktree::write(tree.path("x.js"), "");
  fs::resize_file(tree.path("x.js"), uintmax_t{1} << 40);
  BOOST_TEST(code_of(tree.load("x.js", UINT32_MAX)) == "PAYLOAD_TOO_LARGE");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_longer_than_its_size_is_read_whole) {
  // These files say that they are empty, like one that grows meanwhile.
  struct stat status {};
  BOOST_TEST_REQUIRE(::stat("/proc/self/maps", &status) == 0);
  BOOST_TEST_REQUIRE(status.st_size == 0);
  const auto text = must(load_source("/proc/self", "maps", large));
  BOOST_TEST(text.size() > 1000u);
  BOOST_TEST(text.back() == '\n');
  BOOST_TEST(code_of(load_source("/proc/self", "maps", 1000))
             == "PAYLOAD_TOO_LARGE");
}

BOOST_AUTO_TEST_CASE(a_file_that_may_not_be_read_is_refused) {
  const worktree tree;
  fs::permissions(tree.top(), fs::perms{0755});
  fs::create_directories(tree.path("closed"));
  worktree::write(tree.path("closed/a.js"), "a");
  fs::permissions(tree.path("a.js"), fs::perms::none);
  fs::permissions(tree.path("closed"), fs::perms::none);
  {
    const as_nobody nobody;
    const auto file = tree.load("a.js");
    BOOST_TEST(code_of(file) == "INVALID_PATH");
    BOOST_TEST(contains(message_of(file), "cannot be opened"));
    BOOST_TEST(code_of(tree.load("closed/a.js")) == "INVALID_PATH");
    BOOST_TEST(must(tree.load("src/b.js")) == "b");
  }
  fs::permissions(tree.path("closed"), fs::perms::owner_all);
}

BOOST_AUTO_TEST_CASE(a_worktree_is_a_folder_that_can_be_opened) {
  const worktree tree;
  fs::create_directory_symlink(tree.root(), tree.top() / "link");
  fs::permissions(tree.top(), fs::perms{0755});
  fs::create_directories(tree.top() / "closed/tree");
  fs::permissions(tree.top() / "closed", fs::perms::none);
  struct row {
    std::string path;
    bool good;
  };
  const auto top = tree.top().string();
  const row rows[] = {
    {tree.root(), true},           {tree.root() + '/', true},
    {top + "/link", true},         {"/", true},
    {top + "/missing", false},     {tree.root() + "/a.js", false},
    {"/dev/null", false},          {"", false},
    {top + "/closed/tree", false}, {'/' + std::string(5000, 'x'), false},
  };
  {
    const as_nobody nobody;
    for (const auto& [path, good] : rows)
      BOOST_TEST_CONTEXT(path.substr(0, 60)) {
        const auto wanted = good ? "ok" : "WORKTREE_NOT_FOUND";
        BOOST_TEST(code_of(check_worktree(path)) == wanted);
        if (!good)
          BOOST_TEST(code_of(load_source(path, "a.js", large)) == wanted);
      }
  }
  fs::permissions(tree.top() / "closed", fs::perms::owner_all);
  BOOST_TEST(must(load_source(top + "/link", "a.js", large)) == "a");
}

BOOST_AUTO_TEST_CASE(no_descriptor_stays_open) {
  const worktree tree;
  tree.link("../outside/secret.js", "leaving.js");
  const auto open_descriptors
    = [] { return std::distance(fs::directory_iterator{"/proc/self/fd"}, {}); };
  const auto before = open_descriptors();
  for (int i = 0; i < 100; ++i)
    for (const std::string name : {"a.js", "missing.js", "leaving.js", "src"})
      static_cast<void>(tree.load(name, i % 2 == 0 ? 0 : large));
  BOOST_TEST(open_descriptors() == before);
}

BOOST_AUTO_TEST_CASE(without_descriptors_nothing_is_said_to_be_missing) {
  const worktree tree;
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  // 0: not even the folder. The lowest free one: the folder, but not the file.
  const int next = ::dup(0);
  ::close(next);
  std::string codes;
  for (const int free : {0, next + 1}) {
    rlimit none = before;
    none.rlim_cur = static_cast<rlim_t>(free);
    setrlimit(RLIMIT_NOFILE, &none);
    const auto source = load_source(tree.root(), "a.js", large);
    setrlimit(RLIMIT_NOFILE, &before);
    codes += std::string{code_of(source)} + ' ';
  }
  BOOST_TEST(codes == "OVERLOADED OVERLOADED ");
  BOOST_TEST(load_source(tree.root(), "a.js", large).value() == "a");
}

BOOST_AUTO_TEST_SUITE_END()
