#include "support.hpp"
#include "vmsystem/engine/compiled_scripts.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;
using namespace vmsystem::engine;
using namespace vmsystem::engine::test;
using detail::compiled_scripts;
using detail::js_undefined;
using detail::js_value;

namespace {

/// A script whose value is the same object whenever the function that it was
/// compiled to is the same one.
constexpr std::string_view who_am_i = "(x => x)`here`";

run_options options_for(compile_mode mode,
                        std::string_view file_name = "<eval>") {
  run_options result;
  result.compile = mode;
  result.file_name = file_name;
  return result;
}

/// Whether the last runs of `who_am_i` were runs of one function.
bool same_function(runtime& scripts, const run_options& options) {
  const auto source = "globalThis.before = globalThis.now;"
                      "globalThis.now = "
                      + std::string{who_am_i} + "; before === now";
  static_cast<void>(scripts.run(source, options));
  static_cast<void>(scripts.run(source, options));
  const auto third = scripts.run(source, options);
  BOOST_TEST_REQUIRE((third.reason == end_reason::ok));
  return third.value.preview == "true";
}

/// An image of a runtime that has compiled `source`.
std::shared_ptr<const image> prepared_with(std::string_view source) {
  auto base = must(instance::clone(image_of(default_options())));
  auto options = options_for(compile_mode::prepare);
  options.source = source;
  const auto outcome = base->run(options);
  BOOST_TEST_REQUIRE((outcome.reason == end_reason::ok));
  return must(base->freeze());
}

run_outcome run_in(instance& where, std::string_view source,
                   std::string_view args = {}) {
  run_options options;
  options.source = source;
  options.args_json = args;
  return where.run(options);
}

} // namespace

BOOST_AUTO_TEST_SUITE(scripts_that_come_again)

BOOST_AUTO_TEST_CASE(are_compiled_once_only_when_asked_for) {
  runtime once;
  BOOST_TEST(!same_function(once, options_for(compile_mode::once)));
  runtime kept;
  BOOST_TEST(same_function(kept, options_for(compile_mode::keep)));
}

BOOST_AUTO_TEST_CASE(that_are_long_are_compiled_each_time) {
  runtime scripts;
  auto options = options_for(compile_mode::keep);
  const auto source = "globalThis.before = globalThis.now;"
                      "globalThis.now = (x => x)`here`; before === now//"
                      + std::string(compiled_scripts::max_source_bytes, 'x');
  for (int i = 0; i < 4; ++i)
    BOOST_TEST(scripts.run(source, options).value.preview == "false");
}

BOOST_AUTO_TEST_CASE(see_their_own_arguments) {
  runtime scripts;
  auto options = options_for(compile_mode::keep);
  for (int i = 0; i < 20; ++i) {
    const auto args = std::to_string(i);
    options.args_json = args;
    BOOST_TEST(scripts.run("__ARGS__ + 1", options).value.preview
               == std::to_string(i + 1));
  }
}

BOOST_AUTO_TEST_CASE(share_the_state_of_their_session) {
  runtime scripts;
  const auto options = options_for(compile_mode::keep);
  scripts.run("var sum = 0");
  for (int i = 1; i <= 10; ++i)
    BOOST_TEST(scripts.run("sum += 2", options).value.preview
               == std::to_string(2 * i));
}

BOOST_AUTO_TEST_CASE(fail_each_time_as_at_first) {
  runtime scripts;
  const auto options = options_for(compile_mode::keep);
  BOOST_TEST((scripts.run("let fixed = 1", options).reason == end_reason::ok));
  for (int i = 0; i < 4; ++i) {
    BOOST_TEST((scripts.run("let fixed = 1", options).reason
                == end_reason::syntax_error));
    BOOST_TEST(
      (scripts.run("let = = 1", options).reason == end_reason::syntax_error));
    const auto thrown = scripts.run("throw new Error('no')", options);
    BOOST_TEST((thrown.reason == end_reason::exception));
    BOOST_TEST(thrown.error.message == "Error: no");
  }
}

