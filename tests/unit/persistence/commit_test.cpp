#include "vmsystem/tests/temp_folder.hpp"
#include "vmsystem/tests/unit/persistence/support.hpp"

#include <boost/test/unit_test.hpp>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <filesystem>
#include <string>

using namespace vmsystem;
using namespace vmsystem::test;

namespace fs = std::filesystem;

namespace {

/// A disk on which writing to logs can fail.
class failing_files : public rocksdb::FileSystemWrapper {
public:
  failing_files() : FileSystemWrapper{rocksdb::FileSystem::Default()} {}

  const char* Name() const override {
    return "failing_files";
  }

  rocksdb::IOStatus
  NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                  std::unique_ptr<rocksdb::FSWritableFile>* result,
                  rocksdb::IODebugContext* context) override {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    auto status
      = FileSystemWrapper::NewWritableFile(name, options, &file, context);
    if (status.ok())
      *result
        = std::make_unique<failing_file>(std::move(file), *this,
                                         name.find(".sst") != std::string::npos
                                           && tables_left-- <= 0);
    return status;
  }

  std::atomic<bool> full{false};
  /// Full in the middle of each write.
  std::atomic<bool> torn{false};
  std::atomic<bool> broken{false};
  std::atomic<bool> sync_fails{false};
  /// So many table files can be made before the disk is full.
  std::atomic<int> tables_left{1000};

private:
  class failing_file : public rocksdb::FSWritableFileOwnerWrapper {
  public:
    failing_file(std::unique_ptr<rocksdb::FSWritableFile> inner,
                 failing_files& disk, bool has_no_room)
      : FSWritableFileOwnerWrapper{std::move(inner)},
        disk_{disk},
        has_no_room_{has_no_room} {}

    rocksdb::IOStatus Append(const rocksdb::Slice& data,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* context) override {
      if (disk_.torn) {
        const rocksdb::Slice half{data.data(), data.size() / 2};
        FSWritableFileOwnerWrapper::Append(half, options, context)
          .PermitUncheckedError();
      }
      if (disk_.full || disk_.torn || has_no_room_)
        return rocksdb::IOStatus::NoSpace("no space left");
      if (disk_.broken)
        return rocksdb::IOStatus::IOError("the disk is broken");
      return FSWritableFileOwnerWrapper::Append(data, options, context);
    }

    rocksdb::IOStatus Append(const rocksdb::Slice& data,
                             const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo&,
                             rocksdb::IODebugContext* context) override {
      return Append(data, options, context);
    }

    rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
      if (disk_.sync_fails)
        return rocksdb::IOStatus::NoSpace("the sync failed");
      return FSWritableFileOwnerWrapper::Sync(options, context);
    }

  private:
    failing_files& disk_;
    bool has_no_room_;
  };
};

/// A store on a disk that can fail.
struct failing_disk {
  temp_folder folder;
  std::shared_ptr<failing_files> files = std::make_shared<failing_files>();
  rocksdb_config config;

  failing_disk() {
    config.path = folder / "store";
    config.env = rocksdb::NewCompositeEnv(files);
    fs::create_directory(config.path);
  }

  void heal() {
    files->full = false;
    files->torn = false;
    files->tables_left = 1000;
    files->broken = false;
    files->sync_fails = false;
  }
};

std::string sessions(store& kept) {
  return must(kept.read()->session_documents({})).array.text;
}

/// What a crash of the process leaves of a store that is open.
std::string crash(const temp_folder& folder, const std::string& path) {
  auto left = folder / "crashed";
  fs::copy(path, left);
  return left;
}

change ready_session(uint8_t number) {
  return put_session(id_of(number), session_status::ready,
                     std::to_string(number));
}

} // namespace

BOOST_AUTO_TEST_SUITE(committing)

