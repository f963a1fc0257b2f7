#define BOOST_TEST_MODULE persistence_actors
#include <boost/test/unit_test.hpp>
