#include "vmsystem/tests/unit/persistence/support.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// Three batches, of which the newest runs and the oldest was completed; the
/// second one has five lines of input, of which the second is empty.
struct batches {
  std::shared_ptr<rocksdb_store> kept = memory_store();

  batches() {
    must(commit(*kept, {put_batch(id_of(1), batch_status::running, "1"),
                        put_batch(id_of(2), batch_status::receiving, "2"),
                        put_batch(id_of(3), batch_status::running, "3"),
                        append_input(id_of(2), 1, 0, "a\n\nb\n"),
                        append_input(id_of(2), 4, 2, "c\nd"),
                        append_input(id_of(3), 1, 0, "other\n")}));
    must(commit(*kept, {put_batch(id_of(1), batch_status::completed, "1c")}));
  }

  std::string list(const batch_filter& filter) const {
    return must(kept->read()->batch_documents(filter)).array.text;
  }

  batch_input_chunk input(uint8_t number, uint32_t line) const {
    return must(kept->read()->batch_input({id_of(number)}, line));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(stored_batches, batches)

BOOST_AUTO_TEST_CASE(batches_are_listed_newest_first_by_their_latest_status) {
  BOOST_TEST(list({}) == "[3,\n2,\n1c]");
  batch_filter filter;
  filter.by_status = true;
  BOOST_TEST(list(filter) == "[3]");
  filter.status = batch_status::failed;
  BOOST_TEST(list(filter) == "[]");
  BOOST_TEST(must(kept->read()->batch_document({id_of(1)})) == "1c");
}

BOOST_AUTO_TEST_CASE(pages_of_batches_join_without_gap_or_overlap) {
  batch_filter filter;
  filter.limit = 2;
  auto page = must(kept->read()->batch_documents(filter));
  BOOST_TEST(page.array.text == "[3,\n2]");
  BOOST_TEST((page.next == id_of(2)));
  filter.cursor.raw = page.next;
  page = must(kept->read()->batch_documents(filter));
  BOOST_TEST(page.array.text == "[1c]");
  BOOST_TEST(page.next.nil());
}

BOOST_AUTO_TEST_CASE(a_limit_of_batches_out_of_range_is_refused) {
  batch_filter filter;
  for (const uint32_t limit : {0u, 1001u}) {
    filter.limit = limit;
    BOOST_TEST((must_fail(kept->read()->batch_documents(filter)).code
                == ec::validation_error));
  }
}

BOOST_AUTO_TEST_CASE(a_line_is_found_in_the_run_that_holds_it) {
  for (const uint32_t line : {1u, 2u, 3u}) {
    const auto chunk = input(2, line);
    BOOST_TEST(chunk.first_line == 1u);
    BOOST_TEST(chunk.first_index == 0u);
    BOOST_TEST(chunk.text == "a\n\nb\n");
  }
  for (const uint32_t line : {4u, 5u}) {
    const auto chunk = input(2, line);
    BOOST_TEST(chunk.first_line == 4u);
    BOOST_TEST(chunk.first_index == 2u);
    BOOST_TEST(chunk.text == "c\nd");
  }
}

BOOST_AUTO_TEST_CASE(a_line_that_no_run_holds_gives_the_next_run) {
  must(commit(*kept, {append_input(id_of(2), 9, 5, "later\n")}));
  for (const uint32_t line : {6u, 8u, 9u})
    BOOST_TEST(input(2, line).text == "later\n");
  BOOST_TEST(input(2, 0).first_line == 1u);
}

BOOST_AUTO_TEST_CASE(behind_the_last_line_there_is_no_run) {
  for (const uint32_t line : {6u, 7u, UINT32_MAX})
    BOOST_TEST(input(2, line).text.empty());
  BOOST_TEST(input(1, 1).text.empty());
  BOOST_TEST(input(9, 1).text.empty());
}

BOOST_AUTO_TEST_CASE(input_that_is_dropped_leaves_its_batch_and_all_others) {
  must(commit(*kept, {remove(change_kind::drop_input, id_of(2))}));
  BOOST_TEST(input(2, 1).text.empty());
  BOOST_TEST(input(2, 4).text.empty());
  BOOST_TEST(input(3, 1).text == "other\n");
  BOOST_TEST(list({}) == "[3,\n2,\n1c]");
}

BOOST_AUTO_TEST_CASE(a_batch_that_is_removed_leaves_nothing) {
  must(commit(*kept, {remove(change_kind::remove_batch, id_of(2))}));
  BOOST_TEST(list({}) == "[3,\n1c]");
  BOOST_TEST(input(2, 1).text.empty());
  const auto view = kept->read();
  BOOST_TEST(
    (must_fail(view->batch_document({id_of(2)})).code == ec::batch_not_found));
  const auto left = must(view->unfinished()).batches;
  BOOST_TEST_REQUIRE(left.size() == 1u);
  BOOST_TEST((left[0].id == id_of(3)));
}

BOOST_AUTO_TEST_CASE(unfinished_batches_are_those_that_are_not_over) {
  must(commit(*kept, {put_batch(id_of(4), batch_status::interrupted, "4"),
                      put_batch(id_of(5), batch_status::stopped, "5"),
                      put_batch(id_of(6), batch_status::cancelled, "6"),
                      put_batch(id_of(7), batch_status::failed, "7")}));
  const auto left = must(kept->read()->unfinished());
  std::string texts;
  for (const auto& x : left.batches)
    texts += x.text;
  BOOST_TEST(texts == "234");
  BOOST_TEST((left.newest == id_of(7)));
}

BOOST_AUTO_TEST_CASE(input_does_not_hide_the_newest_batch) {
  must(commit(*kept, {append_input(id_of(3), 2, 1, "more\n")}));
  BOOST_TEST((must(kept->read()->unfinished()).newest == id_of(3)));
}

BOOST_AUTO_TEST_CASE(an_execution_that_is_removed_leaves_nothing) {
  must(commit(*kept, {put_session(id_of(10), session_status::ready, "s"),
                      begin_execution(id_of(11), id_of(10), "11"),
                      append_events(id_of(11), 1, "e1,\ne2"),
                      append_events(id_of(11), 3, "e3"),
                      begin_execution(id_of(12), id_of(10), "12"),
                      append_events(id_of(12), 1, "kept")}));
  must(commit(*kept, {remove_execution(id_of(11), id_of(10))}));
  const auto view = kept->read();
  BOOST_TEST((must_fail(view->execution_document({id_of(11)})).code
              == ec::execution_not_found));
  BOOST_TEST((must_fail(view->event_documents({{id_of(11)}, 0, 0})).code
              == ec::execution_not_found));
  BOOST_TEST(must(view->last_event_seq({id_of(11)})) == 0u);
  execution_filter filter;
  filter.session.raw = id_of(10);
  BOOST_TEST(must(view->execution_documents(filter)).array.text == "[12]");
  BOOST_TEST(must(view->event_documents({{id_of(12)}, 0, 0})) == "[kept]");
  BOOST_TEST(must(view->unfinished()).executions.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_execution_may_come_again_after_it_was_removed) {
  must(commit(*kept, {put_session(id_of(10), session_status::ready, "s"),
                      begin_execution(id_of(11), id_of(10), "first"),
                      append_events(id_of(11), 1, "e1,\ne2"),
                      append_events(id_of(11), 3, "e3")}));
  must(commit(*kept, {remove_execution(id_of(11), id_of(10)),
                      append_events(id_of(11), 1, "again"),
                      end_execution(id_of(11), id_of(10), "second")}));
  const auto view = kept->read();
  BOOST_TEST(must(view->execution_document({id_of(11)})) == "second");
  BOOST_TEST(must(view->event_documents({{id_of(11)}, 0, 0})) == "[again]");
}

BOOST_AUTO_TEST_SUITE_END()
