#include "vmsystem/persistence/store_log.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace vmsystem;
using namespace vmsystem::test;

namespace fs = std::filesystem;

namespace {

std::string text_of(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace

BOOST_AUTO_TEST_SUITE(store_log)

BOOST_AUTO_TEST_CASE(warnings_are_kept_and_the_rest_is_not) {
  const temp_folder folder;
  const std::string path = folder / "LOG";
  std::ofstream{path} << "of an earlier start\n";
  const auto log = make_store_log(folder.path());
  rocksdb::Info(log, "a detail");
  rocksdb::Warn(log, "%d tables", 3);
  rocksdb::Error(log, "%s", std::string(5000, 'x').c_str());
  const auto text = text_of(path);
  BOOST_TEST(text.find("of an earlier start\n") == 0u);
  BOOST_TEST(text.find("a detail") == std::string::npos);
  BOOST_TEST(text.find("[WARN] 3 tables\n") != std::string::npos);
  BOOST_TEST(text.find(std::string(1000, 'x')) != std::string::npos);
  BOOST_TEST(text.back() == '\n');
}

BOOST_AUTO_TEST_CASE(it_is_bounded) {
  const temp_folder folder;
  const std::string path = folder / "LOG";
  const auto log = make_store_log(folder.path());
  for (int i = 0; i < 3000; ++i)
    rocksdb::Warn(log, "%s", std::string(1000, 'x').c_str());
  BOOST_TEST(fs::file_size(path) < 1100000u);
  BOOST_TEST(fs::file_size(path + ".old") < 1100000u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_is_lost) {
  const auto log = make_store_log("/dev/null");
  for (int i = 0; i < 3; ++i)
    rocksdb::Warn(log, "a warning");
  const temp_folder folder;
  fs::create_symlink("/dev/full", folder / "LOG");
  const auto full = make_store_log(folder.path());
  for (int i = 0; i < 3; ++i)
    rocksdb::Warn(full, "a warning");
  BOOST_TEST(fs::is_symlink(folder / "LOG"));
}

BOOST_AUTO_TEST_SUITE_END()
