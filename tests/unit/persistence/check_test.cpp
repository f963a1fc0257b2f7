#include "vmsystem/tests/unit/persistence/sound_store.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

const std::string session_name = id_of(2).to_string();
const std::string execution_name = id_of(4).to_string();
const std::string batch_name = id_of(6).to_string();

using lines = std::vector<std::string>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(checking, sound_store)

BOOST_AUTO_TEST_CASE(a_sound_store_has_no_faults) {
  BOOST_TEST(faults() == lines{}, boost::test_tools::per_element());
  make_tables();
  BOOST_TEST(faults() == lines{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_check_changes_nothing) {
  const auto files_before = files("").size();
  const auto log = std::filesystem::file_size(files(".log").front());
  BOOST_TEST(faults().empty());
  BOOST_TEST(files("").size() == files_before);
  BOOST_TEST(std::filesystem::file_size(files(".log").front()) == log);
}

BOOST_AUTO_TEST_CASE(documents_that_cannot_be_decoded_are_named) {
  {
    auto db = raw();
    db.put("templates", id_of(1).view(), "{");
    db.put("sessions", id_of(2).view(), R"({"id":7})");
    db.put("executions", id_of(4).view(), "[]");
    db.put("batches", id_of(6).view(), "null");
  }
  const auto all = faults();
  for (const auto& [where, id] :
       {std::pair<std::string, raw_id>{"templates", id_of(1)},
        {"sessions", id_of(2)},
        {"executions", id_of(4)},
        {"batches", id_of(6)}}) {
    const auto begin = where + '/' + id.to_string() + " cannot be decoded: ";
    const auto found = std::find_if(all.begin(), all.end(), [&](auto& line) {
      return line.rfind(begin, 0) == 0;
    });
    BOOST_TEST((found != all.end()), begin);
  }
}

BOOST_AUTO_TEST_CASE(a_record_under_the_id_of_another_is_named) {
  raw().put("templates", id_of(9).view(), template_text());
  BOOST_TEST(faults()
               == lines{"templates/" + id_of(9).to_string()
                        + " holds the record of " + id_of(1).to_string()},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(indexes_that_are_missing_are_named) {
  {
    auto db = raw();
    db.remove("indexes", index_entry(index_kind::execution_of_session, id_of(2),
                                     id_of(4)));
    db.remove("indexes", index_entry(index_kind::running_execution, id_of(5)));
    db.remove("indexes", index_entry(index_kind::session, id_of(2)));
    db.remove("indexes", index_entry(index_kind::live_session, id_of(2)));
    db.remove("indexes", index_entry(index_kind::batch, id_of(6)));
    db.remove("indexes", index_entry(index_kind::unfinished_batch, id_of(6)));
  }
  BOOST_TEST(faults()
               == (lines{"indexes/s/" + session_name + " is missing",
                         "indexes/l/" + session_name + " is missing",
                         "indexes/e/" + session_name + '/' + execution_name
                           + " is missing",
                         "indexes/r/" + id_of(5).to_string() + " is missing",
                         "indexes/b/" + batch_name + " is missing",
                         "indexes/u/" + batch_name + " is missing"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(indexes_that_say_something_else_are_named) {
  {
    auto db = raw();
    db.put("indexes", index_entry(index_kind::session, id_of(2)), "\x03");
    db.put("indexes",
           index_entry(index_kind::execution_of_session, id_of(2), id_of(4)),
           "\x02\x02");
  }
  BOOST_TEST(faults()
               == (lines{"indexes/s/" + session_name
                           + " contradicts its record",
                         "indexes/e/" + session_name + '/' + execution_name
                           + " contradicts its record"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(indexes_of_nothing_are_named) {
  const auto nobody = id_of(99);
  {
    auto db = raw();
    for (const auto kind :
         {index_kind::session, index_kind::running_execution,
          index_kind::live_session, index_kind::batch,
          index_kind::unfinished_batch, index_kind::key_of_execution})
      db.put("indexes", index_entry(kind, nobody), "x");
    db.put("indexes",
           index_entry(index_kind::execution_of_session, id_of(2), nobody),
           "\x01\x02");
    // Another session than the record's, an execution that is over, and a
    // session that is closed.
    db.put("indexes",
           index_entry(index_kind::execution_of_session, id_of(200), id_of(4)),
           "\x01\x02");
    db.put("indexes", index_entry(index_kind::running_execution, id_of(4)), "");
    db.put("indexes", index_entry(index_kind::live_session, id_of(200)), "");
    db.put("indexes", "?", "");
    db.put("indexes", "kagain", "{}");
    db.put("indexes", "ktwice",
           R"({"execution_id":")" + execution_name + R"(","fingerprint":"f"})");
  }
  BOOST_TEST(faults().size() == 13u);
}

BOOST_AUTO_TEST_CASE(events_that_are_missing_are_named) {
  raw().remove("events", events_key(id_of(4), 1));
  BOOST_TEST(faults()
               == lines{"events/" + execution_name + "/3 follows the event 0"},
             boost::test_tools::per_element());
  raw().remove("events", events_key(id_of(4), 3));
  BOOST_TEST(faults()
               == lines{"executions/" + execution_name
                        + " has 3 events, of which 0 are stored"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(events_of_nothing_are_named) {
  {
    auto db = raw();
    db.put("events", events_key(id_of(3), 1), event_text(id_of(3), 1));
    db.put("events", events_key(id_of(99), 1), event_text(id_of(99), 1));
    db.put("events", events_key(id_of(4), 4), event_text(id_of(5), 4));
  }
  const auto all = faults();
  BOOST_TEST_REQUIRE(all.size() == 4u);
  BOOST_TEST(all[0]
             == "events/" + id_of(3).to_string()
                  + "/1 is of an execution that is not stored");
  BOOST_TEST(all[1]
             == "events/" + execution_name
                  + "/4 holds the event 4 of something else");
  BOOST_TEST(all[2]
             == "executions/" + execution_name
                  + " has 3 events, of which 4 are stored");
}

BOOST_AUTO_TEST_CASE(an_event_that_cannot_be_decoded_is_named) {
  raw().put("events", events_key(id_of(4), 3), "{\"seq\":");
  const auto all = faults();
  BOOST_TEST_REQUIRE(all.size() == 1u);
  BOOST_TEST(all[0].rfind("events/" + execution_name
                            + "/3 holds the event 3, which cannot be decoded: ",
                          0)
             == 0u);
}

BOOST_AUTO_TEST_CASE(an_execution_without_its_session_is_named) {
  {
    auto db = raw();
    db.remove("sessions", id_of(200).view());
    db.remove("indexes", index_entry(index_kind::session, id_of(200)));
  }
  const auto all = faults();
  BOOST_TEST_REQUIRE(all.size() == 2u);
  BOOST_TEST(all[0]
             == "executions/" + job_execution_id(jobs, 0).to_string()
                  + " is of the session " + id_of(200).to_string()
                  + ", which is not stored");
}

BOOST_AUTO_TEST_CASE(input_that_is_missing_is_named) {
  store_key key;
  key.add(id_of(6)).add(uint32_t{1}).add(uint32_t{0});
  raw().remove("batches", key.view());
  BOOST_TEST(faults() == lines{"batches/" + batch_name + "/3/2 follows line 0"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(keys_that_no_store_has_are_named) {
  {
    auto db = raw();
    db.put("templates", "short", "{}");
    db.put("default", "x", "y");
    db.put("meta", "colour", "red");
    db.put("events", id_of(4).view(), "no seq");
  }
  BOOST_TEST(faults().size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_damaged_table_is_named_and_ends_the_check) {
  make_tables();
  for (const auto& file : files(".sst"))
    spoil(file);
  const auto all = faults();
  BOOST_TEST_REQUIRE(!all.empty());
  for (const auto& line : all)
    BOOST_TEST(line.find("Corruption") != std::string::npos, line);
}

BOOST_AUTO_TEST_SUITE_END()
