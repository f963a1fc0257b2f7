#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;
using namespace vmsystem::engine;
using namespace vmsystem::engine::test;

BOOST_AUTO_TEST_SUITE(rendering)

// The budget of the rendering counts from its own start.
BOOST_AUTO_TEST_CASE(a_large_value_after_a_long_script_is_rendered) {
  runtime scripts;
  run_options options;
  options.wall_limit = std::chrono::seconds{60};
  options.cpu_limit = std::chrono::seconds{30};
  options.max_value_bytes = 32u << 20;
  const auto outcome
    = scripts.run("const end = Date.now() + 1300; while (Date.now() < end);"
                  "Array.from({ length: 100000 }, (_, i) => ({ i }))",
                  options);
  BOOST_TEST(outcome.reason == end_reason::ok);
  BOOST_TEST(!scripts.engine().dead());
  BOOST_TEST(outcome.value.json.text.size() > 1000000u);
}

BOOST_AUTO_TEST_SUITE_END()
