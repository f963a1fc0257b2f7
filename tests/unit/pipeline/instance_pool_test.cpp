#include "vmsystem/engine/thread.hpp"
#include "vmsystem/pipeline/instance_pool.hpp"
#include "vmsystem/tests/must.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace vmsystem;
using vmsystem::test::must;

namespace {

struct pool_fixture {
  engine::thread_guard guard = must(engine::thread_guard::make());
  std::shared_ptr<const engine::image> image = must(engine::image::build({}));
  instance_pool pool;

  /// Runs a script as a slot does.
  /// @returns its value's preview, and in `prepared` whether it ran in another
  ///          image than `image`.
  std::string run(std::string_view source, std::string_view name = "a.js") {
    engine::run_options options;
    options.source = source;
    options.file_name = name;
    auto instance = pool.take(image, options);
    BOOST_REQUIRE(instance);
    prepared = instance.value()->source() != image;
    const auto outcome = instance.value()->run(options);
    pool.give_back(std::move(instance).value());
    return outcome.reason == end_reason::ok ? outcome.value.preview
                                            : outcome.error.message;
  }

  bool prepared = false;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(pools_of_instances, pool_fixture)

BOOST_AUTO_TEST_CASE(make_an_image_for_a_script_that_comes_often) {
  const std::string script = "globalThis.x = (globalThis.x ?? 0) + 1";
  for (uint32_t i = 1; i < instance_pool::worth_an_image; ++i) {
    BOOST_TEST(run(script) == "1");
    BOOST_TEST(!prepared);
  }
  for (int i = 0; i < 20; ++i) {
    BOOST_TEST(run(script) == "1");
    BOOST_TEST(prepared);
  }
}

BOOST_AUTO_TEST_CASE(make_none_for_scripts_that_come_once) {
  for (int i = 0; i < 100; ++i) {
    BOOST_TEST(run("1 + " + std::to_string(i)) == std::to_string(i + 1));
    BOOST_TEST(!prepared);
  }
}

BOOST_AUTO_TEST_CASE(make_none_for_a_script_that_does_not_compile) {
  for (int i = 0; i < 20; ++i) {
    BOOST_TEST(run("let = 1").find("SyntaxError") != std::string::npos);
    BOOST_TEST(!prepared);
  }
}

BOOST_AUTO_TEST_CASE(run_any_mix_of_scripts) {
  for (int round = 0; round < 20; ++round)
    for (int i = 0; i < 12; ++i)
      for (const std::string_view name : {"a.js", "b.js"})
        BOOST_TEST(
          run("globalThis.x = (globalThis.x ?? 0) + " + std::to_string(i), name)
          == std::to_string(i));
}

BOOST_AUTO_TEST_CASE(serve_several_images) {
  const auto first = image;
  const auto second = must(engine::image::build({}));
  for (int i = 0; i < 40; ++i) {
    image = i % 2 == 0 ? first : second;
    BOOST_TEST(run("typeof x; globalThis.x = 5; 6 * 7") == "42");
  }
  for (int i = 0; i < 6; ++i) {
    image = must(engine::image::build({}));
    BOOST_TEST(run("6 * 7") == "42");
  }
}

BOOST_AUTO_TEST_CASE(take_back_what_a_script_ruined) {
  engine::run_options options;
  options.source = "for (;;) ;";
  options.cpu_limit = std::chrono::milliseconds{5};
  for (int i = 0; i < 12; ++i) {
    auto instance = pool.take(image, options).value();
    BOOST_TEST((instance->run(options).reason == end_reason::cpu_timeout));
    pool.give_back(std::move(instance));
    BOOST_TEST(run("typeof x; globalThis.x = 1") == "1");
  }
}

BOOST_AUTO_TEST_CASE(map_each_instance_anew_when_told_to) {
  pool = instance_pool{false};
  for (int i = 0; i < 20; ++i)
    BOOST_TEST(run("globalThis.x = (globalThis.x ?? 0) + 1") == "1");
}

BOOST_AUTO_TEST_SUITE_END()