BOOST_AUTO_TEST_CASE(keep_the_name_that_they_came_with) {
  runtime scripts;
  const std::string_view source = "(() => { throw new Error('x') })()";
  for (int i = 0; i < 4; ++i)
    for (const std::string_view name : {"a.js", "b.js"}) {
      const auto outcome
        = scripts.run(source, options_for(compile_mode::keep, name));
      BOOST_TEST(outcome.error.stack.find(name) != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(of_any_number_run) {
  runtime scripts;
  const auto options = options_for(compile_mode::keep);
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < 40; ++i)
      for (int again = 0; again < 3; ++again)
        BOOST_TEST(
          scripts.run(std::to_string(i) + " * 2", options).value.preview
          == std::to_string(2 * i));
}

BOOST_AUTO_TEST_CASE(take_no_more_memory_each_time) {
  runtime scripts;
  const auto options = options_for(compile_mode::keep);
  const auto source = "let s = ''; for (const x of [1, 2, 3]) s += `<${x}>`; s";
  const auto in_block = std::string{"{"} + source + "}";
  for (int i = 0; i < 50; ++i)
    scripts.run(in_block, options);
  const auto before = scripts.run("0").peak_mem_kb;
  for (int i = 0; i < 5000; ++i)
    scripts.run(in_block, options);
  BOOST_TEST(scripts.run("0").peak_mem_kb <= before + 4);
}

BOOST_AUTO_TEST_CASE(run_in_clones_of_an_image_that_has_them) {
  const std::string source
    = "globalThis.runs = (globalThis.runs ?? 0) + 1; [runs, __ARGS__].join()";
  auto clone = must(instance::clone(prepared_with(source)));
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST(run_in(*clone, source, std::to_string(i)).value.preview
               == "1," + std::to_string(i));
    BOOST_TEST(run_in(*clone, "1 + 1").value.preview == "2");
    BOOST_TEST_REQUIRE(clone->reset().has_value());
  }
}

BOOST_AUTO_TEST_CASE(are_inherited_by_images_of_clones) {
  auto first = prepared_with("6 * 7");
  auto clone = must(instance::clone(first));
  auto options = options_for(compile_mode::prepare);
  options.source = "6 * 8";
  BOOST_TEST_REQUIRE((clone->run(options).reason == end_reason::ok));
  auto second = must(instance::clone(must(clone->freeze())));
  first = nullptr;
  clone = nullptr;
  BOOST_TEST(run_in(*second, "6 * 7").value.preview == "42");
  BOOST_TEST(run_in(*second, "6 * 8").value.preview == "48");
}

BOOST_AUTO_TEST_CASE(do_not_run_when_they_are_prepared) {
  runtime scripts;
  const auto outcome = scripts.run("console.log('ran'); globalThis.ran = 1",
                                   options_for(compile_mode::prepare));
  BOOST_TEST((outcome.reason == end_reason::ok));
  BOOST_TEST(scripts.sink.text() == "");
  BOOST_TEST(scripts.eval("typeof ran === 'undefined'") == "true");
  BOOST_TEST((scripts.run("let = 1", options_for(compile_mode::prepare)).reason
              == end_reason::syntax_error));
}

BOOST_AUTO_TEST_CASE(are_forgotten_by_a_reset) {
  auto clone = must(instance::clone(image_of(default_options())));
  run_options options = options_for(compile_mode::keep);
  options.source = "[1, 2].length";
  for (int i = 0; i < 10; ++i) {
    for (int again = 0; again < 3; ++again)
      BOOST_TEST(clone->run(options).value.preview == "2");
    BOOST_TEST_REQUIRE(clone->reset().has_value());
  }
}

BOOST_AUTO_TEST_CASE(the_last_ones_are_kept) {
  compiled_scripts kept;
  for (std::size_t i = 0; i < compiled_scripts::capacity; ++i)
    BOOST_TEST(kept.add(std::to_string(i), "f", 100 + i) == js_undefined);
  BOOST_TEST(kept.add("more", "f", 7) == js_value{100});
  BOOST_TEST(kept.find("0", "f") == js_undefined);
  BOOST_TEST(kept.find("1", "f") == js_value{101});
  BOOST_TEST(kept.find("more", "f") == js_value{7});
  BOOST_TEST(kept.find("more", "g") == js_undefined);
}

BOOST_AUTO_TEST_CASE(are_told_from_those_that_come_once) {
  compiled_scripts kept;
  BOOST_TEST(!kept.comes_again("a", "f"));
  BOOST_TEST(!kept.comes_again("a", "g"));
  BOOST_TEST(kept.comes_again("a", "f"));
  for (int i = 0; i < 100; ++i)
    BOOST_TEST(!kept.comes_again(std::to_string(i), "f"));
  BOOST_TEST(!kept.comes_again("a", "f"));
}

BOOST_AUTO_TEST_SUITE_END()
