#include "connection_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;
using namespace std::chrono_literals;

namespace {

struct fixture : connection_fixture {
  fixture() {
    in_pieces = true;
    context.limits.request.max_piece_bytes = 10;
  }

  void begin(uint64_t number) {
    http::response x;
    x.content_type = "application/x-ndjson";
    wire->begin_answer(number, x);
  }

  void end(uint64_t number) {
    wire->end_answer(number, now, *this);
  }
};

/// A request whose body is taken in pieces.
std::string post(const std::string& fields, const std::string& body) {
  return "POST /stream HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n" + body;
}

std::string sized(const std::string& body) {
  return post("Content-Length: " + std::to_string(body.size()) + "\r\n", body);
}

std::string chunked(const std::string& coded) {
  return post("Transfer-Encoding: chunked\r\n", coded);
}

struct stream_case {
  std::string name;
  std::string bytes;
  std::string body;
};

const std::vector<stream_case> cases{
  {"a sized body", sized("abcdefghijklmnopqrstuvwxyz"),
   "abcdefghijklmnopqrstuvwxyz"},
  {"a body of one piece", sized("0123456789"), "0123456789"},
  {"chunks", chunked("3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"), "abcd"},
  {"a chunk larger than a piece",
   chunked("1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n"),
   "abcdefghijklmnopqrstuvwxyz"},
  {"a chunk that fills a piece", chunked("a\r\n0123456789\r\n0\r\n\r\n"),
   "0123456789"},
  {"no chunk", chunked("0\r\n\r\n"), ""},
  {"extensions and trailers",
   chunked("2;a=b\r\nab\r\n0;c\r\nDigest: x\r\nMore: y\r\n\r\n"), "ab"},
};

} // namespace

BOOST_FIXTURE_TEST_CASE(bodies_in_pieces_arrive_whole_and_in_order, fixture) {
  for (const auto& x : cases)
    for (const std::size_t size : {1u, 2u, 3u, 7u, 10000u})
      BOOST_TEST_CONTEXT(x.name << " in pieces of " << size) {
        connect();
        streamed.clear();
        pieces.clear();
        ends = 0;
        // A request behind the body shows that nothing was taken of it.
        const auto bytes = x.bytes + get;
        std::string output;
        for (std::size_t at = 0; at < bytes.size(); at += size) {
          send(std::string_view{bytes}.substr(at, size));
          output += take();
        }
        BOOST_TEST(streamed == x.body);
        BOOST_TEST(ends == 1);
        for (std::size_t i = 0; i < pieces.size(); ++i) {
          BOOST_TEST(pieces[i] <= 10u);
          BOOST_TEST((pieces[i] > 0 || i + 1 == pieces.size()));
        }
        BOOST_TEST(requests.size() == 2u);
        BOOST_TEST(count(output, "HTTP/1.1 200") == 2u);
      }
}

