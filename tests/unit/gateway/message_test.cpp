#include "vmsystem/actors/http/message.hpp"
#include "vmsystem/models/error_code.hpp"
#include "vmsystem/models/ids.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;

namespace {

std::string rendered(const http::response& x,
                     const http::response_frame& frame) {
  std::string result;
  http::append_response(result, x, frame);
  return result;
}

} // namespace

BOOST_AUTO_TEST_CASE(an_answer_has_its_length_and_id) {
  http::response x;
  x.status = 201;
  x.body = "{}";
  x.headers = "A: b\r\n";
  http::response_frame frame;
  frame.request_id = "id";
  frame.date = "now";
  BOOST_TEST(rendered(x, frame)
             == "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
                "Content-Length: 2\r\nDate: now\r\nX-Request-Id: id\r\n"
                "A: b\r\n\r\n{}");
}

BOOST_AUTO_TEST_CASE(an_answer_to_head_has_the_length_but_no_body) {
  http::response x;
  x.body = "{}";
  http::response_frame frame;
  frame.head_only = true;
  const auto text = rendered(x, frame);
  BOOST_TEST(text.find("Content-Length: 2\r\n") != std::string::npos);
  BOOST_TEST(text.substr(text.size() - 4) == "\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(no_content_has_neither_body_nor_length) {
  http::response x;
  x.status = 204;
  const auto text = rendered(x, {});
  BOOST_TEST(text.find("Content-") == std::string::npos);
  BOOST_TEST(text.substr(text.size() - 4) == "\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(an_answer_without_id_gets_a_new_one) {
  const auto text = rendered({}, {});
  const std::string name = "X-Request-Id: ";
  const auto at = text.find(name);
  const auto id = text.substr(at + name.size(), 36);
  BOOST_TEST(raw_id::parse(id).has_value());
  BOOST_TEST(rendered({}, {}).find(id) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_status_of_the_error_table_has_a_phrase) {
  for (const auto& row : error_table()) {
    http::response x;
    x.status = row.status;
    const auto line = rendered(x, {}).substr(0, 14);
    BOOST_TEST_CONTEXT(line)
    BOOST_TEST(line.back() != '\r');
  }
}

BOOST_AUTO_TEST_CASE(a_status_without_phrase_is_sent_all_the_same) {
  http::response x;
  x.status = 299;
  BOOST_TEST(rendered(x, {}).find("HTTP/1.1 299 \r\n") == 0u);
}

BOOST_AUTO_TEST_CASE(methods_have_their_names) {
  for (const auto* name : {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
    BOOST_TEST(http::name_of(http::method_of(name)) == name);
  BOOST_TEST((http::method_of("get") == http::method::other));
  BOOST_TEST((http::method_of("PATCH") == http::method::other));
}

BOOST_AUTO_TEST_CASE(dates_have_the_form_of_http) {
  const auto date = http::http_date();
  BOOST_TEST(date.size() == 29u);
  BOOST_TEST(date.substr(3, 2) == ", ");
  BOOST_TEST(date.substr(25) == " GMT");
}
