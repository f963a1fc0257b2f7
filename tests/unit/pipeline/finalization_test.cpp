#include "vmsystem/models/codec.hpp"
#include "vmsystem/pipeline/finalization.hpp"
#include "vmsystem/tests/unit/models/message_walk.hpp"
#include "vmsystem/tests/unit/models/support.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

execution admitted(uint32_t max_events = 100, uint32_t max_output_kb = 1) {
  execution record;
  record.id = execution_id::generate();
  record.session = session_id::generate();
  record.kind = execution_kind::run_file;
  record.path = "a.js";
  record.args = {R"({"n":1})"};
  record.env = {"{}"};
  record.started_at = timestamp::now();
  record.limits.max_events = max_events;
  record.limits.max_output_kb = max_output_kb;
  return record;
}

run_report report_of(const execution& record) {
  run_report report;
  report.events = event_log{record.id, record.limits};
  return report;
}

run_report with_value(const execution& record, std::string preview = "2") {
  auto report = report_of(record);
  report.outcome.value = {value_type::number, std::move(preview), {"2"}};
  return report;
}

std::vector<event> events_of(const std::string& text) {
  return must(list_from_json<event>('[' + text + ']'));
}

const json_text line{R"({"level":"log","text":"a"})"};

} // namespace

BOOST_AUTO_TEST_SUITE(finalization)

BOOST_AUTO_TEST_CASE(a_value_is_the_result_and_the_last_event) {
  const auto record = admitted();
  auto report = with_value(record);
  report.events.append(event_type::console, line);
  const auto finished = finalize(record, report);
  const std::string value = R"({"type":"number","preview":"2","json":2})";
  BOOST_TEST(finished.record.result.text == value);
  BOOST_TEST(finished.record.error.empty());
  BOOST_TEST(name_of(finished.record.status) == "ok");
  BOOST_TEST(name_of(finished.record.reason) == "ok");
  const auto events = events_of(report.events.take().text);
  BOOST_TEST_REQUIRE(events.size() == 2u);
  BOOST_TEST((events[1].type == event_type::value));
  BOOST_TEST(events[1].payload.text == value);
}

BOOST_AUTO_TEST_CASE(every_other_reason_ends_with_an_exception) {
  for (std::size_t i = 1; i < enum_names<end_reason>::value.size(); ++i)
    BOOST_TEST_CONTEXT(enum_names<end_reason>::value[i]) {
      const auto reason = static_cast<end_reason>(i);
      const auto record = admitted();
      auto report = report_of(record);
      report.outcome.reason = reason;
      report.outcome.error = {"TypeError: bad", "at a.js:1"};
      const auto finished = finalize(record, report);
      const std::string error
        = R"({"message":"TypeError: bad","stack":"at a.js:1"})";
      BOOST_TEST(finished.record.error.text == error);
      BOOST_TEST(finished.record.result.empty());
      BOOST_TEST((finished.record.reason == reason));
      BOOST_TEST((finished.record.status == status_of(reason)));
      const auto events = events_of(report.events.take().text);
      BOOST_TEST_REQUIRE(events.size() == 1u);
      BOOST_TEST((events[0].type == event_type::exception));
      BOOST_TEST(events[0].payload.text == error);
    }
}

