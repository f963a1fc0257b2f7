#include "vmsystem/app/batch_template.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace vmsystem;

namespace {

template_plan plan(const std::string& text, const std::string& limits = "{}") {
  return read_template_plan(text, json_text{limits}).value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(template_plans)

BOOST_AUTO_TEST_CASE(a_file_says_all_that_a_template_has) {
  const auto made = plan(R"({
    "name": "lab", "limits": {"cpu_ms": 5}, "resolver": {"roots": ["src"]},
    "runtime": {"strict": false}, "startup_files": ["b.js", "a.js"],
    "modules": ["fs"], "libraries": ["lodash"],
    "capabilities": [{"kind": "module", "name": "exec",
                      "config": {"programs": ["sort"]}}]})");
  BOOST_TEST(made.settings.text
             == R"({"limits":{"cpu_ms":5},"resolver":{"roots":["src"]},)"
                R"("runtime":{"strict":false}})");
  BOOST_TEST(made.startup_files.size() == 2u);
  BOOST_TEST(made.startup_files[0] == "b.js");
  BOOST_TEST(made.modules[0] == "fs");
  BOOST_TEST(made.libraries[0] == "lodash");
  BOOST_TEST_REQUIRE(made.capabilities.size() == 1u);
  BOOST_TEST(body_of(made.capabilities[0]).text
             == R"({"kind":"module","name":"exec","enabled":true,)"
                R"("config":{"programs":["sort"]}})");
  BOOST_TEST(made.name.rfind("lab-", 0) == 0u);
  BOOST_TEST(made.name.size() == 4u + 16u);
}

BOOST_AUTO_TEST_CASE(the_name_is_that_of_the_content) {
  const auto name = plan(R"({"limits":{"cpu_ms":5}})").name;
  BOOST_TEST(plan(" { \"limits\" : { \"cpu_ms\" : 5 } } ").name == name);
  BOOST_TEST(plan(R"({"limits":{"cpu_ms":6}})").name != name);
  BOOST_TEST(plan(R"({"limits":{"cpu_ms":5},"modules":["fs"]})").name != name);
  BOOST_TEST(plan(R"({"startup_files":["fs"]})").name
             != plan(R"({"modules":["fs"]})").name);
  BOOST_TEST(plan(R"({"capabilities":[{"kind":"module","name":"fs"}]})").name
             != plan("{}").name);
  // Stays what it is, so that later versions find the template too.
  BOOST_TEST(plan("{}").name == "batch-6bda70d9600a223d");
}

BOOST_AUTO_TEST_CASE(limits_of_the_command_line_go_over_those_of_the_file) {
  const auto made
    = plan(R"({"limits":{"cpu_ms":5,"mem_mb":9}})", R"({"cpu_ms":7})");
  BOOST_TEST(made.name != plan(R"({"limits":{"cpu_ms":5,"mem_mb":9}})").name);
  const auto last = made.settings.text.rfind("\"cpu_ms\"");
  BOOST_TEST(made.settings.text.substr(last, 10) == "\"cpu_ms\":7");
}

BOOST_AUTO_TEST_CASE(what_is_no_template_is_refused) {
  for (const std::string wrong :
       {"", "[]", "{", R"({"unknown":1})", R"({"limits":[]})",
        R"({"startup_files":"a.js"})", R"({"name":1})",
        R"({"capabilities":[{"name":"fs"}]})",
        R"({"capabilities":[{"kind":"gpu","name":"fs"}]})"})
    BOOST_TEST(read_template_plan(wrong, {}).has_error(), wrong);
}

BOOST_AUTO_TEST_SUITE_END()
