#include "vmsystem/app/json_value.hpp"
#include "vmsystem/app/log.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;

namespace {

std::string json_line(std::string_view message, log_fields fields = {}) {
  return render_log_line(log_format::json, "2026-01-02T03:04:05.000006Z",
                         "info", message, fields);
}

std::string text_line(std::string_view message, log_fields fields = {}) {
  return render_log_line(log_format::text, "", "", message, fields);
}

} // namespace

BOOST_AUTO_TEST_SUITE(log_lines)

BOOST_AUTO_TEST_CASE(a_line_for_programs_is_one_object) {
  BOOST_TEST(json_line("it runs", {{"file", "a \"b\""}, {"tokens", 3u}})
             == R"({"time":"2026-01-02T03:04:05.000006Z","level":"info",)"
                R"("message":"it runs","file":"a \"b\"","tokens":3})");
}

BOOST_AUTO_TEST_CASE(no_text_breaks_a_line) {
  const std::string bad = "a\nb\x1b[31m\xff{}";
  const auto line = json_line(bad, {{"file", bad}});
  BOOST_TEST(line.find('\n') == std::string::npos);
  const auto value = json_value::parse(line);
  BOOST_REQUIRE(value.has_value());
  BOOST_TEST(value->field("message").text() == "a\nb\x1b[31m?{}");
  BOOST_TEST(value->field("file").text() == "a\nb\x1b[31m?{}");
  const auto text = text_line(bad, {{"file", bad}});
  BOOST_TEST(text.find('\n') == std::string::npos);
  BOOST_TEST(text.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_line_for_people_has_its_fields_at_the_end) {
  BOOST_TEST(text_line("stopped") == "stopped");
  BOOST_TEST(text_line("it runs", {{"file", "/a"}, {"tokens", 3u}})
             == "it runs file=/a tokens=3");
}

BOOST_AUTO_TEST_SUITE_END()
