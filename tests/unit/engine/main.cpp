#define BOOST_TEST_MODULE engine
#include "support.hpp"

#include <boost/test/unit_test.hpp>

namespace vmsystem::engine::test {

/// The main thread runs guests for as long as the tests do.
struct guarded_main_thread {
  thread_guard guard = must(thread_guard::make());

  ~guarded_main_thread() {
    drop_images();
  }
};

BOOST_TEST_GLOBAL_FIXTURE(guarded_main_thread);

} // namespace vmsystem::engine::test
