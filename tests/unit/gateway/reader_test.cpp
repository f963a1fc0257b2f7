#include "vmsystem/actors/http/reader.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;
using outcome = http::request_reader::outcome;

namespace {

/// Reads a request with a body that is taken whole.
outcome read_whole(http::request_reader& reader, std::string_view& input) {
  auto result = reader.read(input);
  if (result == outcome::header)
    result = reader.take_whole();
  return result == outcome::need_more ? reader.read(input) : result;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_reader_understands_method_target_and_body) {
  const http::reader_limits limits;
  http::request_reader reader{limits};
  std::string_view input{"PUT /a?b=c HTTP/1.1\r\nHost: x\r\n"
                         "X-Request-Id: id\r\nContent-Length: 2\r\n\r\nhi!"};
  BOOST_TEST((read_whole(reader, input) == outcome::complete));
  const auto x = reader.current();
  BOOST_TEST((x.verb == http::method::put));
  BOOST_TEST(x.target == "/a?b=c");
  BOOST_TEST(x.body == "hi");
  BOOST_TEST(x.request_id == "id");
  BOOST_TEST(x.http11);
  BOOST_TEST(x.keep_alive);
  BOOST_TEST(input == "!");
}

BOOST_AUTO_TEST_CASE(nothing_of_a_request_leaks_into_the_next) {
  const http::reader_limits limits;
  http::request_reader reader{limits};
  std::string_view input{
    "POST /first HTTP/1.1\r\nHost: x\r\n"
    "X-Request-Id: id\r\nConnection: close\r\n"
    "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n"};
  BOOST_TEST((read_whole(reader, input) == outcome::complete));
  BOOST_TEST(reader.current().body == "hi");
  BOOST_TEST(!reader.current().keep_alive);
  reader.next();
  BOOST_TEST((read_whole(reader, input) == outcome::complete));
  const auto x = reader.current();
  BOOST_TEST((x.verb == http::method::get));
  BOOST_TEST(x.target == "/");
  BOOST_TEST(x.body == "");
  BOOST_TEST(x.request_id == "");
  BOOST_TEST(x.keep_alive);
}

BOOST_AUTO_TEST_CASE(bounds_hold_to_the_byte) {
  http::reader_limits limits;
  limits.max_target_bytes = 10;
  limits.max_body_bytes = 3;
  const auto read = [&](std::string_view input) {
    http::request_reader reader{limits};
    const auto result = read_whole(reader, input);
    return result == outcome::failed ? reader.error().status : 0;
  };
  BOOST_TEST(read("GET /123456789 HTTP/1.1\r\nHost: x\r\n\r\n") == 0);
  BOOST_TEST(read("GET /1234567890 HTTP/1.1\r\nHost: x\r\n\r\n") == 414);
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
  BOOST_TEST(read(post + "Content-Length: 3\r\n\r\nabc") == 0);
  BOOST_TEST(read(post + "Content-Length: 4\r\n\r\n") == 413);
  const auto chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  BOOST_TEST(read(chunked + "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n") == 0);
  BOOST_TEST(read(chunked + "2\r\nab\r\n2\r\n") == 413);
}

BOOST_AUTO_TEST_CASE(a_failed_read_has_the_code_of_its_status) {
  const std::vector<std::pair<std::string, ec>> cases{
    {"GET / HTTP/1.1\r\n\r\n", ec::invalid_request},
    {"GET /" + std::string(9000, 'a'), ec::uri_too_long},
    {"GET / HTTP/1.1\r\nA: " + std::string(17000, 'a'), ec::headers_too_large},
    {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n",
     ec::payload_too_large},
  };
  for (const auto& [bytes, code] : cases) {
    const http::reader_limits limits;
    http::request_reader reader{limits};
    std::string_view input{bytes};
    BOOST_TEST((read_whole(reader, input) == outcome::failed));
    BOOST_TEST((reader.error().reason.code == code));
    BOOST_TEST(reader.error().status == row_of(code).status);
    BOOST_TEST(!reader.error().reason.message.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_header_is_known_before_its_body) {
  const http::reader_limits limits;
  http::request_reader reader{limits};
  std::string_view input{
    "POST /a HTTP/1.1\r\nHost: x\r\nAccept: a/b\r\nAccept: c/d\r\n"
    "Content-Type: e/f\r\nContent-Length: 5\r\n\r\nhello"};
  BOOST_TEST((reader.read(input) == outcome::header));
  BOOST_TEST(reader.current().target == "/a");
  BOOST_TEST(reader.current().accept == "a/b, c/d");
  BOOST_TEST(reader.current().content_type == "e/f");
  BOOST_TEST(reader.current().body == "");
  reader.take_pieces();
  auto start = input.substr(0, 2);
  BOOST_TEST((reader.read(start) == outcome::need_more));
  BOOST_TEST(reader.take_piece() == "he");
  input.remove_prefix(2);
  BOOST_TEST((reader.read(input) == outcome::complete));
  BOOST_TEST(reader.take_piece() == "llo");
  BOOST_TEST(reader.current().in_pieces);
  reader.next();
  input = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  BOOST_TEST((reader.read(input) == outcome::complete));
  BOOST_TEST(reader.current().accept == "");
  BOOST_TEST(reader.current().content_type == "");
  BOOST_TEST(!reader.current().in_pieces);
}
