#define BOOST_TEST_MODULE power_loss
#include "losing_disk.hpp"
#include "vmsystem/tests/environment.hpp"
#include "vmsystem/tests/temp_folder.hpp"
#include "vmsystem/tests/unit/persistence/support.hpp"

#include <boost/test/unit_test.hpp>

#include <iostream>
#include <random>
#include <string>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// Power failures of one store, after which the next begins.
constexpr int losses_of_a_store = 20;
constexpr int stores = 10;

/// An execution that was written in one change set with its event.
struct written {
  raw_id id;
  std::string text;
};

/// What was committed in one group.
struct written_group {
  std::vector<written> sets;
  /// Whether it was acknowledged as durable, or one behind it was.
  bool safe = false;
};

struct tally {
  uint64_t safe = 0;
  uint64_t gone = 0;
  uint64_t survived = 0;
  uint64_t lost_bytes = 0;
};

class crashing_store {
public:
  explicit crashing_store(uint64_t seed) : random_{seed}, disk_{seed} {}

  /// Opens, checks what the last failure left, and works until the next one.
  void live_once(tally& sum) {
    auto opened = rocksdb_store::open(config());
    BOOST_REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
    auto store = std::move(opened).value();
    check(*store, sum);
    disk_.cut_after(1 + below(3'000'000));
    while (!disk_.off())
      write_group(*store);
    store.reset();
    sum.lost_bytes += disk_.lose();
  }

private:
  rocksdb_config config() const {
    rocksdb_config result;
    result.path = folder_ / "store";
    result.env = disk_.env();
    return result;
  }

  uint64_t below(uint64_t bound) {
    return random_() % bound;
  }

  raw_id next_id() {
    raw_id result;
    ++count_;
    result.bytes[0] = 1;
    for (std::size_t i = 0; i < 8; ++i)
      result.bytes[15 - i] = static_cast<uint8_t>(count_ >> (8 * i));
    return result;
  }

  std::string next_text() {
    const auto size = below(10) == 0 ? below(400'000) : below(4000);
    std::string result(size, ' ');
    for (auto& c : result)
      c = static_cast<char>('a' + below(26));
    return '"' + result + '"';
  }

  void write_group(store& to) {
    written_group group;
    std::vector<change_set> sets;
    for (auto count = 1 + below(4); count > 0; --count) {
      group.sets.push_back({next_id(), next_text()});
      const auto& x = group.sets.back();
      sets.push_back({{append_events(x.id, 1, x.text),
                       end_execution(x.id, id_of(1), x.text)}});
    }
    std::vector<const change_set*> all;
    for (const auto& set : sets)
      all.push_back(&set);
    const auto how = below(3) == 0 ? durability::async : durability::sync;
    const auto outcome = to.commit(all, how);
    groups_.push_back(std::move(group));
    // The log is one: what is behind something durable is no more so.
    if (outcome && how == durability::sync)
      for (auto& x : groups_)
        x.safe = true;
  }

  /// Everything acknowledged is there and right; of the rest there are whole
  /// groups, and none behind one that is missing.
  void check(const store& of, tally& sum) {
    const auto reader = of.read();
    std::vector<written_group> left;
    bool hole = false;
    for (auto& group : groups_) {
      std::size_t found = 0;
      for (const auto& x : group.sets)
        found += check_set(*reader, x) ? 1 : 0;
      BOOST_REQUIRE_MESSAGE(found == 0 || found == group.sets.size(),
                            "a group came back in part");
      const bool there = found != 0;
      if (group.safe)
        BOOST_REQUIRE_MESSAGE(there, "acknowledged and lost");
      BOOST_REQUIRE_MESSAGE(!(there && hole), "a group before it is missing");
      hole = hole || !there;
      (group.safe ? sum.safe : there ? sum.survived : sum.gone) += 1;
      if (!there)
        continue;
      // What survived once is on the disk.
      group.safe = true;
      left.push_back(std::move(group));
    }
    groups_ = std::move(left);
  }

  static bool check_set(store_reader& from, const written& x) {
    execution_id id;
    id.raw = x.id;
    const auto record = from.execution_document(id);
    if (!record) {
      BOOST_REQUIRE((record.error().code == ec::execution_not_found));
      return false;
    }
    BOOST_REQUIRE(record.value() == x.text);
    const auto events = from.event_documents({id, 0, 0});
    BOOST_REQUIRE(events);
    BOOST_REQUIRE(events.value() == '[' + x.text + ']');
    return true;
  }

  std::mt19937_64 random_;
  temp_folder folder_;
  losing_disk disk_;
  uint64_t count_ = 0;
  std::vector<written_group> groups_;
};

} // namespace

// VM_SYSTEM_SEED=N begins with another seed.
BOOST_AUTO_TEST_CASE(nothing_that_was_acknowledged_is_lost_without_power) {
  const auto first = number_of("VM_SYSTEM_SEED", 1);
  tally sum;
  for (auto seed = first; seed < first + stores; ++seed)
    BOOST_TEST_CONTEXT("VM_SYSTEM_SEED=" << seed) {
      crashing_store store{seed};
      for (int i = 0; i <= losses_of_a_store; ++i)
        store.live_once(sum);
    }
  std::cout << stores * losses_of_a_store << " power failures: " << sum.safe
            << " looks at acknowledged groups, all there; of the others "
            << sum.survived << " survived and " << sum.gone << " were lost, "
            << sum.lost_bytes << " bytes in all\n";
  BOOST_TEST(sum.safe > 0u);
  BOOST_TEST(sum.gone > 0u);
  BOOST_TEST(sum.survived > 0u);
  BOOST_TEST(sum.lost_bytes > 0u);
}
