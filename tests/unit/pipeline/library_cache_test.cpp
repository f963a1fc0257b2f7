#include "vmsystem/models/library.hpp"
#include "vmsystem/pipeline/library_cache.hpp"
#include "vmsystem/tests/library_folder.hpp"
#include "vmsystem/tests/must.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// A cache, and what reads it.
struct cache_fixture : library_folder {
  std::string folder = path();
  library_shelf shelf;

  engine::library_list load(const std::vector<std::string>& names) {
    return must(shelf.load(folder, names));
  }

  /// The message of a load that must fail, for want of a library.
  std::string missing(const std::vector<std::string>& names) {
    const auto outcome = must_fail(shelf.load(folder, names));
    BOOST_TEST((outcome.code == ec::library_not_found));
    return outcome.message;
  }
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(library_cache, cache_fixture)

BOOST_AUTO_TEST_CASE(integrity_is_the_sha512_in_base64) {
  BOOST_TEST(
    integrity_of("abc")
    == "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6"
       "PCOj/uu9RU1EI2Q86A4qmslPpUyknw==");
}

BOOST_AUTO_TEST_CASE(libraries_are_found_with_and_without_their_version) {
  put("tools", "1.0.0", "tools", "tools = 1");
  for (const auto* name : {"tools", "tools-1.0.0"}) {
    const auto loaded = load({name});
    BOOST_TEST_REQUIRE(loaded.size() == 1u);
    BOOST_TEST(loaded[0]->name == "tools-1.0.0");
    BOOST_TEST(loaded[0]->global == "tools");
    BOOST_TEST(loaded[0]->source == "tools = 1");
  }
}

BOOST_AUTO_TEST_CASE(a_library_that_is_named_twice_is_loaded_once) {
  put("tools", "1.0.0", "tools", "tools = 1");
  put("other", "1.0.0", "other", "other = 1");
  const auto loaded
    = load({"other", "tools", "tools-1.0.0", "other-1.0.0", "tools"});
  BOOST_TEST_REQUIRE(loaded.size() == 2u);
  BOOST_TEST(loaded[0]->name == "other-1.0.0");
  BOOST_TEST(loaded[1]->name == "tools-1.0.0");
}

BOOST_AUTO_TEST_CASE(without_a_version_the_one_that_was_added_last_is_meant) {
  put("tools", "2.0.0", "tools", "tools = 2");
  put("tools", "1.0.0", "tools", "tools = 1");
  BOOST_TEST(load({"tools"})[0]->name == "tools-1.0.0");
  BOOST_TEST(load({"tools-2.0.0"})[0]->source == "tools = 2");
}

BOOST_AUTO_TEST_CASE(two_libraries_cannot_have_one_global) {
  put("tools", "2.0.0", "tools", "tools = 2");
  put("tools", "1.0.0", "tools", "tools = 1");
  const auto outcome
    = must_fail(shelf.load(folder, {"tools-1.0.0", "tools-2.0.0"}));
  BOOST_TEST((outcome.code == ec::library_failed));
  BOOST_TEST(contains(outcome.message, "\"tools-1.0.0\" and \"tools-2.0.0\""));
}

BOOST_AUTO_TEST_CASE(
  what_is_not_there_is_named_with_the_command_that_mends_it) {
  for (const auto& library : catalogue_libraries) {
    const std::string name{library.name};
    const auto message = missing({name});
    BOOST_TEST(contains(message, '"' + full_name(library) + '"'), message);
    BOOST_TEST(contains(message, "vm-system libs download --cache-dir " + folder
                                   + ' ' + name),
               message);
  }
  const auto message = missing({"left-pad"});
  BOOST_TEST(contains(message, "\"left-pad\""), message);
  BOOST_TEST(contains(message, "lodash-4.17.21"), message);
  BOOST_TEST(contains(message, "vm-system libs add"), message);
  const auto details = must_fail(shelf.load(folder, {"left-pad"})).details;
  BOOST_TEST(details.text == R"({"library":"left-pad"})");
}

BOOST_AUTO_TEST_CASE(a_cache_that_is_not_there_is_empty) {
  folder += "/nowhere";
  BOOST_TEST(contains(missing({"lodash"}), "is not in the library cache"));
  BOOST_TEST(contains(missing({"left-pad"}), "neither"));
  BOOST_TEST(must(read_library_manifest(folder)).empty());
}

BOOST_AUTO_TEST_CASE(a_library_without_its_manifest_is_unknown) {
  put("tools", "1.0.0", "tools", "tools = 1");
  std::filesystem::remove(folder + "/manifest.jsonl");
  BOOST_TEST(contains(missing({"tools"}), "neither"));
}

BOOST_AUTO_TEST_CASE(a_file_that_was_altered_is_refused) {
  put("tools", "1.0.0", "tools", "tools = 1");
  const auto kept = load({"tools"});
  for (const std::string bytes : {"tools = 2", "tools = ", "", "tools = 1\n"}) {
    files.put("tools-1.0.0.js", bytes);
    const auto message = missing({"tools"});
    BOOST_TEST(contains(message, "\"tools-1.0.0\""), message);
    BOOST_TEST(contains(message, "sha512"), message);
    BOOST_TEST(contains(message, "libs add tools@1.0.0 --file dist/tools.js "
                                 "--global tools"),
               message);
  }
  files.put("tools-1.0.0.js", "tools = 1");
  BOOST_TEST(load({"tools"})[0]->source == "tools = 1");
}

BOOST_AUTO_TEST_CASE(an_altered_library_of_the_catalogue_is_refused) {
  files.put("lodash-4.17.21.js", "_ = {}");
  // A manifest does not make it right.
  files.put("manifest.jsonl",
            manifest_line(entry_for("lodash", "4.17.21", "_", "_ = {}")));
  BOOST_TEST(contains(missing({"lodash"}), "sha512"));
}

BOOST_AUTO_TEST_CASE(what_is_no_plain_file_is_refused) {
  put("tools", "1.0.0", "tools", "tools = 1");
  const std::string script = folder + "/tools-1.0.0.js";
  std::filesystem::remove(script);
  std::filesystem::create_directory(script);
  BOOST_TEST(contains(missing({"tools"}), "cannot be read"));
  std::filesystem::remove(script);
  std::filesystem::create_symlink("/etc/hostname", script);
  BOOST_TEST(contains(missing({"tools"}), "cannot be read"));
  std::filesystem::remove(script);
  std::filesystem::create_symlink(script, script);
  BOOST_TEST(contains(missing({"tools"}), "cannot be read"));
}

BOOST_AUTO_TEST_CASE(a_damaged_manifest_says_where) {
  put("tools", "1.0.0", "tools", "tools = 1");
  for (const std::string line :
       {"{", "[]", "{}", "\xff", R"({"name":"x","surprise":1})"}) {
    files.put("manifest.jsonl", lines + line + "\n");
    const auto message = missing({"tools"});
    BOOST_TEST(contains(message, "damaged at line 2"), message);
  }
  // Half of the last line.
  files.put("manifest.jsonl", lines.substr(0, lines.size() / 2));
  BOOST_TEST(contains(missing({"tools"}), "damaged at line 1"));
}

BOOST_AUTO_TEST_CASE(libraries_that_somebody_has_stay_the_same) {
  put("tools", "1.0.0", "tools", "tools = 1");
  const auto first = load({"tools"});
  BOOST_TEST((load({"tools"}) == first));
  put("tools", "1.0.0", "tools", "tools = 3");
  const auto second = load({"tools"});
  BOOST_TEST((second != first));
  BOOST_TEST(second[0]->source == "tools = 3");
  BOOST_TEST(first[0]->source == "tools = 1");
}

BOOST_AUTO_TEST_CASE(the_catalogue_comes_before_what_was_added) {
  put("tools", "1.0.0", "tools", "tools = 1");
  put("lodash", "4.17.21", "_", "_ = 1");
  put("lodash", "4.17.20", "_", "_ = 0");
  std::vector<std::string> names;
  for (const auto& entry : must(all_libraries(folder)))
    names.push_back(entry.full_name());
  BOOST_TEST_REQUIRE(names.size() == catalogue_libraries.size() + 2);
  BOOST_TEST(names.front() == "lodash-4.17.21");
  BOOST_TEST(names[catalogue_libraries.size()] == "tools-1.0.0");
  BOOST_TEST(names.back() == "lodash-4.17.20");
  BOOST_TEST(must(find_library(folder, "lodash")).version == "4.17.21");
  BOOST_TEST(load({"lodash-4.17.20"})[0]->source == "_ = 0");
}

BOOST_AUTO_TEST_SUITE_END()
