#include "vmsystem/persistence/rocksdb_open.hpp"
#include "vmsystem/tests/temp_folder.hpp"
#include "vmsystem/tests/unit/persistence/raw_database.hpp"
#include "vmsystem/tests/unit/persistence/support.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace vmsystem;
using namespace vmsystem::test;

namespace fs = std::filesystem;

namespace {

/// A place for a store on the disk.
struct place {
  temp_folder folder;
  std::string path = folder / "store";

  /// Opening fails with one sentence that names the path and holds `words`.
  void refuses(const std::string& words) const {
    const auto why = must_fail(open_store(path));
    BOOST_TEST((why.code == ec::internal));
    BOOST_TEST_CONTEXT(why.message) {
      BOOST_TEST(why.message.find("the store " + path + " ") == 0u);
      BOOST_TEST(why.message.find(words) != std::string::npos);
      BOOST_TEST(why.message.find('\n') == std::string::npos);
    }
  }

  /// Leaves a store with one session.
  void make() const {
    must(commit(*must(open_store(path)),
                {put_session(id_of(1), session_status::ready, "kept")}));
  }
};

/// Acts as a user who is not allowed everything.
class ordinary_user {
public:
  ordinary_user() {
    if (::geteuid() == 0)
      BOOST_TEST_REQUIRE(::seteuid(65534) == 0);
  }

  ordinary_user(const ordinary_user&) = delete;
  ordinary_user& operator=(const ordinary_user&) = delete;

  ~ordinary_user() {
    if (::getuid() == 0 && ::seteuid(0) != 0)
      BOOST_ERROR("cannot become root again");
  }
};

/// A process that holds the lock of a store.
class lock_holder {
public:
  explicit lock_holder(const std::string& path) {
    int ready[2];
    BOOST_TEST_REQUIRE(::pipe(ready) == 0);
    const auto file = path + "/LOCK";
    pid_ = ::fork();
    if (pid_ == 0) {
      const int lock_file = ::open(file.c_str(), O_RDWR | O_CREAT, 0644);
      struct flock lock {};
      lock.l_type = F_WRLCK;
      lock.l_whence = SEEK_SET;
      const char held = ::fcntl(lock_file, F_SETLK, &lock) == 0 ? 'y' : 'n';
      if (::write(ready[1], &held, 1) == 1)
        ::pause();
      ::_exit(0);
    }
    char held = 'n';
    BOOST_TEST_REQUIRE(::read(ready[0], &held, 1) == 1);
    BOOST_TEST_REQUIRE(held == 'y');
    ::close(ready[0]);
    ::close(ready[1]);
  }

  lock_holder(const lock_holder&) = delete;
  lock_holder& operator=(const lock_holder&) = delete;

  ~lock_holder() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  [[nodiscard]] pid_t pid() const noexcept {
    return pid_;
  }

private:
  pid_t pid_ = -1;
};

} // namespace

BOOST_AUTO_TEST_SUITE(opening)

BOOST_FIXTURE_TEST_CASE(missing_parents_are_made, place) {
  path = folder / "a/b/c/store";
  make();
  BOOST_TEST(must(must(open_store(path))->read()->session_document({id_of(1)}))
             == "kept");
}

BOOST_FIXTURE_TEST_CASE(a_new_store_says_its_format, place) {
  make();
  raw_database raw{path};
  BOOST_TEST(raw.get("meta", format_key) == "1");
}

BOOST_FIXTURE_TEST_CASE(a_file_is_not_taken_for_a_folder, place) {
  std::ofstream{path} << "text";
  refuses("is not a folder; name a folder for it");
}

BOOST_FIXTURE_TEST_CASE(a_path_through_a_file_cannot_be_made, place) {
  std::ofstream{folder / "file"} << "text";
  path = folder / "file/store";
  refuses("Not a directory; name a folder that this user can make");
}

