#include "connection_fixture.hpp"
#include "vmsystem/actors/http/counters.hpp"
#include "vmsystem/actors/http/process_metrics.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;
using http::method;
using std::chrono::microseconds;

namespace {

const std::vector<http::route_doc> docs{
  {method::get, "/a/{id}", "A"},
  {method::post, "/b", "B"},
};

std::string text_of(const http::counters& x) {
  metrics_text to;
  x.write(to);
  return to.text();
}

bool has(const std::string& text, const std::string& line) {
  return text.find('\n' + line + '\n') != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_CASE(answers_are_counted_by_pattern_method_and_status) {
  http::counters x{docs};
  x.count(0, method::get, 200, microseconds{50});
  x.count(0, method::get, 200, microseconds{300});
  x.count(0, method::get, 404, microseconds{50});
  x.count(0, method::head, 200, microseconds{50});
  x.count(x.no_route(), method::other, 404, microseconds{-1});
  x.count_malformed(431);
  x.count_malformed(431);
  const auto text = text_of(x);
  const std::string name = "vm_system_http_requests_total{route=";
  BOOST_TEST(has(text, name + R"("/a/{id}",method="GET",code="200"} 2)"), text);
  BOOST_TEST(has(text, name + R"("/a/{id}",method="GET",code="404"} 1)"));
  BOOST_TEST(has(text, name + R"("/a/{id}",method="HEAD",code="200"} 1)"));
  BOOST_TEST(has(text, name + R"("none",method="other",code="404"} 1)"));
  BOOST_TEST(has(text, R"(vm_system_http_malformed_total{code="431"} 2)"));
  const std::string taken = "vm_system_http_request_seconds";
  const std::string labels = R"(route="/a/{id}",method="GET")";
  BOOST_TEST(has(text, taken + "_bucket{" + labels + R"(,le="0.0001"} 2)"));
  BOOST_TEST(has(text, taken + "_bucket{" + labels + R"(,le="0.0005"} 3)"));
  BOOST_TEST(has(text, taken + "_sum{" + labels + "} 0.0004"));
  BOOST_TEST(has(text, taken + "_count{" + labels + "} 3"));
  BOOST_TEST(text.find("/b") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_request_is_marked_until_its_answer_begins,
                        connection_fixture) {
  hold = true;
  send(get + get);
  BOOST_TEST(wire->mark_of(1) == nullptr);
  wire->mark(1, {7, method::get, now});
  wire->mark(2, {8, method::head, now});
  wire->mark(3, {9, method::get, now});
  BOOST_REQUIRE(wire->mark_of(1) != nullptr);
  BOOST_TEST(wire->mark_of(1)->route == 7u);
  BOOST_TEST(wire->mark_of(3) == nullptr);
  answer(2);
  BOOST_TEST(wire->mark_of(2) == nullptr);
  wire->begin_answer(1, http::response{});
  BOOST_TEST(wire->mark_of(1) == nullptr);
  // The room of an answered request serves a new one, without the old mark.
  wire->end_answer(1, now, *this);
  send(get);
  BOOST_TEST(requests.size() == 3u);
  BOOST_TEST(wire->mark_of(3) == nullptr);
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_read_is_told, connection_fixture) {
  send(get);
  BOOST_TEST(malformed.empty());
  send("nonsense\r\n\r\n");
  BOOST_TEST(malformed == std::vector<uint16_t>{400},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_kernel_tells_what_the_process_takes) {
  metrics_text to;
  http::write_process_metrics(to);
  for (const std::string name :
       {"process_start_time_seconds", "process_cpu_seconds_total",
        "process_resident_memory_bytes", "process_threads", "process_open_fds",
        "process_max_fds"}) {
    const auto at = to.text().find('\n' + name + ' ');
    BOOST_REQUIRE(at != std::string::npos);
    BOOST_TEST(std::stod(to.text().substr(at + name.size() + 2)) > 0, name);
  }
}
