#include "lines.hpp"
#include "vmsystem/app/json_value.hpp"

#include <filesystem>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

finished_program doctor(const std::string& db,
                        const std::vector<std::string>& flags) {
  std::vector<std::string> arguments{program(), "--db", db};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  return run_program(arguments);
}

} // namespace

BOOST_AUTO_TEST_SUITE(doctor_command)

BOOST_AUTO_TEST_CASE(each_line_has_a_verdict) {
  const temp_folder folder;
  const auto ran = doctor(folder / "db", {"doctor"});
  BOOST_TEST(ran.err.empty(), ran.err);
  std::size_t findings = 0;
  for (const auto& line : lines_of(ran.out)) {
    const bool advice = line.rfind(std::string(27, ' ') + "-> ", 0) == 0;
    BOOST_TEST((advice || line.rfind("ok    ", 0) == 0
                || line.rfind("warn  ", 0) == 0
                || line.rfind("fail  ", 0) == 0),
               line);
    findings += advice ? 0 : 1;
  }
  BOOST_TEST(findings == 13u);
  BOOST_TEST(ran.out.find("ok    openat2 ") == 0u, ran.out);
  const bool fails = ran.out.find("\nfail ") != std::string::npos;
  BOOST_TEST(ran.status == (fails ? 1 : 0));
  // Nothing is made by looking.
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(what_does_not_serve_is_status_1) {
  const temp_folder folder;
  folder.put("file", "");
  const auto ran = doctor(folder / "file/db", {"doctor", "--output", "json"});
  BOOST_TEST(ran.status == 1);
  const auto document = json_value::parse(ran.out);
  BOOST_REQUIRE(document.has_value());
  BOOST_TEST(document->field("ok").raw() == "false");
  bool found = false;
  for (const auto& check : document->field("checks").elements())
    if (check.field("name").text() == "store") {
      found = true;
      BOOST_TEST(check.field("verdict").text() == "fail");
      BOOST_TEST(check.field("message").text().find("file/db")
                 != std::string::npos);
      BOOST_TEST(check.field("advice").present());
    }
  BOOST_TEST(found);
}

BOOST_AUTO_TEST_CASE(more_sessions_than_there_is_room_for_fail) {
  const temp_folder folder;
  const auto ran = doctor(folder / "db", {"doctor", "--sessions", "4000000"});
  BOOST_TEST(ran.status == 1);
  BOOST_TEST(ran.out.find("fail  vm.max_map_count") != std::string::npos,
             ran.out);
  BOOST_TEST(doctor(folder / "db", {"doctor", "--sessions", "x"}).status == 2);
}

BOOST_AUTO_TEST_SUITE_END()
