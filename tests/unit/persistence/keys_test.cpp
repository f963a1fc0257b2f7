#include "vmsystem/persistence/rocksdb_keys.hpp"
#include "vmsystem/tests/unit/persistence/support.hpp"

#include <boost/test/unit_test.hpp>

using namespace vmsystem;
using namespace vmsystem::test;

BOOST_AUTO_TEST_SUITE(keys)

BOOST_AUTO_TEST_CASE(keys_of_events_are_in_the_order_of_their_numbers) {
  const uint32_t numbers[] = {1, 2, 255, 256, 65535, 65536, UINT32_MAX};
  for (std::size_t i = 1; i < std::size(numbers); ++i) {
    store_key low;
    low.add(id_of(1)).add(numbers[i - 1]);
    store_key high;
    high.add(id_of(1)).add(numbers[i]);
    BOOST_TEST((low.view() < high.view()));
    BOOST_TEST(last_number_of(high.view()) == numbers[i]);
  }
}

BOOST_AUTO_TEST_CASE(ids_that_were_made_later_have_greater_keys) {
  auto last = raw_id::generate();
  for (int i = 0; i < 1000; ++i) {
    const auto next = raw_id::generate();
    BOOST_TEST_REQUIRE((last.view() < next.view()));
    last = next;
  }
  BOOST_TEST((last < greatest_id()));
}

BOOST_AUTO_TEST_CASE(the_id_at_the_end_of_an_index_key_is_read_back) {
  store_key key;
  key.add(index_kind::execution_of_session).add(id_of(1)).add(id_of(2));
  BOOST_TEST(key.view().size() == 33u);
  BOOST_TEST((last_id_of(key.view()) == id_of(2)));
}

BOOST_AUTO_TEST_CASE(keys_that_are_too_short_have_no_id_and_no_number) {
  BOOST_TEST(first_id_of("short").nil());
  BOOST_TEST(last_id_of("short").nil());
  BOOST_TEST(last_number_of("abc") == 0u);
}

BOOST_AUTO_TEST_CASE(keys_are_described_by_what_they_hold) {
  const std::string one = id_of(1).to_string();
  const std::string two = id_of(2).to_string();
  store_key event;
  event.add(id_of(1)).add(uint32_t{17});
  BOOST_TEST(describe(family::events, event.view()) == "events/" + one + "/17");
  store_key index;
  index.add(index_kind::execution_of_session).add(id_of(1)).add(id_of(2));
  BOOST_TEST(describe(family::indexes, index.view())
             == "indexes/e/" + one + "/" + two);
  store_key input;
  input.add(id_of(2)).add(uint32_t{5}).add(uint32_t{4});
  BOOST_TEST(describe(family::batches, input.view())
             == "batches/" + two + "/5/4");
  BOOST_TEST((first_id_of(input.view()) == id_of(2)));
  BOOST_TEST(describe(family::batches, id_of(2).view()) == "batches/" + two);
  BOOST_TEST(describe(family::executions, "\x01\xff") == "executions/01ff");
  BOOST_TEST(describe(family::meta, {}) == "meta");
}

BOOST_AUTO_TEST_SUITE_END()
