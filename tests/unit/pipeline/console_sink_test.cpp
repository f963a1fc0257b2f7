#include "vmsystem/models/codec.hpp"
#include "vmsystem/pipeline/execution.hpp"
#include "vmsystem/tests/unit/models/support.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;
using namespace std::chrono_literals;

namespace {

limits_config limits_of(uint32_t max_events, uint32_t max_output_kb) {
  limits_config limits;
  limits.max_events = max_events;
  limits.max_output_kb = max_output_kb;
  return limits;
}

std::string_view hit(std::optional<end_reason> reason) {
  return reason ? name_of(*reason) : "none";
}

std::vector<event> events_of(const std::string& text) {
  return must(list_from_json<event>('[' + text + ']'));
}

} // namespace

BOOST_AUTO_TEST_SUITE(console_sinks)

BOOST_AUTO_TEST_CASE(a_line_becomes_a_console_event) {
  event_log log{execution_id::generate(), limits_of(10, 1)};
  console_sink sink{log, {}};
  BOOST_TEST(hit(sink.console(console_level::warn, "a \"b\"\n")) == "none");
  BOOST_TEST(hit(sink.console(console_level::log, "")) == "none");
  const auto events = events_of(log.take().text);
  BOOST_TEST_REQUIRE(events.size() == 2u);
  BOOST_TEST((events[0].type == event_type::console));
  BOOST_TEST(events[0].payload.text
             == R"({"level":"warn","text":"a \"b\"\n"})");
  BOOST_TEST(events[1].payload.text == R"({"level":"log","text":""})");
}

BOOST_AUTO_TEST_CASE(a_pause_hands_on_what_would_wait_for_too_long) {
  event_log log{execution_id::generate(), limits_of(10, 1)};
  int parts = 0;
  const auto now = console_sink::clock::now();
  console_sink sink{log, [&](const event_chunk&) { ++parts; }, now};
  sink.pause({});
  BOOST_TEST(parts == 0);
  log.append(event_type::console, json_text{"{}"});
  sink.pause(now + console_sink::max_delay);
  BOOST_TEST(parts == 0);
  sink.pause(now + console_sink::max_delay + 1ms);
  BOOST_TEST(parts == 1);
  log.append(event_type::console, json_text{"{}"});
  sink.pause({});
  BOOST_TEST(parts == 2);
}

BOOST_AUTO_TEST_CASE(lines_stop_at_the_event_limit) {
  event_log log{execution_id::generate(), limits_of(2, 1)};
  console_sink sink{log, {}};
  BOOST_TEST(hit(sink.console(console_level::log, "1")) == "none");
  BOOST_TEST(hit(sink.console(console_level::log, "2")) == "none");
  BOOST_TEST(hit(sink.console(console_level::log, "3")) == "event_limit");
  BOOST_TEST(log.count() == 2u);
}

BOOST_AUTO_TEST_CASE(lines_stop_at_the_output_limit_as_they_are_stored) {
  const std::string_view frame = R"({"level":"log","text":""})";
  event_log log{execution_id::generate(), limits_of(10, 1)};
  console_sink sink{log, {}};
  const std::string fits(1024 - frame.size(), 'x');
  BOOST_TEST(hit(sink.console(console_level::log, fits + 'x'))
             == "output_limit");
  // Each line feed takes two bytes.
  BOOST_TEST(hit(sink.console(console_level::log,
                              std::string(fits.size() / 2 + 1, '\n')))
             == "output_limit");
  BOOST_TEST(log.output_bytes() == 0u);
  BOOST_TEST(hit(sink.console(console_level::log, fits)) == "none");
  BOOST_TEST(log.output_left() == 0u);
  BOOST_TEST(hit(sink.console(console_level::log, "")) == "output_limit");
}

BOOST_AUTO_TEST_CASE(a_giant_line_is_refused_without_a_look_at_it) {
  event_log log{execution_id::generate(), limits_of(10, 1)};
  console_sink sink{log, {}};
  // Reading or copying this view would be an access out of bounds.
  const char byte = 'x';
  const std::string_view giant{&byte, std::size_t{1} << 40};
  BOOST_TEST(hit(sink.console(console_level::log, giant)) == "output_limit");
  BOOST_TEST(log.count() == 0u);
}

