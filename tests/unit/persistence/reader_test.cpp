#include "vmsystem/tests/unit/persistence/support.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

const raw_id session_a = id_of(1);
const raw_id session_b = id_of(2);

/// Executions 10 to 14 of session a, the newest of which failed and the oldest
/// of which is a file; one of session b.
struct filled {
  std::shared_ptr<rocksdb_store> kept = memory_store();

  filled() {
    must(commit(*kept,
                {put_session(session_a, session_status::ready, "a"),
                 put_session(session_b, session_status::closed, "b"),
                 end_execution(id_of(10), session_a, "10", execution_status::ok,
                               execution_kind::run_file),
                 end_execution(id_of(11), session_a, "11"),
                 end_execution(id_of(12), session_a, "12"),
                 end_execution(id_of(13), session_a, "13"),
                 end_execution(id_of(14), session_a, "14",
                               execution_status::error),
                 end_execution(id_of(20), session_b, "20"),
                 append_events(id_of(10), 1, "e1,\ne2,\ne3"),
                 append_events(id_of(10), 4, "e4"),
                 append_events(id_of(10), 5, "e5,\ne6"),
                 append_events(id_of(12), 1, "other")}));
  }

  execution_filter of_session(raw_id id) const {
    execution_filter filter;
    filter.session.raw = id;
    return filter;
  }

