#include "support.hpp"

#include <functional>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

struct catalog_fixture : supervisor_fixture {
  template_id id;

  catalog_fixture() {
    start();
    id = make_template("t");
  }

  template <class Answer, class... Ts>
  ec code_of(Ts... xs) {
    const auto answer = ask<Answer>(std::move(xs)...);
    return answer ? ec::none : answer.error().code;
  }

  template_bundle bundle() {
    return ask<template_bundle>(bundle_atom_v, id).value();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(catalogue, catalog_fixture)

BOOST_AUTO_TEST_CASE(names_and_engines_of_templates_are_checked) {
  const auto create = [&](const std::string& name, const std::string& engine) {
    return code_of<template_record>(create_atom_v, template_spec{name, engine});
  };
  BOOST_TEST((create("a", "") == ec::none));
  BOOST_TEST((create("b", "quickjs") == ec::none));
  BOOST_TEST((create("c", "goja") == ec::none));
  BOOST_TEST((create("d", "v8") == ec::engine_unsupported));
  BOOST_TEST((create("a", "") == ec::template_exists));
  BOOST_TEST((create("", "") == ec::validation_error));
  BOOST_TEST((create(std::string(257, 'x'), "") == ec::validation_error));
  BOOST_TEST((create("line\nfeed", "") == ec::validation_error));
}

BOOST_AUTO_TEST_CASE(a_removed_templates_name_is_free_again) {
  BOOST_TEST((code_of<template_id>(remove_atom_v, id) == ec::none));
  BOOST_TEST(
    (code_of<template_id>(remove_atom_v, id) == ec::template_not_found));
  BOOST_TEST((code_of<template_record>(create_atom_v, template_spec{"t", {}})
              == ec::none));
}

BOOST_AUTO_TEST_CASE(settings_are_merged_field_by_field) {
  const auto update = [&](const std::string& patch) {
    return code_of<template_settings>(update_atom_v, id, json_text{patch});
  };
  BOOST_TEST((update(R"({"limits":{"cpu_ms":7}})") == ec::none));
  BOOST_TEST((update(R"({"limits":{"wall_ms":9},"runtime":{"strict":false}})")
              == ec::none));
  const auto settings = bundle().settings;
  BOOST_TEST(settings.limits.cpu_ms == 7u);
  BOOST_TEST(settings.limits.wall_ms == 9u);
  BOOST_TEST(settings.limits.mem_mb == 128u);
  BOOST_TEST(!settings.runtime.strict);
  BOOST_TEST(settings.runtime.console);
  BOOST_TEST((update(R"({"limits":{"cpu_ms":0}})") == ec::validation_error));
  BOOST_TEST((update(R"({"limits":{"cpu_ms":-1}})") == ec::validation_error));
  BOOST_TEST(
    (update(R"({"limits":{"cpu_ms":999999999}})") == ec::validation_error));
  BOOST_TEST((update(R"({"limits":{"cpu_ms":"1"}})") == ec::invalid_request));
  BOOST_TEST((update(R"({"limits":{"gpu_ms":1}})") == ec::invalid_request));
  BOOST_TEST((update(R"({"limit":{}})") == ec::invalid_request));
  BOOST_TEST((update(R"([])") == ec::invalid_request));
  BOOST_TEST(
    (update(R"({"resolver":{"roots":["../x"]}})") == ec::invalid_path));
  BOOST_TEST(
    (update(R"({"resolver":{"extensions":["js"]}})") == ec::validation_error));
  BOOST_TEST(bundle().settings.limits.cpu_ms == 7u);
}

BOOST_AUTO_TEST_CASE(a_capability_exists_once_by_kind_and_name) {
  const auto add = [&](capability_kind kind, const std::string& name) {
    return code_of<capability>(add_atom_v,
                               capability_spec{id, kind, name, true, {"{}"}});
  };
  BOOST_TEST((add(capability_kind::global, "x") == ec::none));
  BOOST_TEST((add(capability_kind::env, "x") == ec::none));
  BOOST_TEST((add(capability_kind::env, "x") == ec::capability_exists));
  BOOST_TEST((add(capability_kind::module, "fs") == ec::none));
  BOOST_TEST((add(capability_kind::module, "JSON") == ec::module_not_allowed));
  BOOST_TEST((add(capability_kind::global, "") == ec::validation_error));
  const auto first = bundle().capabilities.front().id;
  BOOST_TEST((code_of<capability_id>(remove_atom_v, id, first) == ec::none));
  BOOST_TEST((code_of<capability_id>(remove_atom_v, id, first)
              == ec::capability_not_found));
}

BOOST_AUTO_TEST_CASE(startup_files_are_unique_confined_and_sorted) {
  const auto add
    = [&](const std::string& path, int order, const std::string& mode = {}) {
        return code_of<startup_file>(add_atom_v,
                                     startup_file_spec{id, path, order, mode});
      };
  BOOST_TEST((add("b.js", 2) == ec::none));
  BOOST_TEST((add("a.js", 1, "eval") == ec::none));
  BOOST_TEST((add("./a.js", 3) == ec::startup_file_exists));
  BOOST_TEST((add("../a.js", 3) == ec::invalid_path));
  BOOST_TEST((add("/a.js", 3) == ec::invalid_path));
  BOOST_TEST((add("c.js", 3, "import") == ec::startup_mode_unsupported));
  BOOST_TEST((add("", 3) == ec::validation_error));
  const auto files = bundle().startup_files;
  BOOST_REQUIRE(files.size() == 2u);
  BOOST_TEST(files[0].path == "a.js");
  BOOST_TEST(
    (code_of<startup_file_id>(remove_atom_v, id, files[0].id) == ec::none));
  BOOST_TEST((code_of<startup_file_id>(remove_atom_v, id, files[0].id)
              == ec::startup_file_not_found));
}

BOOST_AUTO_TEST_CASE(modules_and_libraries_are_sets_of_known_names) {
  const auto add = [&](name_list list, const std::string& name) {
    return code_of<listed_name>(add_atom_v, listed_name{id, list, name});
  };
  BOOST_TEST((add(name_list::modules, "fs") == ec::none));
  BOOST_TEST((add(name_list::modules, "fs") == ec::none));
  BOOST_TEST((add(name_list::modules, "Math") == ec::module_not_allowed));
  BOOST_TEST((add(name_list::libraries, "lodash") == ec::none));
  BOOST_TEST((add(name_list::libraries, "lodash-4.17.21") == ec::none));
  BOOST_TEST((add(name_list::libraries, "left-pad") == ec::library_not_found));
  BOOST_TEST(bundle().record.exposed_modules.size() == 1u);
  BOOST_TEST(bundle().record.libraries.size() == 2u);
  const listed_name gone{id, name_list::modules, "fs"};
  BOOST_TEST((code_of<listed_name>(remove_atom_v, gone) == ec::none));
  BOOST_TEST((code_of<listed_name>(remove_atom_v, gone) == ec::none));
  BOOST_TEST(bundle().record.exposed_modules.empty());
}

BOOST_AUTO_TEST_CASE(each_change_names_a_new_version) {
  auto last = bundle().record.updated_at;
  for (int i = 1; i < 5; ++i) {
    BOOST_REQUIRE(ask<template_settings>(
      update_atom_v, id,
      json_text{"{\"limits\":{\"cpu_ms\":" + std::to_string(i) + "}}"}));
    const auto now = bundle().record.updated_at;
    BOOST_TEST((last < now));
    last = now;
  }
}

BOOST_AUTO_TEST_SUITE_END()