BOOST_FIXTURE_TEST_CASE(other_bodies_stay_whole, fixture) {
  send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n0123456789ab");
  BOOST_TEST(bodies.back() == "0123456789ab");
  BOOST_TEST(pieces.empty());
  send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8388609\r\n\r\n");
  BOOST_TEST(take().find("HTTP/1.1 413") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_body_in_pieces_may_exceed_the_whole_limit, fixture) {
  context.limits.request.max_piece_bytes = 1 << 20;
  send(post("Content-Length: 20000000\r\n", ""));
  const std::string part(100000, 'x');
  for (int i = 0; i < 200; ++i) {
    BOOST_REQUIRE(wire->wants_read());
    send(part);
  }
  BOOST_TEST(streamed.size() == 20000000u);
  BOOST_TEST(take().find("HTTP/1.1 200") == 0u);
  BOOST_TEST(wire->wants_read());
}

BOOST_FIXTURE_TEST_CASE(a_body_is_read_no_faster_than_it_is_taken, fixture) {
  wants_pieces = false;
  send(post("Content-Length: 1000\r\n", "abc"));
  BOOST_TEST(pieces.empty());
  BOOST_TEST(wire->wants_read());
  send("defghijklm");
  BOOST_TEST(!wire->wants_read());
  wire->want_piece(1, now, *this);
  // What had come goes on into the next piece, which has room.
  BOOST_TEST(streamed == "abcdefghij");
  BOOST_TEST(wire->wants_read());
  send("nopqrst");
  BOOST_TEST(!wire->wants_read());
  wire->want_piece(1, now, *this);
  BOOST_TEST(streamed == "abcdefghijklmnopqrst");
  // Nobody takes it: time does not pass for the client.
  send("0123456789");
  pass(1000s);
  BOOST_TEST(broken.empty());
}

BOOST_FIXTURE_TEST_CASE(requests_behind_a_body_wait_for_its_end, fixture) {
  wants_pieces = false;
  hold = true;
  send(sized("abc") + get);
  BOOST_TEST(requests.size() == 1u);
  wire->want_piece(1, now, *this);
  BOOST_TEST(ends == 1);
  BOOST_TEST(requests.size() == 2u);
  answer(2, "\"two\"");
  BOOST_TEST(take() == "");
  answer(1, "\"one\"");
  const auto output = take();
  BOOST_TEST(output.find("one") < output.find("two"));
}

BOOST_FIXTURE_TEST_CASE(slowness_counts_from_the_last_byte, fixture) {
  hold = true;
  send(post("Content-Length: 1000\r\n", "a"));
  for (int i = 0; i < 100; ++i) {
    pass(29s);
    send("b");
  }
  BOOST_TEST(broken.empty());
  pass(31s);
  BOOST_REQUIRE(broken.size() == 1u);
  BOOST_TEST(broken[0].status == 408u);
  BOOST_TEST(take().find("HTTP/1.1 408") == 0u);
  BOOST_TEST(wire->wants_read());
  send(get);
  BOOST_TEST(requests.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(continue_is_sent_when_a_piece_is_wanted, fixture) {
  wants_pieces = false;
  send(post("Expect: 100-continue\r\nContent-Length: 3\r\n", ""));
  BOOST_TEST(take() == "");
  pass(60s);
  BOOST_TEST(broken.empty());
  wire->want_piece(1, now, *this);
  BOOST_TEST(take() == "HTTP/1.1 100 Continue\r\n\r\n");
  send("abc");
  BOOST_TEST(take().find("HTTP/1.1 200") == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_refused_expectation_is_not_continued, fixture) {
  wants_pieces = false;
  send(post("Expect: 100-continue\r\nContent-Length: 3\r\n", ""));
  answer(1);
  const auto output = take();
  BOOST_TEST(output.find("HTTP/1.1 200") == 0u);
  BOOST_TEST(output.find("Connection: close") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(an_early_answer_ends_the_connection, fixture) {
  hold = true;
  send(post("Content-Length: 1000\r\n", "abc"));
  answer(1);
  const auto output = take();
  BOOST_TEST(output.find("Connection: close") != std::string::npos);
  // The rest is dropped, so that the client sees the answer.
  BOOST_TEST(wire->wants_read());
  send(std::string(500, 'x'));
  BOOST_TEST(streamed == "abc");
  wire->want_piece(1, now, *this);
  BOOST_TEST(streamed == "abc");
}

BOOST_FIXTURE_TEST_CASE(an_answer_behind_the_whole_body_keeps_open, fixture) {
  wants_pieces = false;
  hold = true;
  send(sized("abc"));
  answer(1);
  send(get);
  BOOST_TEST(requests.size() == 2u);
  BOOST_TEST(take().find("Connection: close") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_client_that_leaves_breaks_its_body, fixture) {
  hold = true;
  for (const bool whole_piece : {false, true}) {
    connect();
    broken.clear();
    wants_pieces = whole_piece;
    send(post("Content-Length: 1000\r\n", "abc"));
    wire->receive_end(now, *this);
    BOOST_REQUIRE(broken.size() == 1u);
    BOOST_TEST(broken[0].status == 400u);
    BOOST_TEST(take().find("HTTP/1.1 400") == 0u);
    BOOST_TEST(wire->finished());
  }
}

BOOST_FIXTURE_TEST_CASE(an_end_behind_the_body_breaks_nothing, fixture) {
  wants_pieces = false;
  send(sized("abc"));
  wire->receive_end(now, *this);
  BOOST_TEST(!wire->finished());
  wire->want_piece(1, now, *this);
  BOOST_TEST(broken.empty());
  BOOST_TEST(streamed == "abc");
  BOOST_TEST(take().find("HTTP/1.1 200") == 0u);
  BOOST_TEST(wire->finished());
}

BOOST_FIXTURE_TEST_CASE(what_is_no_chunk_breaks_the_body, fixture) {
  for (const std::size_t size : {1u, 2u, 3u, 7u, 1000u}) {
    connect();
    broken.clear();
    const auto bytes = chunked("3\r\nabc\r\nzz\r\n") + get;
    for (std::size_t at = 0; at < bytes.size() && broken.empty(); at += size)
      send(std::string_view{bytes}.substr(at, size));
    BOOST_REQUIRE(broken.size() == 1u);
    BOOST_TEST(broken[0].status == 400u);
    BOOST_TEST(take().find("HTTP/1.1 400") == 0u);
    BOOST_TEST(requests.size() == 1u);
  }
}

BOOST_FIXTURE_TEST_CASE(a_drain_lets_a_body_come_to_its_end, fixture) {
  send(post("Content-Length: 6\r\n", "abc"));
  wire->drain(now);
  BOOST_TEST(wire->wants_read());
  send("def" + get);
  BOOST_TEST(streamed == "abcdef");
  BOOST_TEST(requests.size() == 1u);
  const auto output = take();
  BOOST_TEST(count(output, "HTTP/1.1 200") == 1u);
  BOOST_TEST(output.find("Connection: close") != std::string::npos);
}

// -- streamed answers ---------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(a_streamed_answer_is_sent_in_chunks, fixture) {
  hold = true;
  send(get + get);
  begin(1);
  wire->add_to_answer(1, "abc");
  wire->add_to_answer(1, "");
  wire->add_to_answer(1, std::string(26, 'x'));
  const auto first = take();
  BOOST_TEST(
    first.find("HTTP/1.1 200 OK\r\nContent-Type: "
               "application/x-ndjson\r\nTransfer-Encoding: chunked\r\n")
    == 0u);
  BOOST_TEST(first.find("Content-Length") == std::string::npos);
  BOOST_TEST(first.find("\r\n\r\n3\r\nabc\r\n1a\r\nxxx") != std::string::npos);
  answer(2);
  BOOST_TEST(take() == "");
  end(1);
  BOOST_TEST(take().find("0\r\n\r\nHTTP/1.1 200 OK\r\n") == 0u);
  BOOST_TEST(wire->wants_read());
}

BOOST_FIXTURE_TEST_CASE(a_streamed_answer_waits_for_earlier_ones, fixture) {
  hold = true;
  send(get + get);
  BOOST_TEST(!wire->has_room(2));
  begin(2);
  wire->add_to_answer(2, "two");
  BOOST_TEST(take() == "");
  answer(1, "\"one\"");
  BOOST_TEST(rooms == 1);
  const auto output = take();
  BOOST_TEST(output.find("one") < output.find("3\r\ntwo\r\n"));
  wire->add_to_answer(2, "more");
  end(2);
  BOOST_TEST(take() == "4\r\nmore\r\n0\r\n\r\n");
}

BOOST_FIXTURE_TEST_CASE(room_is_offered_once_when_the_client_read, fixture) {
  hold = true;
  send(get);
  begin(1);
  BOOST_TEST(wire->has_room(1));
  wire->add_to_answer(1, std::string(300000, 'x'));
  BOOST_TEST(!wire->has_room(1));
  wire->sent(30000, now, *this);
  BOOST_TEST(rooms == 0);
  wire->sent(30000, now, *this);
  BOOST_TEST(rooms == 1);
  wire->sent(30000, now, *this);
  BOOST_TEST(rooms == 1);
  BOOST_TEST(wire->has_room(1));
  BOOST_TEST(!wire->has_room(2));
}

BOOST_FIXTURE_TEST_CASE(version_1_0_gets_a_stream_until_the_end, fixture) {
  hold = true;
  send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  begin(1);
  wire->add_to_answer(1, "abc");
  end(1);
  const auto output = take();
  BOOST_TEST(output.find("Transfer-Encoding") == std::string::npos);
  BOOST_TEST(output.find("Connection: close\r\n") != std::string::npos);
  BOOST_TEST(output.substr(output.size() - 7) == "\r\n\r\nabc");
  wire->receive_end(now, *this);
  BOOST_TEST(wire->finished());
}

BOOST_FIXTURE_TEST_CASE(nothing_follows_a_stream_until_the_end, fixture) {
  hold = true;
  const std::string old = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  send(old + old);
  answer(2, "\"two\"");
  begin(1);
  end(1);
  BOOST_TEST(take().find("two") == std::string::npos);
  answer(2);
  wire->receive_end(now, *this);
  BOOST_TEST(wire->finished());
}

BOOST_FIXTURE_TEST_CASE(an_answer_may_begin_before_its_body_ends, fixture) {
  hold = true;
  send(post("Content-Length: 6\r\n", "abc"));
  begin(1);
  wire->add_to_answer(1, "first");
  BOOST_TEST(take().find("5\r\nfirst\r\n") != std::string::npos);
  // A client that does not read does not keep its own body from being read.
  wire->add_to_answer(1, std::string(2 << 20, 'x'));
  BOOST_TEST(wire->wants_read());
  send("def" + get);
  BOOST_TEST(streamed == "abcdef");
  end(1);
  take();
  BOOST_TEST(requests.size() == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_stream_that_ends_before_its_body_closes, fixture) {
  hold = true;
  send(post("Content-Length: 6\r\n", "abc"));
  begin(1);
  end(1);
  BOOST_TEST(take().find("0\r\n\r\n") != std::string::npos);
  send("def" + get);
  BOOST_TEST(streamed == "abc");
  BOOST_TEST(requests.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_begun_answer_cannot_be_answered_again, fixture) {
  hold = true;
  send(get);
  wire->add_to_answer(1, "too early");
  end(1);
  BOOST_TEST(take() == "");
  begin(1);
  begin(1);
  answer(1, "\"whole\"");
  end(1);
  end(1);
  const auto output = take();
  BOOST_TEST(count(output, "HTTP/1.1") == 1u);
  BOOST_TEST(output.find("whole") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(head_gets_a_stream_without_its_body, fixture) {
  hold = true;
  send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + get);
  begin(1);
  wire->add_to_answer(1, "abc");
  end(1);
  const auto output = take();
  BOOST_TEST(output.substr(output.size() - 4) == "\r\n\r\n");
  answer(2);
  BOOST_TEST(take().find("HTTP/1.1 200") == 0u);
}
