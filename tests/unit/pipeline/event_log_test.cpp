#include "vmsystem/models/codec.hpp"
#include "vmsystem/pipeline/event_log.hpp"
#include "vmsystem/tests/unit/models/support.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

limits_config limits_of(uint32_t max_events, uint32_t max_output_kb) {
  limits_config limits;
  limits.max_events = max_events;
  limits.max_output_kb = max_output_kb;
  return limits;
}

/// A JSON text of this size.
json_text payload_of(std::size_t bytes) {
  return {'"' + std::string(bytes - 2, 'x') + '"'};
}

std::vector<event> events_of(const event_chunk& chunk) {
  return must(list_from_json<event>('[' + chunk.text + ']'));
}

/// The name of the limit that was hit, or `none`.
std::string_view hit(std::optional<end_reason> reason) {
  return reason ? name_of(*reason) : "none";
}

const json_text small{R"({"text":"a"})"};

} // namespace

BOOST_AUTO_TEST_SUITE(event_logs)

BOOST_AUTO_TEST_CASE(events_are_numbered_from_1_in_their_order) {
  const auto id = execution_id::generate();
  event_log log{id, limits_of(10, 1)};
  BOOST_TEST(log.count() == 0u);
  BOOST_TEST(log.pending_bytes() == 0u);
  BOOST_TEST(hit(log.append(event_type::input_echo, small)) == "none");
  BOOST_TEST(hit(log.append(event_type::console, {"[1]"})) == "none");
  log.append_always(event_type::exception, {"{}"});
  BOOST_TEST(log.count() == 3u);
  const auto chunk = log.take();
  BOOST_TEST(chunk.first_seq == 1u);
  const auto events = events_of(chunk);
  BOOST_TEST_REQUIRE(events.size() == 3u);
  for (uint32_t i = 0; i < 3; ++i) {
    BOOST_TEST((events[i].execution == id));
    BOOST_TEST(events[i].seq == i + 1);
    BOOST_TEST(events[i].ts.set());
  }
  BOOST_TEST((events[0].type == event_type::input_echo));
  BOOST_TEST(events[0].payload.text == small.text);
  BOOST_TEST((events[1].type == event_type::console));
  BOOST_TEST(events[1].payload.text == "[1]");
  BOOST_TEST((events[2].type == event_type::exception));
  BOOST_TEST(!(events[2].ts < events[0].ts));
}

BOOST_AUTO_TEST_CASE(chunks_go_on_where_the_last_one_ended) {
  event_log log{execution_id::generate(), limits_of(10, 1)};
  uint32_t next = 1;
  for (const uint32_t size : {1u, 3u, 0u, 2u}) {
    for (uint32_t i = 0; i < size; ++i)
      log.append(event_type::console, small);
    const auto chunk = log.take();
    BOOST_TEST(chunk.first_seq == next);
    BOOST_TEST(log.pending_bytes() == 0u);
    const auto events = events_of(chunk);
    BOOST_TEST(events.size() == size);
    for (const auto& x : events)
      BOOST_TEST(x.seq == next++);
  }
  BOOST_TEST(log.count() == 6u);
  BOOST_TEST(log.output_bytes() == 6 * small.text.size());
}

BOOST_AUTO_TEST_CASE(documents_in_a_chunk_are_joined_by_comma_and_line_feed) {
  event_log log{execution_id::generate(), limits_of(10, 1)};
  log.append(event_type::console, small);
  const auto first = log.pending_bytes();
  log.append(event_type::console, small);
  const auto chunk = log.take();
  BOOST_TEST(chunk.text.size() == 2 * first + 2);
  BOOST_TEST(chunk.text.substr(first - 1, 4) == "},\n{");
  BOOST_TEST(chunk.text.back() == '}');
}

BOOST_AUTO_TEST_CASE(a_log_goes_on_behind_events_that_are_stored) {
  event_log log{execution_id::generate(), limits_of(10, 1), 7};
  BOOST_TEST(log.count() == 7u);
  BOOST_TEST(log.take().first_seq == 8u);
  BOOST_TEST(hit(log.append(event_type::console, small)) == "none");
  const auto chunk = log.take();
  BOOST_TEST(chunk.first_seq == 8u);
  BOOST_TEST(events_of(chunk).front().seq == 8u);
  log.append(event_type::console, small);
  log.append(event_type::console, small);
  BOOST_TEST(hit(log.append(event_type::console, small)) == "event_limit");
  BOOST_TEST(log.count() == 10u);
}