BOOST_AUTO_TEST_CASE(events_that_grow_large_are_handed_on) {
  event_log log{execution_id::generate(), limits_of(1000000, 65536)};
  std::vector<event_chunk> given;
  console_sink sink{log, [&](event_chunk x) { given.push_back(std::move(x)); }};
  const std::string line(1000, 'x');
  while (given.size() < 3)
    BOOST_TEST_REQUIRE(hit(sink.console(console_level::log, line)) == "none");
  BOOST_TEST(log.pending_bytes() == 0u);
  uint32_t next = 1;
  for (const auto& chunk : given) {
    BOOST_TEST(chunk.first_seq == next);
    // One line more than the bound: each comes as soon as it is too large.
    BOOST_TEST(chunk.text.size() < console_sink::max_pending_bytes + 1300);
    for (const auto& x : events_of(chunk.text))
      BOOST_TEST_REQUIRE(x.seq == next++);
  }
  BOOST_TEST(next == log.count() + 1);
}

BOOST_AUTO_TEST_CASE(one_large_line_is_handed_on_at_once) {
  event_log log{execution_id::generate(), limits_of(10, 65536)};
  std::vector<event_chunk> given;
  console_sink sink{log, [&](event_chunk x) { given.push_back(std::move(x)); }};
  sink.console(console_level::log,
               std::string(console_sink::max_pending_bytes, 'x'));
  BOOST_TEST_REQUIRE(given.size() == 1u);
  BOOST_TEST(given[0].first_seq == 1u);
  BOOST_TEST(events_of(given[0].text).size() == 1u);
}

BOOST_AUTO_TEST_CASE(events_that_grow_old_are_handed_on_with_the_next_line) {
  event_log log{execution_id::generate(), limits_of(1000000000, 1u << 20)};
  std::vector<event_chunk> given;
  console_sink sink{log, [&](event_chunk x) { given.push_back(std::move(x)); }};
  const auto begin = console_sink::clock::now();
  BOOST_TEST(hit(sink.console(console_level::log, "first")) == "none");
  const auto wait_until = begin + console_sink::max_delay + 1ms;
  while (console_sink::clock::now() < wait_until) {}
  BOOST_TEST(hit(sink.console(console_level::log, "second")) == "none");
  BOOST_TEST_REQUIRE(given.size() >= 1u);
  BOOST_TEST(events_of(given.back().text).back().payload.text
             == R"({"level":"log","text":"second"})");
}

BOOST_AUTO_TEST_CASE(without_a_receiver_all_events_stay) {
  event_log log{execution_id::generate(), limits_of(1000, 65536)};
  console_sink sink{log, {}};
  for (int i = 0; i < 1000; ++i)
    sink.console(console_level::log, std::string(1000, 'x'));
  BOOST_TEST(log.pending_bytes() > 1000000u);
  BOOST_TEST(log.take().first_seq == 1u);
}

BOOST_AUTO_TEST_CASE(a_job_that_was_cancelled_before_it_ran_has_its_echo_only) {
  for (const auto reason : {end_reason::cancelled, end_reason::session_closed})
    for (const auto kind : {execution_kind::repl, execution_kind::run_file,
                            execution_kind::startup})
      BOOST_TEST_CONTEXT(name_of(reason) << ", " << name_of(kind)) {
        execution_job job;
        job.record.id = execution_id::generate();
        job.record.kind = kind;
        job.record.input = "1 + 1";
        job.control.request(reason);
        job.control.request(end_reason::wall_timeout);
        run_job(job, {});
        BOOST_TEST(name_of(job.report.outcome.reason) == name_of(reason));
        BOOST_TEST(!job.report.outcome.error.message.empty());
        const bool echo = kind == execution_kind::repl;
        const auto events = events_of(job.report.events.take().text);
        BOOST_TEST_REQUIRE(events.size() == (echo ? 1u : 0u));
        if (echo) {
          BOOST_TEST((events[0].type == event_type::input_echo));
          BOOST_TEST(events[0].payload.text == R"({"text":"1 + 1"})");
          BOOST_TEST((events[0].execution == job.record.id));
        }
      }
}

BOOST_AUTO_TEST_CASE(the_time_in_the_queue_is_measured) {
  execution_job job;
  job.control.request(end_reason::cancelled);
  job.arrived = console_sink::clock::now() - 5s;
  run_job(job, {});
  BOOST_TEST(job.report.queue_us >= 5000000u);
  BOOST_TEST(job.report.queue_us < 60000000u);
  job.arrived = console_sink::clock::now() + 1h;
  run_job(job, {});
  BOOST_TEST(job.report.queue_us == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
