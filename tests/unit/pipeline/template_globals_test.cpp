#include "vmsystem/engine/instance.hpp"
#include "vmsystem/engine/thread.hpp"
#include "vmsystem/pipeline/template_globals.hpp"
#include "vmsystem/tests/must.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace vmsystem;
using vmsystem::test::must;

namespace {

struct globals_fixture {
  engine::thread_guard guard = must(engine::thread_guard::make());
  template_bundle bundle;

  void add(capability_kind kind, const char* name, const char* config,
           bool enabled = true) {
    capability one;
    one.kind = kind;
    one.name = name;
    one.config = json_text{config};
    one.enabled = enabled;
    bundle.capabilities.push_back(one);
  }

  /// What a script of the template gives.
  std::string eval(const std::string& source) const {
    auto image = must(engine::image::build({}));
    if (const auto globals = globals_of(bundle))
      image = must(engine::with_libraries(image, {globals}));
    engine::run_options options;
    options.source = source;
    const auto outcome = must(engine::instance::clone(image))->run(options);
    return outcome.reason == end_reason::ok ? outcome.value.preview
                                            : outcome.error.message;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(the_globals_of_a_template, globals_fixture)

BOOST_AUTO_TEST_CASE(are_constants_with_the_configured_values) {
  add(capability_kind::global, "limit", R"({"value":41})");
  add(capability_kind::global, "$names",
      R"({"value":["a\u2028b",{"__proto__":1}]})");
  add(capability_kind::global, "nothing", R"({"value":null})");
  BOOST_TEST(eval("limit + 1") == "42");
  BOOST_TEST(eval("limit = 2") == "TypeError: 'limit' is read-only");
  BOOST_TEST(eval("$names[0].length + Object.keys($names[1]).join()")
             == "3__proto__");
  BOOST_TEST(eval("nothing") == "null");
  BOOST_TEST(eval("typeof process") == "undefined");
}

BOOST_AUTO_TEST_CASE(have_an_environment_of_the_named_values) {
  add(capability_kind::env, "MODE", R"({"value":"it's \"on\""})");
  add(capability_kind::env, "more",
      R"({"values":{"A":"1","__proto__":"2","N":3}})");
  BOOST_TEST(eval("JSON.stringify(process.env)")
             == R"({"MODE":"it's \"on\"","A":"1","__proto__":"2"})");
  BOOST_TEST(eval("process.env.HOME") == "undefined");
}

BOOST_AUTO_TEST_CASE(are_none_for_what_is_disabled_or_says_nothing) {
  BOOST_TEST((globals_of(bundle) == nullptr));
  add(capability_kind::global, "off", R"({"value":1})", false);
  add(capability_kind::global, "empty", "{}");
  add(capability_kind::global, "no name; evil()", R"({"value":1})");
  add(capability_kind::env, "EMPTY", R"({"value":1})");
  add(capability_kind::net, "net", R"({"value":1})");
  add(capability_kind::global, "list", "[]");
  BOOST_TEST((globals_of(bundle) == nullptr));
}

BOOST_AUTO_TEST_SUITE_END()
