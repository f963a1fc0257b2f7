#include "vmsystem/models/codec.hpp"
#include "vmsystem/models/validation.hpp"
#include "vmsystem/tests/unit/models/message_walk.hpp"
#include "vmsystem/tests/unit/models/support.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

using limit = uint32_t limits_config::*;
using maximum = uint32_t limits_maximum::*;

struct limit_row {
  std::string_view name;
  limit value;
  maximum most;
};

constexpr limit_row all_limits[] = {
  {"cpu_ms", &limits_config::cpu_ms, &limits_maximum::cpu_ms},
  {"wall_ms", &limits_config::wall_ms, &limits_maximum::wall_ms},
  {"mem_mb", &limits_config::mem_mb, &limits_maximum::mem_mb},
  {"max_events", &limits_config::max_events, &limits_maximum::max_events},
  {"max_output_kb", &limits_config::max_output_kb,
   &limits_maximum::max_output_kb},
};

std::string merged(std::string_view patch) {
  template_settings settings;
  const auto outcome = merge_settings(settings, patch, {});
  return outcome ? must(to_json(settings)).text
                 : std::string{to_string_view(outcome.error().code)};
}

constexpr std::string_view default_settings
  = R"({"vm_id":"00000000-0000-0000-0000-000000000000",)"
    R"("limits":{"cpu_ms":2000,"wall_ms":5000,"mem_mb":128,)"
    R"("max_events":50000,"max_output_kb":256},)"
    R"("resolver":{"roots":["."],"extensions":[".js",".mjs"],)"
    R"("allow_absolute_repo_imports":true},)"
    R"("runtime":{"esm":true,"strict":true,"console":true}})";

