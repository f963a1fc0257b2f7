#include "support.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <chrono>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// The id of an execution that was made so long ago.
raw_id made_before(std::chrono::minutes age) {
  auto id = raw_id::generate();
  const auto ms
    = timestamp::now().us / 1000 - std::chrono::milliseconds{age}.count();
  for (std::size_t i = 0; i < 6; ++i)
    id.bytes[i] = static_cast<uint8_t>(ms >> (40 - 8 * i) & 0xff);
  return id;
}

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

BOOST_AUTO_TEST_SUITE_END()