BOOST_AUTO_TEST_CASE(malformed_changes_are_refused_before_anything_is_written) {
  const auto kept = memory_store();
  change no_id = ready_session(1);
  no_id.id = {};
  change no_text = ready_session(1);
  no_text.text.clear();
  auto no_seq = append_events(id_of(1), 0, "e");
  auto no_owner = end_execution(id_of(1), {}, "e");
  change unknown = ready_session(1);
  unknown.kind
    = static_cast<change_kind>(enum_names<change_kind>::value.size());
  const auto no_session = remove_execution(id_of(1), {});
  const auto no_document = put_batch(id_of(1), batch_status::running, "");
  const auto no_line = append_input(id_of(1), 0, 0, "{}\n");
  const auto no_input = append_input(id_of(1), 1, 0, "");
  const auto no_batch = remove(change_kind::remove_batch, {});
  auto no_key = put_key(id_of(1), "key");
  no_key.text = "{}";
  for (const auto& bad : {no_id, no_text, no_seq, no_owner, unknown, no_session,
                          no_document, no_line, no_input, no_batch, no_key}) {
    const auto why = must_fail(commit(*kept, {ready_session(2), bad}));
    BOOST_TEST((why.code == ec::validation_error));
  }
  BOOST_TEST(must_fail(commit(*kept, {no_seq})).message
             == "a change of kind append_events has no first seq");
  BOOST_TEST(sessions(*kept) == "[]");
}

BOOST_AUTO_TEST_CASE(an_empty_group_is_no_error) {
  const auto kept = memory_store();
  must(kept->commit({}, durability::sync));
  must(commit(*kept, {}));
}

BOOST_AUTO_TEST_CASE(a_group_of_sets_is_committed_in_order) {
  const auto kept = memory_store();
  const change_set first{{ready_session(1), ready_session(2)}};
  const change_set second{{put_session(id_of(1), session_status::closed, "x")}};
  must(kept->commit({&first, &second}, durability::sync));
  BOOST_TEST(sessions(*kept) == "[2,\nx]");
}

BOOST_AUTO_TEST_CASE(a_store_that_was_closed_has_everything_again) {
  for (const auto how :
       {durability::sync, durability::async, durability::off}) {
    const temp_folder folder;
    const auto path = folder / "store";
    must(commit(*must(open_store(path)), {ready_session(1), ready_session(2)},
                how));
    BOOST_TEST(sessions(*must(open_store(path))) == "[2,\n1]");
  }
}

BOOST_AUTO_TEST_CASE(a_process_that_dies_loses_nothing_that_was_logged) {
  for (const auto how : {durability::sync, durability::async}) {
    const temp_folder folder;
    const auto path = folder / "store";
    const auto kept = must(open_store(path));
    must(commit(*kept, {ready_session(1)}, how));
    must(
      commit(*kept, {ready_session(2), append_events(id_of(9), 1, "e")}, how));
    const auto again = must(open_store(crash(folder, path)));
    BOOST_TEST(sessions(*again) == "[2,\n1]");
    BOOST_TEST(must(again->read()->last_event_seq({id_of(9)})) == 1u);
  }
}

BOOST_AUTO_TEST_CASE(without_a_log_a_crash_leaves_what_was_flushed) {
  const temp_folder folder;
  const auto path = folder / "store";
  const auto kept = must(open_store(path));
  must(commit(*kept, {ready_session(1)}, durability::off));
  must(kept->flush());
  must(commit(*kept, {ready_session(2)}, durability::off));
  const auto again = must(open_store(crash(folder, path)));
  BOOST_TEST(sessions(*again) == "[1]");
}

BOOST_AUTO_TEST_CASE(a_torn_log_ends_with_the_last_whole_group) {
  const temp_folder folder;
  const auto path = folder / "store";
  const auto kept = must(open_store(path));
  for (uint8_t i = 1; i <= 3; ++i)
    must(commit(*kept, {ready_session(i),
                        ready_session(static_cast<uint8_t>(i + 10))}));
  const auto left = crash(folder, path);
  for (const auto& entry : fs::directory_iterator{left})
    if (entry.path().extension() == ".log" && fs::file_size(entry.path()) > 0)
      fs::resize_file(entry.path(), fs::file_size(entry.path()) - 3);
  BOOST_TEST(sessions(*must(open_store(left))) == "[12,\n11,\n2,\n1]");
}

BOOST_AUTO_TEST_CASE(flushing_is_no_error_whatever_was_written) {
  const auto kept = memory_store();
  must(kept->flush());
  for (const auto how :
       {durability::sync, durability::async, durability::off}) {
    must(commit(*kept, {ready_session(1)}, how));
    must(kept->flush());
  }
}

