#include "support.hpp"
#include "vmsystem/engine/builtin_modules.hpp"
#include "vmsystem/models/json_writer.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace vmsystem;
using namespace vmsystem::engine;
using namespace vmsystem::engine::test;

namespace {

constexpr const char* module_names[]
  = {"assert",          "assert/strict", "buffer",     "crypto",      "events",
     "internal/tr46",   "path",          "path/posix", "querystring", "timers",
     "timers/promises", "url",           "util",       "util/types"};

/// The texts of the built-in modules by name.
std::string module_texts() {
  json_writer json;
  json.begin_object();
  for (const auto* name : module_names) {
    json.key(name);
    json.value(builtin_module_source(name));
  }
  json.end_object();
  return std::string{json.view()};
}

/// What the code of a case finds: a small `require` for the built-in modules.
constexpr std::string_view before_code = R"((async () => {
const print = (...values) => console.log(...values);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const loaded = new Map();
const require = (name) => {
  name = name.replace(/^node:/, '');
  if (!loaded.has(name)) {
    const module = { exports: {} };
    loaded.set(name, module);
    Function('exports', 'require', 'module', __ARGS__[name])(module.exports,
      require, module);
  }
  return loaded.get(name).exports;
};
const util = require('util');
await (async () => { )";

/// As `runtime_config` says it, what `code` gives twice in new sessions.
std::pair<std::string, std::string> in_two_sessions(runtime_config config,
                                                    std::string_view code) {
  auto options = default_options();
  options.runtime = config;
  const auto image = must(image::build(options));
  const auto once = [&] {
    run_options script;
    script.source = code;
    auto outcome = must(instance::clone(image))->run(script);
    return outcome.value.preview;
  };
  auto first = once();
  return {std::move(first), once()};
}

} // namespace

BOOST_AUTO_TEST_SUITE(globals)

BOOST_AUTO_TEST_CASE(they_do_as_in_node) {
  const auto texts = module_texts();
  const auto cases = read_cases(VMSYSTEM_GLOBALS_CASES);
  BOOST_TEST(cases.size() > 80u);
  for (const auto& one : cases) {
    BOOST_TEST_CONTEXT(one.source) {
      runtime scripts;
      scripts.limits.args_json = texts;
      const auto outcome
        = scripts.run(std::string{before_code} + one.source + "\n})() })()");
      BOOST_TEST(outcome.error.message == "");
      BOOST_TEST(!outcome.waiting);
      BOOST_TEST(scripts.sink.text() == one.expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_built_in_module_has_a_text) {
  for (const auto* name : module_names)
    BOOST_TEST(!builtin_module_source(name).empty());
  BOOST_TEST(builtin_module_source("fs").empty());
  BOOST_TEST(builtin_module_source("").empty());
}

BOOST_AUTO_TEST_CASE(a_seed_makes_chance_the_same_in_each_session) {
  constexpr auto code = "[Math.random(), crypto.randomUUID(),"
                        " ...crypto.getRandomValues(new Uint8Array(5)),"
                        " require('crypto').randomInt(1e9),"
                        " ...require('crypto').randomBytes(5)].join()";
  runtime_config config;
  const auto [one, other] = in_two_sessions(config, code);
  BOOST_TEST(one != other);
  config.seeded = true;
  config.seed = 42;
  const auto [first, second] = in_two_sessions(config, code);
  BOOST_TEST(first == second);
  config.seed = 43;
  BOOST_TEST(in_two_sessions(config, code).first != first);
}

BOOST_AUTO_TEST_CASE(a_digest_of_much_is_stopped) {
  runtime scripts;
  scripts.limits.wall_limit = std::chrono::milliseconds{100};
  const auto outcome
    = scripts.run("const { createHash } = require('crypto');"
                  "const data = new Uint8Array(10 << 20);"
                  "for (;;) createHash('sha512').update(data).digest()");
  BOOST_TEST(outcome.reason == end_reason::wall_timeout);
  BOOST_TEST(scripts.run("require('crypto').createHash('md5').digest('hex')")
               .value.preview
             == "d41d8cd98f00b204e9800998ecf8427e");
}

BOOST_AUTO_TEST_CASE(a_reset_session_has_the_same_chance_again) {
  auto options = default_options();
  options.runtime.seeded = true;
  options.runtime.seed = -1;
  const auto made = must(instance::clone(must(image::build(options))));
  run_options script;
  script.source = "Math.random() + crypto.randomUUID()";
  const auto first = made->run(script).value.preview;
  BOOST_TEST(made->run(script).value.preview != first);
  must(made->reset());
  BOOST_TEST(made->run(script).value.preview == first);
}

BOOST_AUTO_TEST_CASE(the_clock_starts_where_the_template_says) {
  runtime_config config;
  config.now = timestamp{1'700'000'000'000'000};
  const auto [first, second] = in_two_sessions(
    config, "const t = Date.now(); [t >= 1700000000000, t < 1700000100000,"
            " performance.timeOrigin === 1700000000000,"
            " new Date().getUTCFullYear()].join()");
  BOOST_TEST(first == "true,true,true,2023");
  BOOST_TEST(second == first);
}

BOOST_AUTO_TEST_CASE(a_clock_that_starts_elsewhere_goes_on) {
  auto options = default_options();
  options.runtime.now = timestamp{1'000'000};
  const auto made = must(instance::clone(must(image::build(options))));
  run_options script;
  script.source = "(async () => { const t = Date.now();"
                  " await new Promise((done) => setTimeout(done, 20));"
                  " return Date.now() - t >= 19 })()";
  BOOST_TEST(made->run(script).value.preview == "true");
}

BOOST_AUTO_TEST_CASE(what_a_script_breaks_is_its_own_sessions) {
  runtime broken;
  broken.run("Object.prototype.x = 1; Array.prototype.push = null;"
             "Map.prototype.get = Promise.prototype.then = undefined;"
             "for (const n of Object.getOwnPropertyNames(globalThis))"
             "  try { delete globalThis[n] } catch {}");
  runtime scripts;
  BOOST_TEST(scripts.eval("new URL('http://a/b').pathname") == "/b");
}

BOOST_AUTO_TEST_SUITE_END()