std::string replaced(std::string_view from, std::string_view to) {
  std::string result{default_settings};
  result.replace(result.find(from), from.size(), to);
  return result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(settings)

BOOST_AUTO_TEST_CASE(limits_go_from_1_to_the_maximum) {
  const limits_maximum most;
  BOOST_TEST(code_of(check_limits({}, most)) == "ok");
  for (const auto& row : all_limits)
    BOOST_TEST_CONTEXT(row.name) {
      const auto check = [&](uint32_t value) {
        limits_config limits;
        limits.*row.value = value;
        return check_limits(limits, most);
      };
      const auto top = most.*row.most;
      BOOST_TEST(code_of(check(1)) == "ok");
      BOOST_TEST(code_of(check(top)) == "ok");
      for (const auto value : {0u, top + 1, UINT32_MAX}) {
        const auto outcome = check(value);
        BOOST_TEST(code_of(outcome) == "VALIDATION_ERROR");
        BOOST_TEST(message_of(outcome)
                   == "field \"limits." + std::string{row.name}
                        + "\" must be between 1 and " + std::to_string(top)
                        + ", not " + std::to_string(value));
      }
    }
}

BOOST_AUTO_TEST_CASE(the_first_limit_out_of_bounds_is_named) {
  const auto outcome = check_limits({0, 0, 0, 0, 0}, {});
  BOOST_TEST(contains(message_of(outcome), "limits.cpu_ms"));
}

BOOST_AUTO_TEST_CASE(roots_are_folders_of_the_worktree) {
  struct row {
    std::string root;
    std::string_view code;
  };
  const row rows[] = {
    {".", "ok"},
    {"src", "ok"},
    {"src/", "ok"},
    {"./src/lib", "ok"},
    {"src//lib", "ok"},
    {"..src", "ok"},
    {"", "INVALID_PATH"},
    {"/", "INVALID_PATH"},
    {"/src", "INVALID_PATH"},
    {"..", "INVALID_PATH"},
    {"src/..", "INVALID_PATH"},
    {"src/../lib", "INVALID_PATH"},
    {std::string{"a\0b", 3}, "INVALID_PATH"},
    {std::string(max_path_bytes, 'a'), "INVALID_PATH"},
  };
  for (const auto& [root, code] : rows)
    BOOST_TEST_CONTEXT(root.substr(0, 40)) {
      resolver_config resolver;
      resolver.roots = {"lib", root};
      BOOST_TEST(code_of(check_resolver(resolver)) == code);
    }
  resolver_config none;
  none.roots.clear();
  none.extensions.clear();
  BOOST_TEST(code_of(check_resolver(none)) == "ok");
}

BOOST_AUTO_TEST_CASE(extensions_begin_with_a_dot) {
  struct row {
    std::string_view extension;
    std::string_view code;
  };
  const row rows[] = {
    {".js", "ok"},
    {".x", "ok"},
    {".test.js", "ok"},
    {"", "VALIDATION_ERROR"},
    {".", "VALIDATION_ERROR"},
    {"js", "VALIDATION_ERROR"},
    {"/.js", "VALIDATION_ERROR"},
    {"./js", "VALIDATION_ERROR"},
    {".js/", "VALIDATION_ERROR"},
  };
  for (const auto& [extension, code] : rows)
    BOOST_TEST_CONTEXT(extension) {
      resolver_config resolver;
      resolver.extensions = {".js", std::string{extension}};
      BOOST_TEST(code_of(check_resolver(resolver)) == code);
    }
}

BOOST_AUTO_TEST_CASE(patches_change_only_what_they_name) {
  struct row {
    std::string_view patch;
    std::string settings;
  };
  const std::string same{default_settings};
  const row rows[] = {
    {"{}", same},
    {R"({"limits":{}})", same},
    {R"({"limits":{},"resolver":{},"runtime":{}})", same},
    {R"({"limits":null,"resolver":null,"runtime":null})", same},
    {R"({"limits":{"cpu_ms":null}})", same},
    {R"({"limits":{"cpu_ms":7}})", replaced("2000", "7")},
    {R"({"limits":{"cpu_ms":6,"cpu_ms":7}})", replaced("2000", "7")},
    {R"({"limits":{"max_output_kb":1}})", replaced("256", "1")},
    {R"({"resolver":{"roots":[]}})", replaced("[\".\"]", "[]")},
    {R"({"resolver":{"roots":["src","lib/"]}})",
     replaced("[\".\"]", R"(["src","lib/"])")},
    {R"({"resolver":{"extensions":[".cjs"]}})",
     replaced(R"([".js",".mjs"])", R"([".cjs"])")},
    {R"({"resolver":{"allow_absolute_repo_imports":false}})",
     replaced("imports\":true", "imports\":false")},
    {R"({"runtime":{"strict":false}})",
     replaced("strict\":true", "strict\":false")},
    {R"({"runtime":{"console":false}})",
     replaced("console\":true", "console\":false")},
    {R"({"runtime":{"esm":false}})", replaced("esm\":true", "esm\":false")},
    {R"({"runtime":{"seed":-7}})",
     replaced("console\":true", "console\":true,\"seed\":-7")},
    {R"({"runtime":{"seed":null,"now":null}})",
     replaced("console\":true", "console\":true")},
    {R"({"runtime":{"now":"2026-01-02T03:04:05Z"}})",
     replaced("console\":true",
              "console\":true,\"now\":\"2026-01-02T03:04:05.000000Z\"")},
    {R"({"runtime":{"now":1000}})",
     replaced("console\":true",
              "console\":true,\"now\":\"1970-01-01T00:00:01.000000Z\"")},
  };
  for (const auto& [patch, settings] : rows)
    BOOST_TEST_CONTEXT(patch) {
      BOOST_TEST(merged(patch) == settings);
    }
}

BOOST_AUTO_TEST_CASE(null_takes_seed_and_clock_back) {
  template_settings settings;
  must(merge_settings(
    settings, R"({"runtime":{"seed":7,"now":1000,"strict":false}})", {}));
  must(merge_settings(settings, R"({"runtime":{"strict":true}})", {}));
  BOOST_TEST(settings.runtime.seeded);
  BOOST_TEST(settings.runtime.now.set());
  must(merge_settings(
    settings, R"({"runtime":{"seed":null,"now":null,"esm":null}})", {}));
  BOOST_TEST(must(to_json(settings)).text == default_settings);
}

BOOST_AUTO_TEST_CASE(bad_patches_are_refused_and_change_nothing) {
  struct row {
    std::string_view patch;
    std::string_view code;
    std::string_view message;
  };
  const row rows[] = {
    {"", "INVALID_REQUEST", "malformed JSON"},
    {"[]", "INVALID_REQUEST", "the body must be an object"},
    {"{", "INVALID_REQUEST", "malformed JSON"},
    {R"({"vm_id":"x"})", "INVALID_REQUEST", "unknown field \"vm_id\""},
    {R"({"limit":{}})", "INVALID_REQUEST", "unknown field \"limit\""},
    {R"({"limits":[]})", "INVALID_REQUEST", "field \"limits\""},
    {R"({"limits":{"cpu":1}})", "INVALID_REQUEST",
     "unknown field \"limits.cpu\""},
    {R"({"limits":{"cpu_ms":"1"}})", "INVALID_REQUEST",
     "field \"limits.cpu_ms\" must be an integer"},
    {R"({"limits":{"cpu_ms":1.5}})", "INVALID_REQUEST",
     "field \"limits.cpu_ms\" must be an integer"},
    {R"({"limits":{"cpu_ms":-1}})", "VALIDATION_ERROR",
     "field \"limits.cpu_ms\" must be between 0 and 4294967295"},
    {R"({"limits":{"cpu_ms":0}})", "VALIDATION_ERROR",
     "field \"limits.cpu_ms\" must be between 1 and 600000, not 0"},
    {R"({"limits":{"mem_mb":2049}})", "VALIDATION_ERROR",
     "field \"limits.mem_mb\" must be between 1 and 2048, not 2049"},
    {R"({"limits":{"cpu_ms":1},"runtime":{"esm":1}})", "INVALID_REQUEST",
     "field \"runtime.esm\" must be true or false"},
    {R"({"runtime":{"seed":1.5}})", "INVALID_REQUEST", "an integer from"},
    {R"({"runtime":{"seed":9007199254740992}})", "INVALID_REQUEST",
     "an integer from"},
    {R"({"runtime":{"now":"yesterday"}})", "INVALID_REQUEST",
     "field \"runtime.now\" must be a time in RFC 3339"},
    {R"({"runtime":{"now":0}})", "INVALID_REQUEST", "a time in RFC 3339"},
    {R"({"runtime":{"now":9223372036855}})", "INVALID_REQUEST",
     "a time in RFC 3339"},
    {R"({"runtime":{"esm":false},"limits":{"wall_ms":0}})", "VALIDATION_ERROR",
     "limits.wall_ms"},
    {R"({"limits":{"cpu_ms":1},"resolver":{"roots":[".."]}})", "INVALID_PATH",
     ".."},
    {R"({"limits":{"cpu_ms":1},"resolver":{"roots":"src"}})", "INVALID_REQUEST",
     "field \"resolver.roots\" must be an array of strings"},
    {R"({"runtime":{"esm":false},"resolver":{"extensions":["js"]}})",
     "VALIDATION_ERROR", "resolver.extensions"},
    {R"({"limits":{"cpu_ms":1}} x)", "INVALID_REQUEST", "malformed JSON"},
  };
  for (const auto& [patch, code, message] : rows)
    BOOST_TEST_CONTEXT(patch) {
      auto settings = filled<template_settings>();
      // Only what the patch names may be at fault.
      settings.resolver = {};
      auto kept = settings;
      const auto outcome = merge_settings(settings, patch, {});
      BOOST_TEST(code_of(outcome) == code);
      BOOST_TEST(contains(message_of(outcome), message));
      BOOST_TEST(leaves_of(settings) == leaves_of(kept),
                 boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(the_maximum_of_the_server_bounds_a_patch) {
  limits_maximum most;
  most.cpu_ms = 2000;
  template_settings settings;
  BOOST_TEST(
    code_of(merge_settings(settings, R"({"limits":{"cpu_ms":2001}})", most))
    == "VALIDATION_ERROR");
  BOOST_TEST(settings.limits.cpu_ms == 2000u);
  BOOST_TEST(
    code_of(merge_settings(settings, R"({"limits":{"cpu_ms":1999}})", most))
    == "ok");
  BOOST_TEST(settings.limits.cpu_ms == 1999u);
}

BOOST_AUTO_TEST_SUITE_END()