BOOST_FIXTURE_TEST_CASE(a_full_disk_costs_the_commits_of_that_time_only,
                        failing_disk) {
  {
    const auto kept = must(rocksdb_store::open(config));
    must(commit(*kept, {ready_session(1)}));
    files->full = true;
    for (int i = 0; i < 3; ++i) {
      const auto why
        = must_fail(commit(*kept, {ready_session(2), ready_session(3)}));
      BOOST_TEST((why.code == ec::internal));
      BOOST_TEST_CONTEXT(why.message)
      BOOST_TEST(why.message.find("space") != std::string::npos);
    }
    BOOST_TEST(sessions(*kept) == "[1]");
    heal();
    must(commit(*kept, {ready_session(4)}));
    BOOST_TEST(sessions(*kept) == "[4,\n1]");
  }
  BOOST_TEST(sessions(*must(rocksdb_store::open(config))) == "[4,\n1]");
}

BOOST_FIXTURE_TEST_CASE(a_group_whose_sync_failed_does_not_come_back,
                        failing_disk) {
  {
    const auto kept = must(rocksdb_store::open(config));
    must(commit(*kept, {ready_session(1)}));
    files->sync_fails = true;
    must_fail(commit(*kept, {ready_session(2)}));
    BOOST_TEST(sessions(*kept) == "[1]");
    heal();
    must(commit(*kept, {ready_session(3)}));
    BOOST_TEST(sessions(*kept) == "[3,\n1]");
  }
  BOOST_TEST(sessions(*must(rocksdb_store::open(config))) == "[3,\n1]");
}

BOOST_FIXTURE_TEST_CASE(a_full_disk_with_nothing_in_memory_needs_a_new_start,
                        failing_disk) {
  {
    const auto kept = must(rocksdb_store::open(config));
    must(commit(*kept, {ready_session(1)}, durability::off));
    must(kept->flush());
    files->full = true;
    must_fail(commit(*kept, {ready_session(2)}));
    heal();
    for (int i = 0; i < 3; ++i) {
      const auto why = must_fail(commit(*kept, {ready_session(3)}));
      BOOST_TEST((why.code == ec::internal));
      BOOST_TEST(why.message.find("until vm-system is started again")
                 != std::string::npos);
      BOOST_TEST(why.message.find("No space") != std::string::npos);
      must_fail(kept->flush());
    }
    BOOST_TEST(sessions(*kept) == "[1]");
  }
  const auto again = must(rocksdb_store::open(config));
  must(commit(*again, {ready_session(4)}));
  BOOST_TEST(sessions(*again) == "[4,\n1]");
}

BOOST_FIXTURE_TEST_CASE(a_disk_that_took_half_of_a_flush_opens_again,
                        failing_disk) {
  for (const int tables : {1, 2, 3}) {
    config.path = folder / std::to_string(tables);
    fs::create_directory(config.path);
    {
      const auto kept = must(rocksdb_store::open(config));
      must(commit(*kept, {ready_session(1), put_template(id_of(2), "1"),
                          append_events(id_of(3), 1, "e")}));
      files->torn = true;
      must_fail(commit(*kept, {ready_session(4)}));
      files->torn = false;
      files->tables_left = tables;
      must_fail(commit(*kept, {ready_session(5)}));
      heal();
    }
    const auto again = must(rocksdb_store::open(config));
    BOOST_TEST(sessions(*again) == "[1]");
    must(commit(*again, {ready_session(6)}));
    BOOST_TEST(sessions(*again) == "[6,\n1]");
  }
}

BOOST_FIXTURE_TEST_CASE(a_broken_disk_needs_a_new_start, failing_disk) {
  {
    const auto kept = must(rocksdb_store::open(config));
    must(commit(*kept, {ready_session(1)}));
    files->broken = true;
    must_fail(commit(*kept, {ready_session(2)}));
    heal();
    const auto why = must_fail(commit(*kept, {ready_session(3)}));
    BOOST_TEST((why.code == ec::internal));
    BOOST_TEST(why.message.find("the store takes no writes") == 0u);
    BOOST_TEST(sessions(*kept) == "[1]");
  }
  BOOST_TEST(sessions(*must(rocksdb_store::open(config))) == "[1]");
}

BOOST_AUTO_TEST_SUITE_END()
