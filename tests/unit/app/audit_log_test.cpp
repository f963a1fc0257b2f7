#include "vmsystem/app/audit_log.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

using vmsystem::audit_log;
using vmsystem::test::temp_folder;

namespace {

std::string bytes_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace

BOOST_AUTO_TEST_CASE(lines_are_appended_and_all_there_at_the_end) {
  const temp_folder folder;
  const auto path = folder / "audit";
  std::ofstream{path} << "before\n";
  {
    const auto log = audit_log::open(path);
    BOOST_REQUIRE(log);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i)
          log.value()->add("line\n");
      });
    for (auto& thread : threads)
      thread.join();
  }
  std::string expected = "before\n";
  for (int i = 0; i < 4000; ++i)
    expected += "line\n";
  BOOST_TEST((bytes_of(path) == expected));
}

BOOST_AUTO_TEST_CASE(a_new_file_is_its_owners) {
  using std::filesystem::perms;
  const temp_folder folder;
  const auto path = folder / "audit";
  const auto log = audit_log::open(path);
  BOOST_REQUIRE(log);
  BOOST_TEST((std::filesystem::status(path).permissions()
              == (perms::owner_read | perms::owner_write)));
}

BOOST_AUTO_TEST_CASE(a_file_that_was_renamed_gets_a_successor) {
  const temp_folder folder;
  const auto path = folder / "audit";
  {
    const auto log = audit_log::open(path);
    BOOST_REQUIRE(log);
    log.value()->add("first\n");
    std::filesystem::rename(path, folder / "old");
    log.value()->reopen();
    log.value()->add("second\n");
  }
  BOOST_TEST(bytes_of(folder / "old") == "first\n");
  BOOST_TEST(bytes_of(path) == "second\n");
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_opened_again_stays_the_old_one) {
  const temp_folder folder;
  std::filesystem::create_directory(folder / "logs");
  {
    const auto log = audit_log::open(folder / "logs/audit");
    BOOST_REQUIRE(log);
    std::filesystem::rename(folder / "logs", folder / "moved");
    log.value()->reopen();
    log.value()->add("kept\n");
  }
  BOOST_TEST(bytes_of(folder / "moved/audit") == "kept\n");
}

BOOST_AUTO_TEST_CASE(what_is_no_file_is_refused) {
  const temp_folder folder;
  for (const auto& path : {folder / "none/audit", folder.path().string()}) {
    const auto log = audit_log::open(path);
    BOOST_REQUIRE(!log);
    BOOST_TEST(log.error().message.find(path) != std::string::npos);
  }
}