  std::string events(raw_id execution, uint32_t after_seq,
                     uint32_t limit = 0) const {
    return must(kept->read()->event_documents({{execution}, after_seq, limit}));
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(reader)

BOOST_AUTO_TEST_CASE(what_is_not_there_is_not_found_and_named) {
  const auto kept = memory_store();
  const auto view = kept->read();
  const auto id = id_of(7);
  const auto no_template = must_fail(view->template_document({id}));
  BOOST_TEST((no_template.code == ec::template_not_found));
  BOOST_TEST(no_template.details.text
             == R"({"template_id":")" + id.to_string() + R"("})");
  const auto no_session = must_fail(view->session_document({id}));
  BOOST_TEST((no_session.code == ec::session_not_found));
  BOOST_TEST(no_session.message == "there is no session " + id.to_string());
  const auto no_execution = must_fail(view->execution_document({id}));
  BOOST_TEST((no_execution.code == ec::execution_not_found));
  execution_filter filter;
  filter.session.raw = id;
  BOOST_TEST((must_fail(view->execution_documents(filter)).code
              == ec::session_not_found));
  const auto no_batch = must_fail(view->batch_document({id}));
  BOOST_TEST((no_batch.code == ec::batch_not_found));
  BOOST_TEST(no_batch.details.text
             == R"({"batch_id":")" + id.to_string() + R"("})");
  BOOST_TEST((must_fail(view->event_documents({{id}, 0, 0})).code
              == ec::execution_not_found));
  BOOST_TEST(
    (must_fail(view->template_document({})).code == ec::template_not_found));
}

BOOST_AUTO_TEST_CASE(an_empty_store_has_empty_lists) {
  const auto kept = memory_store();
  const auto view = kept->read();
  BOOST_TEST(must(view->template_documents()).empty());
  BOOST_TEST(must(view->session_documents({})).array.text == "[]");
  const auto work = must(view->unfinished());
  BOOST_TEST(work.executions.empty());
  BOOST_TEST(work.sessions.empty());
  BOOST_TEST(work.newest.nil());
  BOOST_TEST(must(view->last_event_seq({id_of(1)})) == 0u);
}

BOOST_AUTO_TEST_CASE(templates_are_listed_newest_first_until_removed) {
  const auto kept = memory_store();
  must(
    commit(*kept, {put_template(id_of(1), "one"), put_template(id_of(2), "two"),
                   put_template(id_of(1), "one again")}));
  auto all = must(kept->read()->template_documents());
  BOOST_TEST_REQUIRE(all.size() == 2u);
  BOOST_TEST(all[0].text == "two");
  BOOST_TEST((all[0].id == id_of(2)));
  BOOST_TEST(all[1].text == "one again");
  BOOST_TEST(must(kept->read()->template_document({id_of(2)})) == "two");
  must(commit(*kept, {remove_template(id_of(2)), remove_template(id_of(9))}));
  all = must(kept->read()->template_documents());
  BOOST_TEST_REQUIRE(all.size() == 1u);
  BOOST_TEST((must_fail(kept->read()->template_document({id_of(2)})).code
              == ec::template_not_found));
}

BOOST_AUTO_TEST_CASE(sessions_are_listed_newest_first_by_their_latest_status) {
  const auto kept = memory_store();
  must(commit(*kept, {put_session(id_of(1), session_status::ready, "1"),
                      put_session(id_of(2), session_status::starting, "2"),
                      put_session(id_of(3), session_status::ready, "3")}));
  must(commit(*kept, {put_session(id_of(1), session_status::closed, "1c")}));
  const auto view = kept->read();
  BOOST_TEST(must(view->session_documents({})).array.text == "[3,\n2,\n1c]");
  const auto ready
    = must(view->session_documents({true, session_status::ready}));
  BOOST_TEST(ready.array.text == "[3]");
  BOOST_TEST(ready.next.nil());
  BOOST_TEST(
    must(view->session_documents({true, session_status::crashed})).array.text
    == "[]");
  BOOST_TEST(must(view->session_document({id_of(1)})) == "1c");
}

BOOST_AUTO_TEST_CASE(a_list_longer_than_one_read_is_complete) {
  const auto kept = memory_store();
  change_set set;
  for (int i = 0; i < 300; ++i)
    set.changes.push_back(put_session(raw_id::generate(), session_status::ready,
                                      std::to_string(i)));
  must(kept->commit({&set}, durability::sync));
  std::string newest_first = "[299";
  for (int i = 298; i >= 0; --i)
    newest_first.append(",\n").append(std::to_string(i));
  BOOST_TEST(must(kept->read()->session_documents({})).array.text
             == newest_first + "]");
}

BOOST_FIXTURE_TEST_CASE(executions_are_those_of_the_session, filled) {
  const auto view = kept->read();
  const auto a = must(view->execution_documents(of_session(session_a)));
  BOOST_TEST(a.array.text == "[14,\n13,\n12,\n11,\n10]");
  BOOST_TEST(a.next.nil());
  const auto b = must(view->execution_documents(of_session(session_b)));
  BOOST_TEST(b.array.text == "[20]");
  BOOST_TEST(must(view->execution_document({id_of(12)})) == "12");
}

BOOST_FIXTURE_TEST_CASE(pages_of_executions_join_without_gap_or_overlap,
                        filled) {
  const auto view = kept->read();
  auto filter = of_session(session_a);
  filter.limit = 2;
  auto page = must(view->execution_documents(filter));
  BOOST_TEST(page.array.text == "[14,\n13]");
  BOOST_TEST((page.next == id_of(13)));
  filter.cursor.raw = page.next;
  page = must(view->execution_documents(filter));
  BOOST_TEST(page.array.text == "[12,\n11]");
  filter.cursor.raw = page.next;
  page = must(view->execution_documents(filter));
  BOOST_TEST(page.array.text == "[10]");
  BOOST_TEST(page.next.nil());
}

BOOST_FIXTURE_TEST_CASE(a_page_that_ends_with_the_oldest_has_no_next, filled) {
  auto filter = of_session(session_a);
  filter.limit = 5;
  BOOST_TEST(must(kept->read()->execution_documents(filter)).next.nil());
}

BOOST_FIXTURE_TEST_CASE(a_cursor_need_not_be_an_execution, filled) {
  auto filter = of_session(session_a);
  filter.cursor.raw = greatest_id();
  BOOST_TEST(must(kept->read()->execution_documents(filter)).array.text
             == "[14,\n13,\n12,\n11,\n10]");
  filter.cursor.raw = id_of(9);
  BOOST_TEST(must(kept->read()->execution_documents(filter)).array.text
             == "[]");
}

BOOST_FIXTURE_TEST_CASE(executions_are_filtered_by_status_and_kind, filled) {
  const auto view = kept->read();
  auto filter = of_session(session_a);
  filter.by_status = true;
  filter.status = execution_status::ok;
  filter.limit = 3;
  auto page = must(view->execution_documents(filter));
  BOOST_TEST(page.array.text == "[13,\n12,\n11]");
  BOOST_TEST((page.next == id_of(11)));
  filter.by_kind = true;
  filter.kind = execution_kind::run_file;
  page = must(view->execution_documents(filter));
  BOOST_TEST(page.array.text == "[10]");
  filter.status = execution_status::cancelled;
  BOOST_TEST(must(view->execution_documents(filter)).array.text == "[]");
}

BOOST_FIXTURE_TEST_CASE(a_limit_out_of_range_is_refused, filled) {
  auto filter = of_session(session_a);
  for (const uint32_t limit : {0u, 1001u, UINT32_MAX}) {
    filter.limit = limit;
    BOOST_TEST((must_fail(kept->read()->execution_documents(filter)).code
                == ec::validation_error));
  }
  filter.limit = 1000;
  must(kept->read()->execution_documents(filter));
}

BOOST_FIXTURE_TEST_CASE(events_of_all_chunks_are_one_array, filled) {
  BOOST_TEST(events(id_of(10), 0) == "[e1,\ne2,\ne3,\ne4,\ne5,\ne6]");
  BOOST_TEST(events(id_of(12), 0) == "[other]");
}

BOOST_FIXTURE_TEST_CASE(events_begin_behind_any_seq, filled) {
  BOOST_TEST(events(id_of(10), 1) == "[e2,\ne3,\ne4,\ne5,\ne6]");
  BOOST_TEST(events(id_of(10), 3) == "[e4,\ne5,\ne6]");
  BOOST_TEST(events(id_of(10), 4) == "[e5,\ne6]");
  BOOST_TEST(events(id_of(10), 5) == "[e6]");
}

BOOST_FIXTURE_TEST_CASE(behind_the_last_event_there_are_none, filled) {
  BOOST_TEST(events(id_of(10), 6) == "[]");
  BOOST_TEST(events(id_of(10), 7) == "[]");
  BOOST_TEST(events(id_of(10), UINT32_MAX) == "[]");
}

BOOST_FIXTURE_TEST_CASE(a_limit_cuts_events_anywhere, filled) {
  BOOST_TEST(events(id_of(10), 0, 1) == "[e1]");
  BOOST_TEST(events(id_of(10), 0, 3) == "[e1,\ne2,\ne3]");
  BOOST_TEST(events(id_of(10), 1, 4) == "[e2,\ne3,\ne4,\ne5]");
  BOOST_TEST(events(id_of(10), 4, 100) == "[e5,\ne6]");
}

BOOST_FIXTURE_TEST_CASE(an_execution_without_events_has_an_empty_array,
                        filled) {
  BOOST_TEST(events(id_of(11), 0) == "[]");
  BOOST_TEST(events(id_of(11), 5, 5) == "[]");
}

BOOST_FIXTURE_TEST_CASE(the_last_seq_counts_the_last_chunk, filled) {
  const auto view = kept->read();
  BOOST_TEST(must(view->last_event_seq({id_of(10)})) == 6u);
  BOOST_TEST(must(view->last_event_seq({id_of(12)})) == 1u);
  BOOST_TEST(must(view->last_event_seq({id_of(11)})) == 0u);
}

BOOST_AUTO_TEST_CASE(unfinished_is_what_began_and_did_not_end) {
  const auto kept = memory_store();
  must(commit(*kept, {put_template(id_of(90), "t"),
                      put_session(id_of(1), session_status::ready, "s1"),
                      put_session(id_of(2), session_status::starting, "s2"),
                      put_session(id_of(3), session_status::ready, "s3"),
                      put_session(id_of(4), session_status::crashed, "s4"),
                      begin_execution(id_of(10), id_of(1), "10"),
                      begin_execution(id_of(11), id_of(1), "11"),
                      end_execution(id_of(12), id_of(1), "12")}));
  auto ended = end_execution(id_of(10), id_of(1), "10 ended");
  ended.had_begun = true;
  must(commit(*kept,
              {ended, put_session(id_of(3), session_status::closed, "s3c")}));
  const auto work = must(kept->read()->unfinished());
  BOOST_TEST_REQUIRE(work.executions.size() == 1u);
  BOOST_TEST(work.executions[0].text == "11");
  BOOST_TEST((work.executions[0].id == id_of(11)));
  BOOST_TEST_REQUIRE(work.sessions.size() == 2u);
  BOOST_TEST(work.sessions[0].text == "s1");
  BOOST_TEST(work.sessions[1].text == "s2");
  BOOST_TEST((work.newest == id_of(90)));
}

BOOST_AUTO_TEST_CASE(a_view_does_not_see_what_is_committed_after_it) {
  const auto kept = memory_store();
  must(commit(*kept, {put_session(id_of(1), session_status::ready, "old")}));
  const auto view = kept->read();
  must(commit(*kept, {put_session(id_of(1), session_status::closed, "new"),
                      put_session(id_of(2), session_status::ready, "two")}));
  BOOST_TEST(must(view->session_document({id_of(1)})) == "old");
  BOOST_TEST(must(view->session_documents({})).array.text == "[old]");
  BOOST_TEST(must(kept->read()->session_documents({})).array.text
             == "[two,\nnew]");
}

BOOST_AUTO_TEST_CASE(a_view_outlives_its_store) {
  auto kept = memory_store();
  must(commit(*kept, {put_template(id_of(1), "kept")}));
  const auto view = kept->read();
  kept.reset();
  BOOST_TEST(must(view->template_document({id_of(1)})) == "kept");
}

BOOST_AUTO_TEST_SUITE_END()
