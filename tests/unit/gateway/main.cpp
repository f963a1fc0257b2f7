#define BOOST_TEST_MODULE gateway_unit
#include <boost/test/unit_test.hpp>
