#include "vmsystem/pipeline/template_modules.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace vmsystem;

namespace {

capability capability_of(capability_kind kind, const char* name,
                         const char* config, bool enabled = true) {
  capability one;
  one.kind = kind;
  one.name = name;
  one.enabled = enabled;
  one.config = json_text{config};
  return one;
}

const std::vector<std::string> all_of_it{"."};

} // namespace

BOOST_AUTO_TEST_SUITE(the_modules_of_a_template)

BOOST_AUTO_TEST_CASE(are_those_that_it_lists_or_has_a_capability_for) {
  template_bundle bundle;
  bundle.record.exposed_modules = {"exec"};
  bundle.settings.resolver.roots = {"src"};
  bundle.capabilities
    = {capability_of(capability_kind::module, "fs", "{}"),
       capability_of(capability_kind::module, "database", "{}", false)};
  const auto modules = modules_of(bundle, false);
  BOOST_TEST((modules.exposed == std::vector<std::string>{"exec", "fs"}));
  BOOST_TEST((modules.resolver.roots == std::vector<std::string>{"src"}));
  BOOST_TEST_REQUIRE(modules.files.size() == 1);
  BOOST_TEST(modules.files[0].write);
  BOOST_TEST((modules.files[0].paths == all_of_it));
}

BOOST_AUTO_TEST_CASE(may_do_what_its_capabilities_grant) {
  template_bundle bundle;
  bundle.capabilities
    = {capability_of(capability_kind::fs, "a", "{}"),
       capability_of(capability_kind::fs, "b",
                     R"({"write":true,"paths":["data/","./log.txt",".."]})"),
       capability_of(capability_kind::fs, "c", R"({"write":true})", false)};
  const auto files = modules_of(bundle, false).files;
  BOOST_TEST_REQUIRE(files.size() == 2);
  BOOST_TEST(!files[0].write);
  BOOST_TEST((files[0].paths == all_of_it));
  BOOST_TEST(files[1].write);
  BOOST_TEST((files[1].paths == std::vector<std::string>{"data", "log.txt"}));
}

BOOST_AUTO_TEST_CASE(grant_nothing_by_what_makes_no_sense) {
  template_bundle bundle;
  bundle.capabilities
    = {capability_of(capability_kind::fs, "a",
                     R"({"write":"yes","paths":"all"})"),
       capability_of(capability_kind::fs, "b", R"({"paths":[1,"/etc"]})")};
  for (const auto& grant : modules_of(bundle, false).files) {
    BOOST_TEST(!grant.write);
    BOOST_TEST(grant.paths.empty());
  }
}

BOOST_AUTO_TEST_CASE(run_the_programs_that_a_capability_lists) {
  template_bundle bundle;
  bundle.record.exposed_modules = {"exec"};
  BOOST_TEST(modules_of(bundle, true).programs.programs.empty());
  bundle.capabilities = {
    capability_of(capability_kind::module, "exec",
                  R"({"programs":["sort","/opt/x"],"env":{"LANG":"C","A":""},)"
                  R"("timeout_ms":1500,"max_output_kb":2})")};
  const auto modules = modules_of(bundle, true);
  BOOST_TEST(modules.allow_exec);
  BOOST_TEST(!modules_of(bundle, false).allow_exec);
  const auto& grant = modules.programs;
  BOOST_TEST((grant.programs == std::vector<std::string>{"sort", "/opt/x"}));
  BOOST_TEST_REQUIRE(grant.environment.size() == 2);
  BOOST_TEST(grant.environment[0].first == "LANG");
  BOOST_TEST(grant.environment[0].second == "C");
  BOOST_TEST(grant.timeout.count() == 1500);
  BOOST_TEST(grant.max_output_bytes == 2048);
  bundle.capabilities[0].config.text
    = R"({"programs":["sort"],"max_output_kb":99999999})";
  BOOST_TEST(modules_of(bundle, true).programs.max_output_bytes
             == engine::max_program_output_bytes);
  bundle.capabilities[0].enabled = false;
  BOOST_TEST(modules_of(bundle, true).programs.programs.empty());
}

BOOST_AUTO_TEST_CASE(run_no_program_when_the_list_makes_no_sense) {
  for (const char* config :
       {"{}", "[]", "", R"({"programs":"sort"})", R"({"programs":[1]})",
        R"({"programs":["sort","bin/sort"]})", R"({"programs":["../sort"]})",
        R"({"programs":["so\u0000rt"]})", R"({"programs":[".."]})",
        R"({"programs":[""]})", R"({"programs":["sort"],"env":["LANG"]})",
        R"({"programs":["sort"],"env":{"LANG":1}})",
        R"({"programs":["sort"],"env":{"A=B":"x"}})",
        R"({"programs":["sort"],"env":{"A":"x\u0000y"}})",
        R"({"programs":["sort"],"timeout_ms":0})",
        R"({"programs":["sort"],"timeout_ms":-1})",
        R"({"programs":["sort"],"max_output_kb":"much"})"}) {
    template_bundle bundle;
    bundle.capabilities
      = {capability_of(capability_kind::module, "exec", config)};
    const auto grant = modules_of(bundle, true).programs;
    BOOST_TEST(grant.programs.empty(), config);
    BOOST_TEST(grant.environment.empty(), config);
  }
}

BOOST_AUTO_TEST_SUITE_END()
