#include "connection_fixture.hpp"
#include "wire_cases.hpp"

#include <boost/test/unit_test.hpp>

#include <cctype>

using namespace vmsystem;
using namespace std::chrono_literals;
using fixture = connection_fixture;

namespace {

/// The statuses in `output`, in the form of `wire_case::outcome`.
std::string statuses_of(const std::string& output) {
  std::string result;
  const std::string start = "HTTP/1.1 ";
  for (auto at = output.find(start); at != std::string::npos;
       at = output.find(start, at + 1)) {
    const auto status = output.substr(at + start.size(), 3);
    // Messages name the version too, but not in front of a status.
    if (status != "100" && std::isdigit(status.front()) != 0)
      result += status + " ";
  }
  return result;
}

std::string outcome_of(fixture& f, const std::string& bytes,
                       std::size_t piece) {
  f.connect();
  std::string output;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (!f.wire->wants_read())
      break;
    f.send(std::string_view{bytes}.substr(at, piece));
    output += f.take();
  }
  const auto result = statuses_of(output);
  if (f.wire->finished() || !f.wire->wants_read())
    return result + "close";
  if (result.empty())
    return "wait";
  // Behind the last answer of a connection everything is dropped.
  f.send(get);
  return result + (f.take().empty() ? "close" : "open");
}

} // namespace

BOOST_FIXTURE_TEST_CASE(every_wire_case_has_its_outcome, fixture) {
  for (const auto& x : wire_cases())
    BOOST_TEST_CONTEXT(x.name) {
      BOOST_TEST(outcome_of(*this, x.bytes, x.bytes.size() + 1) == x.outcome);
    }
}

BOOST_FIXTURE_TEST_CASE(pieces_of_any_size_have_the_same_outcome, fixture) {
  for (const auto& x : wire_cases())
    for (const std::size_t piece : {1u, 2u, 3u, 7u})
      BOOST_TEST_CONTEXT(x.name << " in pieces of " << piece) {
        BOOST_TEST(outcome_of(*this, x.bytes, piece) == x.outcome);
      }
}

