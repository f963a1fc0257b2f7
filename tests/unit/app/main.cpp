#define BOOST_TEST_MODULE app_batch
#include <boost/test/unit_test.hpp>
