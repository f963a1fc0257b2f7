#include "vmsystem/actors/http/chunked.hpp"

#include <boost/test/unit_test.hpp>

using vmsystem::http::chunk_decoder;
using outcome = chunk_decoder::outcome;

BOOST_AUTO_TEST_CASE(a_chunked_body_may_be_as_large_as_the_limit) {
  for (const uint64_t limit : {5u, 6u, 7u}) {
    chunk_decoder decoder;
    decoder.reset(limit);
    std::string_view input{"3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"};
    std::string body;
    const auto wanted = limit < 6 ? outcome::too_large : outcome::done;
    BOOST_TEST((decoder.decode(input, body) == wanted));
    BOOST_TEST(body == (limit < 6 ? "abc" : "abcdef"));
  }
}

BOOST_AUTO_TEST_CASE(a_decoder_takes_nothing_behind_the_body) {
  chunk_decoder decoder;
  decoder.reset(10);
  std::string_view input{"1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n"};
  std::string body;
  BOOST_TEST((decoder.decode(input, body) == outcome::done));
  BOOST_TEST(input == "GET / HTTP/1.1\r\n");
}

BOOST_AUTO_TEST_CASE(a_decoder_can_be_used_again) {
  chunk_decoder decoder;
  for (int i = 0; i < 3; ++i) {
    decoder.reset(1);
    std::string_view input{"1\r\na\r\n0\r\nA: b\r\n\r\n"};
    std::string body;
    BOOST_TEST((decoder.decode(input, body) == outcome::done));
    BOOST_TEST(body == "a");
  }
}