BOOST_AUTO_TEST_CASE(what_admission_wrote_stays) {
  auto record = admitted();
  record.kind = execution_kind::repl;
  record.input = "1 + 1";
  auto report = with_value(record);
  auto finished = finalize(record, report).record;
  BOOST_TEST((timestamp{} < finished.ended_at));
  BOOST_TEST(!(finished.ended_at < finished.started_at));
  finished.ended_at = {};
  finished.result = {};
  finished.metrics = {};
  finished.status = execution_status::running;
  BOOST_TEST(leaves_of(finished) == leaves_of(record),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(figures_come_from_the_run) {
  const auto record = admitted();
  auto report = with_value(record);
  report.queue_us = 1;
  report.outcome.cpu_us = 2;
  report.outcome.wall_us = 3;
  report.outcome.peak_mem_kb = 4;
  report.events.append(event_type::input_echo, {R"({"text":"1"})"});
  report.events.append(event_type::console, line);
  const auto finished = finalize(record, report);
  const auto& metrics = finished.record.metrics;
  BOOST_TEST(metrics.queue_us == 1u);
  BOOST_TEST(metrics.cpu_us == 2u);
  BOOST_TEST(metrics.wall_us == 3u);
  BOOST_TEST(metrics.peak_mem_kb == 4u);
  BOOST_TEST(metrics.events == 3u);
  BOOST_TEST(metrics.output_bytes
             == line.text.size() + finished.record.result.text.size());
}

BOOST_AUTO_TEST_CASE(the_exception_is_counted_as_an_event_but_not_as_output) {
  const auto record = admitted();
  auto report = report_of(record);
  report.outcome = failed_outcome(end_reason::exception, "Error: no");
  const auto finished = finalize(record, report);
  BOOST_TEST(finished.record.metrics.events == 1u);
  BOOST_TEST(finished.record.metrics.output_bytes == 0u);
}

BOOST_AUTO_TEST_CASE(a_value_that_is_one_event_too_much_hits_the_event_limit) {
  const auto record = admitted(2);
  auto report = with_value(record);
  report.events.append(event_type::console, line);
  report.events.append(event_type::console, line);
  const auto finished = finalize(record, report);
  BOOST_TEST(name_of(finished.record.reason) == "event_limit");
  BOOST_TEST(name_of(finished.record.status) == "error");
  BOOST_TEST(finished.record.result.empty());
  BOOST_TEST(finished.record.error.text
             == R"({"message":"the limit of 2 events was exceeded"})");
  const auto events = events_of(report.events.take().text);
  BOOST_TEST_REQUIRE(events.size() == 3u);
  BOOST_TEST((events[2].type == event_type::exception));
  BOOST_TEST(finished.record.metrics.events == 3u);
  BOOST_TEST(name_of(report.outcome.reason) == "event_limit");
}

BOOST_AUTO_TEST_CASE(
  a_value_with_more_bytes_than_are_left_hits_the_output_limit) {
  const auto frame
    = must(to_json(value_payload{value_type::number, "", {"2"}}));
  const auto fits = 1024 - frame.text.size();
  for (const std::size_t size : {fits, fits + 1}) {
    const auto record = admitted();
    auto report = with_value(record, std::string(size, 'x'));
    const auto finished = finalize(record, report);
    const bool ok = size == fits;
    BOOST_TEST(name_of(finished.record.reason) == (ok ? "ok" : "output_limit"));
    BOOST_TEST(name_of(finished.record.status) == (ok ? "ok" : "error"));
    BOOST_TEST(finished.record.result.empty() == !ok);
    BOOST_TEST(finished.record.metrics.output_bytes == (ok ? 1024u : 0u));
    BOOST_TEST(finished.record.error.text
               == (ok ? ""
                      : R"({"message":"the limit of 1 KiB of output was )"
                        R"(exceeded"})"));
  }
}

BOOST_AUTO_TEST_CASE(the_document_is_the_record) {
  for (std::size_t i = 0; i < enum_names<end_reason>::value.size(); ++i) {
    const auto record = admitted();
    auto report = with_value(record);
    report.outcome.reason = static_cast<end_reason>(i);
    const auto finished = finalize(record, report);
    BOOST_TEST(finished.document.text == must(to_json(finished.record)).text);
    BOOST_TEST(code_of(from_json<execution>(finished.document.text)) == "ok");
  }
}

BOOST_AUTO_TEST_CASE(an_exception_that_is_not_utf8_still_has_a_message) {
  const auto record = admitted();
  auto report = report_of(record);
  report.outcome = failed_outcome(end_reason::exception, "bad \xff");
  const auto finished = finalize(record, report);
  BOOST_TEST(finished.record.error.text == R"({"message":"unprintable"})");
  BOOST_TEST(code_of(from_json<execution>(finished.document.text)) == "ok");
}

BOOST_AUTO_TEST_CASE(failed_outcomes_have_a_reason_and_a_message_only) {
  const auto outcome = failed_outcome(end_reason::interrupted, "it stopped");
  BOOST_TEST((outcome.reason == end_reason::interrupted));
  BOOST_TEST(outcome.error.message == "it stopped");
  BOOST_TEST(outcome.error.stack.empty());
  BOOST_TEST(!outcome.waiting);
  BOOST_TEST(outcome.cpu_us == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(changes)

BOOST_AUTO_TEST_CASE(a_session_is_stored_with_its_status) {
  for (std::size_t i = 0; i < enum_names<session_status>::value.size(); ++i) {
    session record;
    record.id = session_id::generate();
    record.vm_id = template_id::generate();
    record.status = static_cast<session_status>(i);
    record.created_at = timestamp::now();
    const auto x = session_change(record);
    BOOST_TEST(name_of(x.kind) == "put_session");
    BOOST_TEST((x.id == record.id.raw));
    BOOST_TEST(x.owner.nil());
    BOOST_TEST(x.status == i);
    BOOST_TEST(x.text == must(to_json(record)).text);
  }
}

BOOST_AUTO_TEST_CASE(a_begin_is_the_running_record) {
  const auto record = admitted();
  const auto x = begin_change(record);
  BOOST_TEST(name_of(x.kind) == "begin_execution");
  BOOST_TEST((x.id == record.id.raw));
  BOOST_TEST((x.owner == record.session.raw));
  BOOST_TEST(x.status == static_cast<int>(execution_status::running));
  BOOST_TEST(x.detail == static_cast<int>(execution_kind::run_file));
  BOOST_TEST(x.first_seq == 0u);
  BOOST_TEST(!x.had_begun);
  BOOST_TEST(x.text == must(to_json(record)).text);
}

BOOST_AUTO_TEST_CASE(events_are_stored_as_they_are) {
  const auto record = admitted();
  const auto x = events_change(record, {7, "a,\nb"});
  BOOST_TEST(name_of(x.kind) == "append_events");
  BOOST_TEST((x.id == record.id.raw));
  BOOST_TEST((x.owner == record.session.raw));
  BOOST_TEST(x.first_seq == 7u);
  BOOST_TEST(x.text == "a,\nb");
}

BOOST_AUTO_TEST_CASE(an_end_is_the_rest_of_the_events_then_the_record) {
  for (const bool had_begun : {false, true}) {
    const auto record = admitted();
    auto report = report_of(record);
    report.outcome = failed_outcome(end_reason::wall_timeout, "slow");
    const auto finished = finalize(record, report);
    const auto rest = report.events.take();
    const auto set = end_changes(finished, rest, had_begun);
    BOOST_TEST_REQUIRE(set.changes.size() == 2u);
    const auto& events = set.changes[0];
    BOOST_TEST(name_of(events.kind) == "append_events");
    BOOST_TEST((events.id == record.id.raw));
    BOOST_TEST(events.first_seq == 1u);
    BOOST_TEST(events.text == rest.text);
    const auto& end = set.changes[1];
    BOOST_TEST(name_of(end.kind) == "end_execution");
    BOOST_TEST((end.id == record.id.raw));
    BOOST_TEST((end.owner == record.session.raw));
    BOOST_TEST(end.status == static_cast<int>(execution_status::timeout));
    BOOST_TEST(end.detail == static_cast<int>(execution_kind::run_file));
    BOOST_TEST(end.had_begun == had_begun);
    BOOST_TEST(end.text == finished.document.text);
  }
}

BOOST_AUTO_TEST_CASE(without_events_an_end_is_the_record_only) {
  finished_execution finished;
  finished.record = admitted();
  finished.document = {"{}"};
  const auto set = end_changes(finished, {}, true);
  BOOST_TEST_REQUIRE(set.changes.size() == 1u);
  BOOST_TEST(name_of(set.changes[0].kind) == "end_execution");
  BOOST_TEST(set.changes[0].text == "{}");
}

BOOST_AUTO_TEST_SUITE_END()
