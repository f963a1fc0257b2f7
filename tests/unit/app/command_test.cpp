#include "vmsystem/app/command.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace vmsystem;

namespace {

/// A program with one command, which has an argument and a flag whose value may
/// be left out.
struct one_command {
  std::string file;
  std::string value = "before";
  bool given = false;
  bool ran = false;

  exit_code run(std::vector<const char*> words) {
    command_line program{{"p", "does", "", ""}, "p 1"};
    program.root()
      .add({"go", "go", "", ""})
      .argument("FILE", file, "A file.")
      .optional_value("--again", value, given, "ID", "Go on.")
      .on_run([this] {
        ran = true;
        return exit_code::ok;
      });
    words.insert(words.begin(), {"p", "go"});
    return program.run(static_cast<int>(words.size()), words.data());
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(values_that_may_be_left_out, one_command)

BOOST_AUTO_TEST_CASE(without_the_flag_nothing_is_given) {
  BOOST_TEST((run({"f"}) == exit_code::ok));
  BOOST_TEST(ran);
  BOOST_TEST(!given);
  BOOST_TEST(value == "before");
}

BOOST_AUTO_TEST_CASE(the_flag_alone_is_given_without_a_value) {
  BOOST_TEST((run({"f", "--again"}) == exit_code::ok));
  BOOST_TEST(given);
  BOOST_TEST(value.empty());
  BOOST_TEST(file == "f");
}

BOOST_AUTO_TEST_CASE(a_value_may_follow) {
  BOOST_TEST((run({"f", "--again", "id"}) == exit_code::ok));
  BOOST_TEST(given);
  BOOST_TEST(value == "id");
}

BOOST_AUTO_TEST_CASE(a_value_may_be_joined) {
  BOOST_TEST((run({"--again=id", "f"}) == exit_code::ok));
  BOOST_TEST(value == "id");
  BOOST_TEST(file == "f");
}

BOOST_AUTO_TEST_SUITE_END()
