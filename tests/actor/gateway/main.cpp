#define BOOST_TEST_MODULE gateway_actor
#include <boost/test/unit_test.hpp>
