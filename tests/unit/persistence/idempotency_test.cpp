#include "support.hpp"
#include "vmsystem/tests/temp_folder.hpp"

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

std::string found(const store& kept, const std::string& key) {
  return must(kept.read()->key_document(key));
}

bool names(const std::string& document, const raw_id& execution) {
  return document.find(execution.to_string()) != std::string::npos;
}

} // namespace

BOOST_AUTO_TEST_SUITE(idempotency_keys)

BOOST_AUTO_TEST_CASE(a_key_is_found_by_all_of_it) {
  const auto kept = memory_store();
  const auto id = raw_id::generate();
  must(commit(*kept, {put_key(id, "key")}));
  BOOST_TEST(names(found(*kept, "key"), id));
  BOOST_TEST(found(*kept, "ke").empty());
  BOOST_TEST(found(*kept, "key2").empty());
}

BOOST_AUTO_TEST_CASE(a_key_is_forgotten_after_a_day) {
  const auto kept = memory_store();
  const auto young = made_before(key_lifetime - std::chrono::minutes{5});
  const auto old = made_before(key_lifetime + std::chrono::minutes{5});
  must(commit(*kept, {put_key(old, "old"), put_key(young, "young")}));
  BOOST_TEST(found(*kept, "old").empty());
  BOOST_TEST(names(found(*kept, "young"), young));
  // It may be used again, and what forgets the old use leaves the new one.
  const auto again = raw_id::generate();
  must(commit(*kept, {put_key(again, "old")}));
  must(commit(*kept, {put_key(raw_id::generate(), "other")}));
  BOOST_TEST(names(found(*kept, "old"), again));
}

BOOST_AUTO_TEST_CASE(keys_are_there_after_a_restart_and_forgotten_then_too) {
  const temp_folder folder;
  const auto path = folder / "store";
  const auto id = raw_id::generate();
  const auto old = made_before(key_lifetime + std::chrono::minutes{5});
  must(
    commit(*must(open_store(path)), {put_key(old, "old"), put_key(id, "key")}));
  const auto kept = must(open_store(path));
  BOOST_TEST(names(found(*kept, "key"), id));
  const auto again = raw_id::generate();
  must(commit(*kept, {put_key(again, "old")}));
  BOOST_TEST(names(found(*kept, "old"), again));
  BOOST_TEST(names(found(*kept, "key"), id));
}

BOOST_AUTO_TEST_CASE(a_key_goes_with_its_execution_and_may_come_again) {
  const auto kept = memory_store();
  const auto session = raw_id::generate();
  const auto id = raw_id::generate();
  must(commit(*kept, {end_execution(id, session, "x"), put_key(id, "key")}));
  must(commit(*kept, {remove_execution(id, session)}));
  BOOST_TEST(found(*kept, "key").empty());
  const auto again = raw_id::generate();
  must(commit(*kept, {put_key(again, "key")}));
  BOOST_TEST(names(found(*kept, "key"), again));
  // So many that the oldest is next to go. Were the one that was removed still
  // counted, it would go, and take the key along that it has no more.
  change_set many;
  for (std::size_t i = 1; i < max_keys; ++i)
    many.changes.push_back(
      put_key(raw_id::generate(), "other" + std::to_string(i)));
  must(kept->commit({&many}, durability::sync));
  must(commit(*kept, {put_template(id_of(1), "t"), put_key(again, "key")}));
  BOOST_TEST(names(found(*kept, "key"), again));
}

BOOST_AUTO_TEST_CASE(a_key_that_another_execution_has_by_now_stays) {
  const auto kept = memory_store();
  const auto session = raw_id::generate();
  const auto id = raw_id::generate();
  const auto other = raw_id::generate();
  must(commit(*kept, {end_execution(id, session, "x"), put_key(id, "key")}));
  must(commit(*kept, {put_key(other, "key")}));
  must(commit(*kept, {remove_execution(id, session)}));
  BOOST_TEST(names(found(*kept, "key"), other));
}

BOOST_AUTO_TEST_SUITE_END()