BOOST_AUTO_TEST_CASE(as_many_events_as_the_limit_are_taken) {
  event_log log{execution_id::generate(), limits_of(3, 1)};
  BOOST_TEST(hit(log.append(event_type::input_echo, small)) == "none");
  BOOST_TEST(hit(log.append(event_type::console, small)) == "none");
  BOOST_TEST(hit(log.append(event_type::value, small)) == "none");
  const auto bytes = log.output_bytes();
  const auto pending = log.pending_bytes();
  BOOST_TEST(hit(log.append(event_type::console, small)) == "event_limit");
  BOOST_TEST(hit(log.append(event_type::input_echo, small)) == "event_limit");
  // The count comes before the size.
  BOOST_TEST(hit(log.append(event_type::console, payload_of(5000)))
             == "event_limit");
  BOOST_TEST(log.count() == 3u);
  BOOST_TEST(log.output_bytes() == bytes);
  BOOST_TEST(log.pending_bytes() == pending);
}

BOOST_AUTO_TEST_CASE(output_is_taken_up_to_the_last_byte) {
  event_log log{execution_id::generate(), limits_of(100, 1)};
  BOOST_TEST(log.output_left() == 1024u);
  BOOST_TEST(hit(log.append(event_type::console, payload_of(1000))) == "none");
  BOOST_TEST(log.output_left() == 24u);
  BOOST_TEST(hit(log.append(event_type::console, payload_of(25)))
             == "output_limit");
  BOOST_TEST(log.count() == 1u);
  BOOST_TEST(log.output_left() == 24u);
  BOOST_TEST(hit(log.append(event_type::value, payload_of(24))) == "none");
  BOOST_TEST(log.output_left() == 0u);
  BOOST_TEST(log.output_bytes() == 1024u);
  BOOST_TEST(hit(log.append(event_type::console, payload_of(2)))
             == "output_limit");
  BOOST_TEST(hit(log.append(event_type::console, {})) == "none");
}

BOOST_AUTO_TEST_CASE(the_greatest_limits_do_not_overflow) {
  event_log log{execution_id::generate(), limits_of(UINT32_MAX, UINT32_MAX)};
  BOOST_TEST(log.output_left() == uint64_t{UINT32_MAX} * 1024);
  BOOST_TEST(hit(log.append(event_type::console, payload_of(100000)))
             == "none");
}

BOOST_AUTO_TEST_CASE(every_type_but_the_echo_counts_as_output) {
  for (std::size_t i = 0; i < enum_names<event_type>::value.size(); ++i)
    BOOST_TEST_CONTEXT(enum_names<event_type>::value[i]) {
      const auto type = static_cast<event_type>(i);
      const bool echo = type == event_type::input_echo;
      event_log log{execution_id::generate(), limits_of(10, 1)};
      BOOST_TEST(hit(log.append(type, payload_of(1000))) == "none");
      BOOST_TEST(log.output_bytes() == (echo ? 0u : 1000u));
      BOOST_TEST(hit(log.append(type, payload_of(5000)))
                 == (echo ? "none" : "output_limit"));
    }
}

BOOST_AUTO_TEST_CASE(what_is_always_added_is_bound_by_no_limit) {
  event_log log{execution_id::generate(), limits_of(1, 1)};
  log.append(event_type::console, payload_of(1024));
  BOOST_TEST(hit(log.append(event_type::console, small)) == "event_limit");
  log.append_always(event_type::exception, payload_of(5000));
  BOOST_TEST(log.count() == 2u);
  BOOST_TEST(log.output_bytes() == 1024u);
  BOOST_TEST(log.output_left() == 0u);
  const auto events = events_of(log.take());
  BOOST_TEST_REQUIRE(events.size() == 2u);
  BOOST_TEST(events[1].seq == 2u);
  BOOST_TEST(events[1].payload.text.size() == 5000u);
}

BOOST_AUTO_TEST_CASE(a_log_that_nobody_began_takes_no_events) {
  event_log log;
  BOOST_TEST(hit(log.append(event_type::console, small)) == "event_limit");
  BOOST_TEST(log.count() == 0u);
  BOOST_TEST(log.take().text.empty());
}

BOOST_AUTO_TEST_SUITE_END()
