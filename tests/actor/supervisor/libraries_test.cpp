#include "support.hpp"
#include "vmsystem/models/codec.hpp"
#include "vmsystem/tests/library_folder.hpp"

#include <filesystem>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

struct libraries_fixture : supervisor_fixture {
  libraries_fixture() {
    options.library_cache = cache.path();
    cache.put("tools", "1.0.0", "tools", "tools = { version: 1 }");
    start();
    id = make_template("t");
  }

  expected<listed_name> add(const std::string& name) {
    return ask<listed_name>(add_atom_v,
                            listed_name{id, name_list::libraries, name});
  }

  /// Adds a library that the cache has.
  void need(const std::string& name) {
    const auto added = add(name);
    BOOST_REQUIRE_MESSAGE(added, (added ? "" : added.error().message));
  }

  expected<session> open() {
    return ask<session>(create_atom_v, spec_of(id));
  }

  /// The preview of what a snippet gives in a new session.
  std::string eval(const std::string& input) {
    const auto made = open();
    if (!made)
      return made.error().message;
    const auto ran = repl(made.value().id, input);
    if (!ran)
      return ran.error().message;
    const auto& record = ran.value().record;
    const auto value = from_json<value_payload>(record.result.text);
    return value ? value.value().preview : record.error.text;
  }

  library_folder cache;
  template_id id;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(libraries, libraries_fixture)

BOOST_AUTO_TEST_CASE(sessions_find_the_libraries_of_their_template) {
  need("tools");
  BOOST_TEST(eval("tools.version") == "1");
  BOOST_TEST(eval("tools.version += 1") == "2");
  BOOST_TEST(eval("tools.version") == "1");
}

BOOST_AUTO_TEST_CASE(other_templates_do_not_have_them) {
  need("tools");
  id = make_template("bare");
  BOOST_TEST(eval("typeof tools") == "undefined");
}

BOOST_AUTO_TEST_CASE(a_name_with_its_version_means_the_same) {
  need("tools-1.0.0");
  need("tools");
  BOOST_TEST(eval("tools.version") == "1");
}

BOOST_AUTO_TEST_CASE(only_libraries_of_the_cache_or_the_catalogue_are_added) {
  BOOST_TEST(add("moment").has_value());
  for (const std::string name : {"left-pad", "tools-2.0.0", "../tools"}) {
    const auto added = add(name);
    BOOST_REQUIRE(!added);
    BOOST_TEST((added.error().code == ec::library_not_found));
    BOOST_TEST(contains(added.error().message, name));
  }
  BOOST_TEST((add("").error().code == ec::validation_error));
}

BOOST_AUTO_TEST_CASE(a_library_that_is_not_in_the_cache_stops_the_session) {
  need("lodash");
  const auto made = open();
  BOOST_REQUIRE(!made);
  BOOST_TEST((made.error().code == ec::library_not_found));
  BOOST_TEST(contains(made.error().message, "lodash-4.17.21"));
  BOOST_TEST(contains(made.error().message, "vm-system libs download"));
  batch_spec spec;
  spec.vm_id = id;
  const auto batch_made = ask<batch>(create_atom_v, spec);
  BOOST_REQUIRE(!batch_made);
  BOOST_TEST((batch_made.error().code == ec::library_not_found));
}

BOOST_AUTO_TEST_CASE(batches_have_the_libraries) {
  need("tools");
  batch_spec spec;
  spec.vm_id = id;
  const auto made = ask<batch>(create_atom_v, spec);
  BOOST_REQUIRE(made);
  const auto ended
    = ask<batch>(add_atom_v, made.value().id,
                 batch_input{"{\"id\":\"a\",\"input\":\"tools.version\"}\n",
                             true});
  BOOST_REQUIRE(ended);
  batch_result_filter all;
  all.id = made.value().id;
  const auto results = send<batch_result_page>(query, results_atom_v, all);
  run();
  BOOST_REQUIRE(results.get());
  BOOST_TEST(contains(results.get().value().lines, "\"preview\":\"1\""));
}

BOOST_AUTO_TEST_CASE(a_library_that_changes_comes_with_the_next_session) {
  need("tools");
  const auto old = open();
  BOOST_REQUIRE(old);
  cache.put("tools", "1.0.0", "tools", "tools = { version: 'new' }");
  BOOST_TEST(eval("tools.version") == "new");
  const auto ran = repl(old.value().id, "tools.version");
  BOOST_TEST(contains(ran.value().record.result.text, "\"preview\":\"1\""));
}

BOOST_AUTO_TEST_CASE(an_altered_file_stops_sessions_until_it_is_mended) {
  need("tools");
  BOOST_TEST(eval("tools.version") == "1");
  cache.files.put("tools-1.0.0.js", "tools = { version: 2 }");
  const auto made = open();
  BOOST_REQUIRE(!made);
  BOOST_TEST((made.error().code == ec::library_not_found));
  BOOST_TEST(contains(made.error().message, "tools-1.0.0"));
  cache.files.put("tools-1.0.0.js", "tools = { version: 1 }");
  BOOST_TEST(eval("tools.version") == "1");
}

BOOST_AUTO_TEST_CASE(a_library_that_fails_is_named) {
  cache.put("bad", "1.0.0", "bad", "throw new Error('not today')");
  need("bad");
  const auto made = open();
  BOOST_REQUIRE(!made);
  BOOST_TEST((made.error().code == ec::library_failed));
  BOOST_TEST(contains(made.error().message, "\"bad-1.0.0\""));
  BOOST_TEST(contains(made.error().message, "not today"));
  // The slot is there for others.
  id = make_template("other");
  BOOST_TEST(eval("1 + 1") == "2");
}

BOOST_AUTO_TEST_CASE(a_removed_library_is_gone_from_new_sessions) {
  need("tools");
  BOOST_TEST(eval("typeof tools") == "object");
  const listed_name name{id, name_list::libraries, "tools"};
  BOOST_REQUIRE(ask<listed_name>(remove_atom_v, name));
  BOOST_TEST(eval("typeof tools") == "undefined");
}

BOOST_AUTO_TEST_SUITE_END()