BOOST_FIXTURE_TEST_CASE(an_empty_path_cannot_be_made, place) {
  path.clear();
  refuses("cannot be made");
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_cannot_be_written_is_refused, place) {
  make();
  BOOST_TEST_REQUIRE(::chmod((folder / "").c_str(), 0755) == 0);
  BOOST_TEST_REQUIRE(::chmod(path.c_str(), 0555) == 0);
  const ordinary_user user;
  refuses("cannot be written: Permission denied; make it writable");
  BOOST_TEST(must_fail(open_to_look(path))
               .message.find("cannot be written: Permission denied")
             != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_folder_that_cannot_be_made_is_refused, place) {
  fs::create_directory(folder / "closed");
  BOOST_TEST_REQUIRE(::chmod((folder / "").c_str(), 0755) == 0);
  BOOST_TEST_REQUIRE(::chmod((folder / "closed").c_str(), 0555) == 0);
  path = folder / "closed/store";
  const ordinary_user user;
  refuses("cannot be made: Permission denied; name a folder");
}

BOOST_FIXTURE_TEST_CASE(a_store_of_another_process_is_in_use, place) {
  make();
  {
    const lock_holder other{path};
    refuses("is in use by process " + std::to_string(other.pid()) + " (");
    refuses("); stop that one or name another folder");
  }
  must(open_store(path));
}

BOOST_FIXTURE_TEST_CASE(a_store_of_this_process_is_in_use, place) {
  const auto kept = must(open_store(path));
  refuses("is in use");
}

BOOST_FIXTURE_TEST_CASE(a_folder_with_other_files_is_refused, place) {
  fs::create_directory(path);
  std::ofstream{path + "/letter.txt"} << "text";
  refuses("holds other files, such as letter.txt; name an empty folder");
}

BOOST_FIXTURE_TEST_CASE(an_interrupted_creation_is_taken_up, place) {
  fs::create_directory(path);
  std::ofstream{path + "/MANIFEST-000001"} << "half";
  std::ofstream{path + "/LOG"} << "text";
  std::ofstream{path + "/LOCK"} << "";
  make();
  must(open_store(path));
}

BOOST_FIXTURE_TEST_CASE(a_creation_without_all_column_families_is_taken_up,
                        place) {
  { raw_database raw{path, {"default", "templates", "meta"}}; }
  make();
  must(open_store(path));
}

BOOST_FIXTURE_TEST_CASE(a_creation_without_a_version_is_taken_up, place) {
  { raw_database raw{path}; }
  make();
  must(open_store(path));
}

BOOST_FIXTURE_TEST_CASE(a_newer_format_is_refused_with_both_versions, place) {
  make();
  raw_database{path}.put("meta", format_key, "7");
  refuses("has format version 7 and this program knows version 1; use the "
          "program that made it");
}

BOOST_FIXTURE_TEST_CASE(a_newer_format_with_more_column_families_is_refused,
                        place) {
  make();
  auto names = raw_database::our_names();
  names.push_back("future");
  raw_database{path, names}.put("meta", format_key, "2");
  refuses("has format version 2 and this program knows version 1");
}

BOOST_FIXTURE_TEST_CASE(a_format_that_is_no_number_is_refused, place) {
  make();
  for (const auto* version : {"", "one", "1x", "99999999999", "0"}) {
    raw_database{path}.put("meta", format_key, version);
    refuses("has no readable format version; restore it from a backup");
  }
}

BOOST_FIXTURE_TEST_CASE(data_without_a_version_is_refused, place) {
  make();
  raw_database{path}.remove("meta", format_key);
  refuses("holds data without a format version; restore it from a backup");
}

BOOST_FIXTURE_TEST_CASE(a_database_of_another_program_is_left_alone, place) {
  raw_database{path, {"default"}}.put("default", "key", "value");
  refuses("was made by another program; name another folder");
  BOOST_TEST(raw_database(path, {"default"}).get("default", "key") == "value");
}

BOOST_FIXTURE_TEST_CASE(other_column_families_are_left_alone, place) {
  { raw_database raw{path, {"default", "photos"}}; }
  refuses("was made by another program; name another folder");
  raw_database{path, {"default", "photos"}};
}

BOOST_FIXTURE_TEST_CASE(a_damaged_manifest_is_reported, place) {
  make();
  for (const auto& entry : fs::directory_iterator{path})
    if (entry.path().filename().string().find("MANIFEST-") == 0)
      fs::resize_file(entry.path(), 7);
  refuses("is damaged: ");
}

BOOST_FIXTURE_TEST_CASE(a_missing_manifest_is_reported, place) {
  make();
  for (const auto& entry : fs::directory_iterator{path})
    if (entry.path().filename().string().find("MANIFEST-") == 0)
      fs::remove(entry.path());
  refuses("is damaged: ");
}

BOOST_AUTO_TEST_CASE(a_store_in_memory_lives_as_long_as_its_environment) {
  rocksdb_config config;
  config.path = "/anywhere";
  config.env = make_memory_env();
  must(commit(*must(rocksdb_store::open(config)),
              {put_template(id_of(1), "kept")}));
  BOOST_TEST(!fs::exists(config.path));
  BOOST_TEST(
    must(
      must(rocksdb_store::open(config))->read()->template_document({id_of(1)}))
    == "kept");
}

BOOST_AUTO_TEST_SUITE_END()
