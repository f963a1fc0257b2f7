#include "support.hpp"
#include "vmsystem/engine/library.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;
using namespace vmsystem::engine;
using namespace vmsystem::engine::test;
using vmsystem::test::must_fail;

namespace {

std::shared_ptr<const library> library_of(const std::string& name,
                                          const std::string& source,
                                          const std::string& sets = {}) {
  return std::make_shared<const library>(
    library{name, name, sets.empty() ? name : sets, source});
}

/// The image of the default options with these libraries.
expected<std::shared_ptr<const image>> load(const library_list& libraries) {
  return with_libraries(image_of(default_options()), libraries);
}

/// The preview of what a script gives in a clone of `from`.
std::string eval(const std::shared_ptr<const image>& from,
                 std::string_view source) {
  const auto clone = must(instance::clone(from));
  run_options options;
  options.source = source;
  const auto outcome = clone->run(options);
  return outcome.reason == end_reason::ok ? outcome.value.preview
                                          : outcome.error.message;
}

std::string failure_of(const library_list& libraries) {
  const auto outcome = must_fail(load(libraries));
  BOOST_TEST((outcome.code == ec::library_failed));
  return outcome.message;
}

/// A library as bundlers write them.
const std::string universal = R"js(
(function (root, factory) {
  if (typeof exports === 'object' && typeof module !== 'undefined')
    module.exports = factory();
  else if (typeof define === 'function' && define.amd)
    define(factory);
  else
    root.answer = factory();
})(this, function () { return { value: 42, loads: loads() };
  function loads() { count = typeof count === 'undefined' ? 1 : count + 1;
    return count; } });
//# sourceMappingURL=answer.js.map)js";

} // namespace

BOOST_AUTO_TEST_SUITE(libraries)

BOOST_AUTO_TEST_CASE(clones_find_the_global_of_a_library_that_ran_once) {
  const auto made = must(load({library_of("answer", universal)}));
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(eval(made, "answer.value") == "42");
    BOOST_TEST(eval(made, "answer.loads + count") == "2");
    BOOST_TEST(eval(made, "Object.keys(globalThis).includes('answer')")
               == "true");
  }
}

BOOST_AUTO_TEST_CASE(libraries_are_sloppy_and_scripts_stay_strict) {
  const auto made
    = must(load({library_of("mode", "mode = (function () { return !this })()"),
                 library_of("after", "after = mode")}));
  BOOST_TEST(eval(made, "String([mode, after])") == "false,false");
  BOOST_TEST(eval(made, "(function () { return !this })()") == "true");
}

BOOST_AUTO_TEST_CASE(a_library_may_have_another_name_for_its_global) {
  const auto made = must(
    load({library_of("short", "theLongName = { a: 1 }", "theLongName")}));
  BOOST_TEST(eval(made, "short.a") == "1");
  BOOST_TEST(eval(made, "typeof theLongName") == "undefined");
}

BOOST_AUTO_TEST_CASE(later_libraries_find_earlier_ones) {
  const auto made = must(load({library_of("one", "var one = 1"),
                               library_of("two", "const two = one + 1")}));
  BOOST_TEST(eval(made, "one + two") == "3");
}

BOOST_AUTO_TEST_CASE(no_libraries_leave_the_image_as_it_is) {
  const auto base = image_of(default_options());
  BOOST_TEST(must(with_libraries(base, {})) == base);
}

BOOST_AUTO_TEST_CASE(what_a_library_completes_with_means_nothing) {
  const auto made
    = must(load({library_of("x", "x = 1; new Promise(() => {})"),
                 library_of("y", "y = 2; ({ get a() { throw 1 } })")}));
  BOOST_TEST(eval(made, "x + y") == "3");
}

BOOST_AUTO_TEST_CASE(a_library_that_fails_is_named_with_the_reason) {
  const auto thrown = failure_of(
    {library_of("good", "good = 1"), library_of("bad", "\n  null.x")});
  BOOST_TEST(thrown.find("library \"bad\" cannot be loaded: TypeError: ")
             == 0u);
  BOOST_TEST(thrown.find("bad.js:2") != std::string::npos);
  BOOST_TEST(failure_of({library_of("bad", "a b")}).find("SyntaxError")
             != std::string::npos);
  const auto details = must_fail(load({library_of("bad", "throw 1")})).details;
  BOOST_TEST(details.text == R"({"library":"bad"})");
}

BOOST_AUTO_TEST_CASE(a_library_has_to_set_its_global) {
  const auto message = failure_of({library_of("right", "a = wrong = 1")});
  BOOST_TEST(message.find("the global \"right\"") != std::string::npos);
  BOOST_TEST(message.find("wrong, a") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_library_cannot_take_more_memory_than_the_image_has) {
  const auto message = failure_of(
    {library_of("big", "big = []; for (;;) big.push('x'.repeat(1e6) + 1)")});
  BOOST_TEST(message.find("memory limit") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_library_that_does_not_end_is_stopped) {
  BOOST_TEST(failure_of({library_of("endless", "for (;;);")})
               .find("\"endless\" cannot be loaded: ")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(clones_with_libraries_have_free_memory_as_bare_ones_have) {
  const std::string use = "let a = []; for (let i = 0; i < 2e4; ++i)"
                          " a.push({}); a = 0; a";
  const auto peak = [&](const std::shared_ptr<const image>& from) {
    const auto clone = must(instance::clone(from));
    run_options options;
    options.source = use;
    return clone->run(options).peak_mem_kb;
  };
  const auto made = must(load({library_of("answer", universal)}));
  const auto bare = peak(image_of(default_options()));
  BOOST_TEST(peak(made) < bare + 100);
}

BOOST_AUTO_TEST_SUITE_END()