BOOST_FIXTURE_TEST_CASE(answers_are_sent_in_the_order_of_requests, fixture) {
  hold = true;
  send(get + get + get);
  BOOST_TEST(requests.size() == 3u);
  answer(3, "\"three\"");
  answer(2, "\"two\"");
  BOOST_TEST(take() == "");
  answer(1, "\"one\"");
  const auto output = take();
  const auto one = output.find("one");
  const auto two = output.find("two");
  const auto three = output.find("three");
  BOOST_TEST(one < two);
  BOOST_TEST(two < three);
  BOOST_TEST(three != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(the_second_answer_to_a_request_is_ignored, fixture) {
  hold = true;
  send(get + get);
  answer(2, "\"first\"");
  answer(2, "\"second\"");
  answer(1);
  answer(1);
  answer(17);
  const auto output = take();
  BOOST_TEST(count(output, "HTTP/1.1 200") == 2u);
  BOOST_TEST(output.find("second") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(no_more_than_the_bound_is_in_flight, fixture) {
  hold = true;
  std::string many;
  for (int i = 0; i < 40; ++i)
    many += get;
  send(many);
  BOOST_TEST(requests.size() == 32u);
  BOOST_TEST(!wire->wants_read());
  answer(1);
  BOOST_TEST(requests.size() == 33u);
  for (uint64_t i = 2; i <= 40; ++i)
    answer(i);
  BOOST_TEST(requests.size() == 40u);
  BOOST_TEST(count(take(), "HTTP/1.1 200") == 40u);
  BOOST_TEST(wire->wants_read());
}

BOOST_FIXTURE_TEST_CASE(a_client_that_does_not_read_is_not_read, fixture) {
  hold = true;
  send(get);
  answer(1, std::string(2 << 20, 'x'));
  BOOST_TEST(!wire->wants_read());
  wire->sent(1 << 20, now, *this);
  BOOST_TEST(!wire->wants_read());
  wire->sent(1 << 19, now, *this);
  BOOST_TEST(wire->wants_read());
}

BOOST_FIXTURE_TEST_CASE(a_stalled_write_breaks_the_connection, fixture) {
  hold = true;
  send(get);
  answer(1, std::string(1000, 'x'));
  wire->sent(0, now, *this);
  pass(29s);
  BOOST_TEST(!wire->finished());
  wire->sent(10, now, *this);
  pass(29s);
  BOOST_TEST(!wire->finished());
  pass(2s);
  BOOST_TEST(wire->finished());
}

BOOST_FIXTURE_TEST_CASE(an_idle_connection_is_closed_without_answer, fixture) {
  send(get);
  take();
  pass(74s);
  BOOST_TEST(!wire->wants_shutdown());
  pass(2s);
  BOOST_TEST(wire->wants_shutdown());
  BOOST_TEST(take() == "");
}

BOOST_FIXTURE_TEST_CASE(a_slow_header_is_answered_with_408, fixture) {
  send("GET / HTTP/1.1\r\n");
  pass(6s);
  // Each line that arrives would start the time anew, if that were the rule.
  send("Host: x\r\n");
  pass(6s);
  BOOST_TEST(take().find("HTTP/1.1 408") == 0u);
  BOOST_TEST(!wire->finished());
  pass(3s);
  BOOST_TEST(wire->finished());
}

BOOST_FIXTURE_TEST_CASE(a_slow_body_is_answered_with_408, fixture) {
  send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
  pass(20s);
  send("a");
  pass(9s);
  BOOST_TEST(take() == "");
  pass(2s);
  BOOST_TEST(take().find("HTTP/1.1 408") == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_request_in_flight_is_not_idle, fixture) {
  hold = true;
  send(get);
  pass(1000s);
  BOOST_TEST(!wire->wants_shutdown());
  answer(1);
  BOOST_TEST(take().find("HTTP/1.1 200") == 0u);
  BOOST_TEST(wire->wants_read());
}

BOOST_FIXTURE_TEST_CASE(overdue_requests_are_told_until_answered, fixture) {
  hold = true;
  send(get + get);
  wire->expect_answer(1, now + 20s);
  wire->expect_answer(2, now + 10s);
  BOOST_TEST(pass(5s).empty());
  const std::vector<uint64_t> second{2};
  BOOST_TEST(pass(6s) == second, boost::test_tools::per_element());
  answer(2);
  const std::vector<uint64_t> first{1};
  BOOST_TEST(pass(10s) == first, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_half_closed_client_gets_its_answers, fixture) {
  hold = true;
  send(get + get);
  wire->receive_end(now, *this);
  BOOST_TEST(!wire->finished());
  BOOST_TEST(!wire->wants_read());
  answer(1);
  answer(2);
  const auto output = take();
  BOOST_TEST(count(output, "HTTP/1.1 200") == 2u);
  BOOST_TEST(count(output, "Connection: close") == 1u);
  BOOST_TEST(wire->finished());
}

BOOST_FIXTURE_TEST_CASE(the_end_in_mid_request_ends_the_connection, fixture) {
  send("GET / HT");
  wire->receive_end(now, *this);
  BOOST_TEST(wire->finished());
}

BOOST_FIXTURE_TEST_CASE(an_idle_client_that_ends_is_closed, fixture) {
  send(get);
  take();
  wire->receive_end(now, *this);
  BOOST_TEST(wire->finished());
}

BOOST_FIXTURE_TEST_CASE(what_follows_the_last_answer_is_dropped, fixture) {
  send("GET / HTTP/1.1\r\n\r\n");
  BOOST_TEST(take().find("HTTP/1.1 400") == 0u);
  for (int i = 0; i < 16; ++i)
    send(std::string(1 << 20, 'x'));
  BOOST_TEST(!wire->finished());
  BOOST_TEST(take() == "");
  send("xx");
  BOOST_TEST(wire->finished());
}

BOOST_FIXTURE_TEST_CASE(a_client_that_stays_is_left_after_a_while, fixture) {
  send("GET / HTTP/1.1\r\n\r\n");
  take();
  pass(1s);
  BOOST_TEST(!wire->finished());
  pass(2s);
  BOOST_TEST(wire->finished());
}

BOOST_FIXTURE_TEST_CASE(continue_is_sent_before_the_body, fixture) {
  send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\n"
       "Content-Length: 3\r\n\r\n");
  BOOST_TEST(take() == "HTTP/1.1 100 Continue\r\n\r\n");
  send("abc");
  BOOST_TEST(take().find("HTTP/1.1 200") == 0u);
  BOOST_TEST(bodies.back() == "abc");
}

BOOST_FIXTURE_TEST_CASE(continue_waits_for_earlier_answers, fixture) {
  hold = true;
  send(get
       + "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
         "Content-Length: 3\r\n\r\n");
  BOOST_TEST(take() == "");
  answer(1);
  const auto output = take();
  BOOST_TEST(output.find("HTTP/1.1 200") == 0u);
  BOOST_TEST(output.find("HTTP/1.1 100") > 0u);
  BOOST_TEST(output.find("HTTP/1.1 100") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(bodies_arrive_whole, fixture) {
  const std::string body(100000, 'x');
  const auto whole = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000"
                     "\r\n\r\n"
                     + body;
  send(whole + whole);
  for (std::size_t at = 0; at < whole.size(); at += 999)
    send(std::string_view{whole}.substr(at, 999));
  send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
       "c350\r\n"
       + body.substr(0, 50000) + "\r\n0c350;x\r\n" + body.substr(50000)
       + "\r\n0\r\n\r\n");
  BOOST_TEST(bodies.size() == 4u);
  for (const auto& x : bodies)
    BOOST_TEST((x == body));
}

BOOST_FIXTURE_TEST_CASE(request_ids_are_given_back_if_sane, fixture) {
  send("GET / HTTP/1.1\r\nHost: x\r\nX-Request-ID: abc-1\r\n\r\n");
  BOOST_TEST(take().find("\r\nX-Request-Id: abc-1\r\n") != std::string::npos);
  const std::vector<std::string> insane{"a b", std::string(129, 'a'),
                                        "\xc3\xa4", ""};
  for (const auto& id : insane) {
    send("GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: " + id + "\r\n\r\n");
    const auto output = take();
    const auto at = output.find("\r\nX-Request-Id: ");
    BOOST_TEST(output.find('\r', at + 2) - at == 2 + 14 + 36u);
  }
}

BOOST_FIXTURE_TEST_CASE(what_a_connection_holds_is_counted, fixture) {
  BOOST_TEST(wire->buffered_bytes() == 0u);
  send("GET / HT");
  BOOST_TEST(wire->buffered_bytes() == 8u);
  send("TP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
       + std::string(60, 'a'));
  BOOST_TEST(wire->buffered_bytes() == 60u);
  hold = true;
  send(std::string(40, 'b'));
  BOOST_TEST(wire->buffered_bytes() == 0u);
  send(get);
  // An answer that waits for an earlier one counts too.
  answer(2, std::string(1000, 'x'));
  BOOST_TEST(wire->buffered_bytes() > 1000u);
  answer(1);
  BOOST_TEST(wire->buffered_bytes() == wire->output().size());
  take();
  BOOST_TEST(wire->buffered_bytes() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_body_that_is_coming_can_be_refused_for_room,
                        fixture) {
  for (const std::string head : {"Content-Length: 100\r\n\r\n",
                                 "Transfer-Encoding: chunked\r\n\r\n64\r\n"}) {
    connect();
    malformed.clear();
    send("POST / HTTP/1.1\r\nHost: x\r\n" + head + std::string(60, 'a'));
    wire->shed(now, *this);
    BOOST_TEST((malformed == std::vector<uint16_t>{503}));
    // The rest comes, and counts for nothing.
    send(std::string(40, 'a') + get);
    const auto output = take();
    BOOST_TEST(output.find("HTTP/1.1 503") == 0u);
    BOOST_TEST(count(output, "HTTP/1.1") == 1u);
    BOOST_TEST(output.find("\r\nRetry-After: 1\r\n") != std::string::npos);
    BOOST_TEST(output.find("\r\nConnection: close\r\n") != std::string::npos);
    BOOST_TEST(output.find("\"OVERLOADED\"") != std::string::npos);
    BOOST_TEST(requests.empty());
    BOOST_TEST(wire->buffered_bytes() == 0u);
    BOOST_TEST(!wire->finished());
    wire->receive_end(now, *this);
    BOOST_TEST(wire->finished());
  }
}

BOOST_FIXTURE_TEST_CASE(earlier_requests_are_answered_before_a_shed_body,
                        fixture) {
  hold = true;
  send(get + "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
  wire->shed(now, *this);
  BOOST_TEST(take() == "");
  answer(1);
  const auto output = take();
  BOOST_TEST(output.find("HTTP/1.1 200") == 0u);
  BOOST_TEST(output.find("HTTP/1.1 503") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(who_does_not_read_can_be_cut_for_room, fixture) {
  hold = true;
  send(get);
  answer(1, std::string(1000, 'x'));
  wire->shed(now, *this);
  BOOST_TEST(wire->finished());
}

BOOST_FIXTURE_TEST_CASE(a_drain_answers_what_is_in_flight, fixture) {
  hold = true;
  send(get + get);
  wire->drain(now);
  BOOST_TEST(!wire->wants_read());
  BOOST_TEST(!wire->finished());
  answer(2);
  answer(1);
  const auto output = take();
  BOOST_TEST(count(output, "HTTP/1.1 200") == 2u);
  BOOST_TEST(output.find("Connection: close") > output.find("HTTP/1.1", 1));
  wire->receive_end(now, *this);
  BOOST_TEST(wire->finished());
}

BOOST_FIXTURE_TEST_CASE(a_drain_closes_idle_connections_at_once, fixture) {
  send(get);
  take();
  wire->drain(now);
  BOOST_TEST(wire->finished());
}
