#include "vmsystem/persistence/store_upkeep.hpp"
#include "vmsystem/tests/unit/persistence/sound_store.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace vmsystem;
using namespace vmsystem::test;

namespace fs = std::filesystem;

namespace {

using lines = std::vector<std::string>;

struct repairable : sound_store {
  lines told;

  repair_report repair() {
    told.clear();
    return must(repair_store(path, [&](const store_damage& fault) {
      told.push_back(fault.to_string());
    }));
  }

  /// Checks that a repaired store is one that can be served.
  void serves() const {
    const auto view = must(open_store(path))->read();
    must(view->unfinished());
    must(view->template_documents());
    must(view->session_documents({}));
  }

  /// Checks that all of the store is still there.
  void has_all() const {
    const auto view = must(open_store(path))->read();
    BOOST_TEST(must(view->template_document({id_of(1)})) == template_text());
    BOOST_TEST(must(view->execution_document({id_of(4)})) == ended().text);
    BOOST_TEST(must(view->last_event_seq({id_of(4)})) == 3u);
    BOOST_TEST(must(view->batch_results({jobs})).count == 2u);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(backups, sound_store)

BOOST_AUTO_TEST_CASE(a_restored_store_holds_what_was_backed_up) {
  const auto first = must(back_up_store(path, folder / "backups"));
  BOOST_TEST(first.number == 1u);
  must(commit(*must(open_store(path)), {remove_template(id_of(1))}));
  BOOST_TEST(must(back_up_store(path, folder / "backups")).number == 2u);

  const auto restored = folder / "restored";
  BOOST_TEST(must(restore_store(folder / "backups", 1, restored)).number == 1u);
  BOOST_TEST(
    must(must(open_store(restored))->read()->template_document({id_of(1)}))
    == template_text());
  path = restored;
  BOOST_TEST(faults().empty());
  const auto newest = folder / "newest";
  BOOST_TEST(must(restore_store(folder / "backups", 0, newest)).number == 2u);
  must_fail(must(open_store(newest))->read()->template_document({id_of(1)}));
}

BOOST_AUTO_TEST_CASE(a_store_that_is_there_is_not_replaced) {
  must(back_up_store(path, folder / "backups"));
  const auto why = must_fail(restore_store(folder / "backups", 0, path));
  BOOST_TEST(why.message.find("something is there; move it away")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(backups_that_are_not_there_are_named) {
  BOOST_TEST(must_fail(restore_store(folder / "none", 0, folder / "restored"))
               .message.find(folder / "none")
             != std::string::npos);
  must(back_up_store(path, folder / "backups"));
  BOOST_TEST(
    must_fail(restore_store(folder / "backups", 7, folder / "restored"))
      .message.find("has no backup 7; it has 1")
    != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_damaged_backup_is_not_restored) {
  must(back_up_store(path, folder / "backups"));
  for (const auto& entry : fs::recursive_directory_iterator{folder / "backups"})
    if (entry.path().extension() == ".sst")
      spoil(entry.path());
  const auto why
    = must_fail(restore_store(folder / "backups", 0, folder / "restored"));
  BOOST_TEST(why.message.find("is damaged") != std::string::npos, why.message);
  BOOST_TEST(!fs::exists(folder / "restored"));
}

BOOST_AUTO_TEST_CASE(a_backup_is_not_put_into_the_store) {
  const auto why = must_fail(back_up_store(path, path + "/backups"));
  BOOST_TEST(why.message.find("lies in the store") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(there_must_be_a_store) {
  const auto none = folder / "none";
  for (const auto& why :
       {must_fail(back_up_store(none, folder / "backups")),
        must_fail(open_to_look(none)), must_fail(repair_store(none, {}))})
    BOOST_TEST(why.message == "there is no store at " + none);
  BOOST_TEST(!fs::exists(none));
}

BOOST_AUTO_TEST_CASE(a_store_that_is_open_is_left_alone) {
  const auto open = must(open_store(path));
  for (const auto& why :
       {must_fail(back_up_store(path, folder / "backups")),
        must_fail(open_to_look(path)), must_fail(repair_store(path, {}))})
    BOOST_TEST(why.message.find("is in use by this process; stop that one")
                 != std::string::npos,
               why.message);
}

BOOST_AUTO_TEST_CASE(a_look_keeps_others_out) {
  const auto looking = must(open_to_look(path));
  BOOST_TEST(must_fail(open_store(path)).message.find("is in use by")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(keys_and_bytes_are_counted) {
  make_tables();
  const auto opened = must(open_to_look(path));
  const auto all = must(measure_store(*opened.database));
  BOOST_TEST_REQUIRE(all.size() == family_names.size());
  const auto& events = all[static_cast<std::size_t>(family::events)];
  BOOST_TEST(events.keys == 3u);
  BOOST_TEST(events.bytes
             == 3 * 20 + events_text(1, 2).size() + events_text(3, 3).size()
                  + event_text(id_of(5), 1).size());
  BOOST_TEST(events.table_bytes > 0u);
  BOOST_TEST(all[static_cast<std::size_t>(family::executions)].keys == 4u);
  BOOST_TEST(all[static_cast<std::size_t>(family::unnamed)].keys == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(repairs, repairable)

BOOST_AUTO_TEST_CASE(a_sound_store_is_left_alone) {
  const auto report = repair();
  BOOST_TEST(report.copy.empty());
  BOOST_TEST(report.after.faults == 0u);
  BOOST_TEST(told.empty());
  has_all();
}

BOOST_AUTO_TEST_CASE(indexes_are_written_anew) {
  {
    auto db = raw();
    db.remove("indexes", index_entry(index_kind::execution_of_session, id_of(2),
                                     id_of(4)));
    db.put("indexes", index_entry(index_kind::session, id_of(99)), "\x01");
  }
  const auto report = repair();
  BOOST_TEST(report.mended == 2u);
  BOOST_TEST(report.after.faults == 0u);
  BOOST_TEST(report.damage.empty());
  BOOST_TEST(told.size() == 2u);
  BOOST_TEST(faults().empty());
  has_all();
  BOOST_TEST(fs::exists(report.copy + "/CURRENT"));
}

BOOST_AUTO_TEST_CASE(a_record_that_cannot_be_decoded_goes_with_what_it_had) {
  raw().put("executions", id_of(4).view(), "{");
  const auto report = repair();
  BOOST_TEST(report.after.faults == 0u);
  // The record, its index, two runs of events, and both sides of its key.
  BOOST_TEST(report.mended == 6u);
  BOOST_TEST(faults().empty());
  serves();
}

BOOST_AUTO_TEST_CASE(what_is_lost_for_good_is_said) {
  raw().remove("events", events_key(id_of(4), 1));
  const auto report = repair();
  BOOST_TEST(report.mended == 0u);
  BOOST_TEST(report.after.faults == 1u);
  BOOST_TEST(told.size() == 1u);
  serves();
}

BOOST_AUTO_TEST_CASE(a_lost_manifest_costs_nothing) {
  for (const bool tables : {false, true}) {
    if (tables)
      make_tables();
    fs::remove(manifest());
    const auto report = repair();
    BOOST_TEST(!report.damage.empty());
    BOOST_TEST(report.after.faults == 0u);
    BOOST_TEST(faults().empty());
    has_all();
    serves();
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_manifest_costs_nothing) {
  make_tables();
  fs::resize_file(manifest(), 7);
  BOOST_TEST(faults().size() == 1u);
  BOOST_TEST(repair().after.faults == 0u);
  BOOST_TEST(faults().empty());
  has_all();
}

BOOST_AUTO_TEST_CASE(a_lost_current_file_costs_nothing) {
  make_tables();
  fs::remove(path + "/CURRENT");
  const auto why = must_fail(open_store(path)).message;
  BOOST_TEST(why.find("it has tables, but no file CURRENT")
             != std::string::npos);
  BOOST_TEST(why.find("vm-system db repair") != std::string::npos);
  BOOST_TEST(repair().after.faults == 0u);
  has_all();
}

BOOST_AUTO_TEST_CASE(a_torn_log_costs_its_last_group) {
  must(commit(*must(open_store(path)), {put_template(id_of(9), "torn")}));
  const auto log = files(".log").back();
  fs::resize_file(log, fs::file_size(log) - 3);
  BOOST_TEST(faults().empty());
  has_all();
  must_fail(must(open_store(path))->read()->template_document({id_of(9)}));
}

BOOST_AUTO_TEST_CASE(a_lost_table_costs_what_it_held) {
  make_tables();
  const auto held = files(".sst").size();
  fs::remove(files(".sst").front());
  const auto why = must_fail(open_store(path)).message;
  BOOST_TEST(why.find("is damaged: ") != std::string::npos, why);
  BOOST_TEST(why.find("vm-system db repair") != std::string::npos, why);
  const auto report = repair();
  BOOST_TEST(report.copy == path + ".before-repair-1");
  BOOST_TEST(held > 1u);
  serves();
}

BOOST_AUTO_TEST_CASE(damaged_tables_are_put_aside_and_the_copy_stays) {
  make_tables();
  const auto damaged = files(".sst");
  for (const auto& file : damaged)
    spoil(file);
  const auto report = repair();
  BOOST_TEST(!report.damage.empty());
  BOOST_TEST(!report.lost_files.empty());
  BOOST_TEST(report.after.readable);
  for (const auto& file : damaged)
    BOOST_TEST(fs::exists(fs::path{report.copy} / file.filename()));
  serves();
}

BOOST_AUTO_TEST_CASE(a_second_repair_has_a_copy_of_its_own) {
  for (int i = 1; i <= 2; ++i) {
    raw().put("meta", "colour", "red");
    BOOST_TEST(repair().copy == path + ".before-repair-" + std::to_string(i));
  }
}

BOOST_AUTO_TEST_CASE(a_newer_format_is_not_repaired) {
  raw().put("meta", format_key, "7");
  for (const auto& why :
       {must_fail(open_to_look(path)), must_fail(repair_store(path, {}))})
    BOOST_TEST(why.message.find("has format version 7 and this program knows "
                                "version 1")
               != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_database_of_another_program_is_not_repaired) {
  const auto other = folder / "other";
  raw_database{other, {"default"}}.put("default", "key", "value");
  BOOST_TEST(must_fail(repair_store(other, {}))
               .message.find("was made by another program")
             != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
