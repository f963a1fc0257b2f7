#include "vmsystem/persistence/faulty_store.hpp"
#include "vmsystem/persistence/rocksdb_writer.hpp"
#include "vmsystem/tests/actor/persistence/actor_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

/// Passes on to another store and remembers how large each group was.
class counting_store final : public store {
public:
  explicit counting_store(store_ptr inner) : inner_{std::move(inner)} {}

  expected<void> commit(const std::vector<const change_set*>& group,
                        durability how) override {
    groups.push_back(group.size());
    asked = how;
    if (on_commit)
      on_commit();
    if (throws)
      throw std::runtime_error{"out of everything"};
    return inner_->commit(group, how);
  }
  std::unique_ptr<store_reader> read() const override {
    return inner_->read();
  }
  expected<void> flush() override {
    ++flushes;
    return inner_->flush();
  }

  std::vector<std::size_t> groups;
  durability asked = durability::off;
  int flushes = 0;
  bool throws = false;
  /// Called in each commit.
  std::function<void()> on_commit;

private:
  store_ptr inner_;
};

/// A writer over a store that can fail and that counts.
struct writer_fixture : actor_fixture {
  std::shared_ptr<faulty_store> faults
    = std::make_shared<faulty_store>(memory_store());
  std::shared_ptr<counting_store> kept
    = std::make_shared<counting_store>(faults);
  std::shared_ptr<writer_stats> stats = std::make_shared<writer_stats>();
  rocksdb_writer_actor writer;
  /// The outcomes in the order in which they came: a number and how it went.
  std::vector<std::string> outcomes;
  uint64_t last_group = 0;

  writer_fixture() {
    start({});
  }

  ~writer_fixture() {
    stop();
  }

  void start(writer_config config) {
    stop();
    writer = system.spawn(rocksdb_writer, store_ptr{kept}, config, stats);
    scheduler.run();
  }

  void stop() {
    caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
    scheduler.run();
  }

  /// Sends a change set from an actor that notes its outcome.
  void send(change_set set) {
    const auto note
      = [this, number = std::to_string(++sent_)](const std::string& how) {
          outcomes.push_back(number + " " + how);
        };
    system.spawn(
      [this, note](caf::event_based_actor* self, const change_set& x) {
        self->request(writer, caf::infinite, write_atom_v, x)
          .then(
            [this, note](const commit_receipt& receipt) {
              last_group = receipt.group;
              note("ok");
            },
            [note](const caf::error& why) {
              const auto how = to_failure(why);
              note((how.code == ec::internal ? "internal: " : "other: ")
                   + how.message);
            });
      },
      std::move(set));
    // The sender runs; the writer does not yet.
    scheduler.run_once_lifo();
  }

  /// Sends a change set that stores a template.
  void send(uint8_t number) {
    send(change_set{{put_template(id_of(number), "t")}});
  }

  std::size_t stored() const {
    return must(kept->read()->template_documents()).size();
  }

private:
  int sent_ = 0;
};

using strings = std::vector<std::string>;
using sizes = std::vector<std::size_t>;

change malformed() {
  return append_events(id_of(50), 0, "no seq");
}

} // namespace

BOOST_AUTO_TEST_SUITE(writer)

BOOST_FIXTURE_TEST_CASE(a_single_set_is_committed_at_once, writer_fixture) {
  send(1);
  scheduler.run();
  BOOST_TEST(outcomes == strings{"1 ok"});
  BOOST_TEST(stored() == 1u);
  BOOST_TEST((kept->asked == durability::sync));
}

BOOST_FIXTURE_TEST_CASE(what_waits_together_is_one_group, writer_fixture) {
  for (uint8_t i = 1; i <= 5; ++i)
    send(i);
  scheduler.run();
  BOOST_TEST(kept->groups == sizes{5});
  BOOST_TEST((outcomes == strings{"1 ok", "2 ok", "3 ok", "4 ok", "5 ok"}));
  BOOST_TEST(last_group == 1u);
  send(6);
  scheduler.run();
  BOOST_TEST((kept->groups == sizes{5, 1}));
  BOOST_TEST(last_group == 2u);
  BOOST_TEST(stored() == 6u);
}

BOOST_FIXTURE_TEST_CASE(nobody_is_answered_before_the_commit, writer_fixture) {
  send(1);
  send(2);
  scheduler.run_once();
  BOOST_TEST(outcomes.empty());
  BOOST_TEST(stored() == 0u);
  scheduler.run();
  BOOST_TEST(outcomes.size() == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_group_has_at_most_so_many_sets, writer_fixture) {
  writer_config config;
  config.max_sets = 2;
  start(config);
  for (uint8_t i = 1; i <= 5; ++i)
    send(i);
  scheduler.run();
  BOOST_TEST((kept->groups == sizes{2, 2, 1}));
  BOOST_TEST(outcomes.size() == 5u);
  BOOST_TEST(stored() == 5u);
}

BOOST_FIXTURE_TEST_CASE(a_group_has_at_most_so_many_bytes, writer_fixture) {
  writer_config config;
  config.max_bytes = 10;
  start(config);
  for (uint8_t i = 1; i <= 4; ++i)
    send(change_set{{put_template(id_of(i), "five5")}});
  send(change_set{{put_template(id_of(5), std::string(100, 'x'))}});
  scheduler.run();
  BOOST_TEST((kept->groups == sizes{2, 2, 1}));
  BOOST_TEST(stored() == 5u);
}

BOOST_FIXTURE_TEST_CASE(the_durability_is_passed_on, writer_fixture) {
  writer_config config;
  config.how = durability::async;
  start(config);
  send(1);
  scheduler.run();
  BOOST_TEST((kept->asked == durability::async));
}

BOOST_FIXTURE_TEST_CASE(a_failing_store_fails_the_whole_group, writer_fixture) {
  store_fault fault;
  fault.hits = hits_kind(change_kind::append_events);
  fault.words = "the disk is on fire";
  faults->add(fault);
  send(1);
  send(change_set{{append_events(id_of(9), 1, "e")}});
  send(2);
  scheduler.run();
  BOOST_TEST((outcomes
              == strings{"1 internal: the disk is on fire",
                         "2 internal: the disk is on fire",
                         "3 internal: the disk is on fire"}));
  BOOST_TEST(kept->groups == sizes{3});
  BOOST_TEST(stored() == 0u);
  BOOST_TEST(stats->failures == 3u);
  faults->heal();
  send(4);
  scheduler.run();
  BOOST_TEST(outcomes.back() == "4 ok");
  BOOST_TEST(last_group == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_malformed_set_fails_alone, writer_fixture) {
  send(1);
  send(change_set{{put_template(id_of(2), "t"), malformed()}});
  send(3);
  scheduler.run();
  BOOST_TEST((outcomes
              == strings{"1 ok",
                         "2 internal: a change of kind append_events has no "
                         "first seq",
                         "3 ok"}));
  BOOST_TEST((kept->groups == sizes{3, 1, 1, 1}));
  BOOST_TEST(stored() == 2u);
  BOOST_TEST(stats->failures == 1u);
  BOOST_TEST(stats->group_sets.sum() == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_malformed_set_alone_is_tried_once, writer_fixture) {
  send(change_set{{malformed()}});
  scheduler.run();
  BOOST_TEST(kept->groups == sizes{1});
  BOOST_TEST(outcomes.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(an_exception_of_the_store_is_an_answer,
                        writer_fixture) {
  kept->throws = true;
  send(1);
  send(2);
  scheduler.run();
  BOOST_TEST((outcomes
              == strings{"1 internal: the store failed: out of everything",
                         "2 internal: the store failed: out of everything"}));
  kept->throws = false;
  send(3);
  scheduler.run();
  BOOST_TEST(outcomes.back() == "3 ok");
}

BOOST_FIXTURE_TEST_CASE(flushing_commits_what_waits_and_then_flushes,
                        writer_fixture) {
  send(1);
  auto handle = client->request(writer, caf::infinite, flush_atom_v);
  const auto receipt = must(answer<commit_receipt>(handle));
  BOOST_TEST(receipt.group == 1u);
  BOOST_TEST(kept->flushes == 1);
  BOOST_TEST(kept->groups == sizes{1});
  BOOST_TEST(outcomes == strings{"1 ok"});
}

BOOST_FIXTURE_TEST_CASE(a_flush_that_fails_says_so, writer_fixture) {
  faults->fail_flush("unflushable");
  auto handle = client->request(writer, caf::infinite, flush_atom_v);
  const auto why = must_fail(answer<commit_receipt>(handle));
  BOOST_TEST((why.code == ec::internal));
  BOOST_TEST(why.message == "unflushable");
  BOOST_TEST(stats->failures == 1u);
}

BOOST_FIXTURE_TEST_CASE(what_has_gathered_is_committed_before_the_end,
                        writer_fixture) {
  send(1);
  // The writer takes the set and has its own commit_atom in the mailbox; the
  // exit message overtakes that.
  scheduler.run_once();
  stop();
  BOOST_TEST(outcomes == strings{"1 ok"});
  BOOST_TEST(stored() == 1u);
}

BOOST_FIXTURE_TEST_CASE(who_comes_after_the_end_gets_an_answer,
                        writer_fixture) {
  stop();
  send(1);
  scheduler.run();
  BOOST_TEST_REQUIRE(outcomes.size() == 1u);
  BOOST_TEST(outcomes[0].find("1 internal: ") == 0u);
}

BOOST_FIXTURE_TEST_CASE(the_counters_count_what_was_committed, writer_fixture) {
  send(1);
  send(change_set{
    {put_template(id_of(2), "four"), append_events(id_of(9), 1, "12345")}});
  scheduler.run();
  BOOST_TEST(stats->group_sets.count() == 1u);
  BOOST_TEST(stats->group_sets.sum() == 2u);
  BOOST_TEST(stats->bytes == 10u);
  BOOST_TEST(stats->failures == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

/// A disk that takes 40 ms of virtual time for each commit; during some of
/// them, others come.
struct slow_disk : writer_fixture {
  /// Who comes during the next commit.
  std::vector<uint8_t> latecomers;

  slow_disk() {
    kept->on_commit = [this] {
      scheduler.clock().current_time += std::chrono::milliseconds{40};
      for (const auto number : std::exchange(latecomers, {}))
        client->send(writer, write_atom_v,
                     change_set{{put_template(id_of(number), "t")}});
    };
  }

  /// Makes a crowd of three: one is answered, two came in the meantime.
  void gather_crowd() {
    latecomers = {2, 3};
    send(1);
    scheduler.run();
  }

  void advance(int ms) {
    scheduler.advance_time(std::chrono::milliseconds{ms});
    scheduler.run();
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(waiting)

BOOST_FIXTURE_TEST_CASE(one_client_alone_never_waits, slow_disk) {
  for (uint8_t i = 1; i <= 3; ++i) {
    send(i);
    scheduler.run();
    BOOST_TEST(outcomes.size() == i);
  }
}

BOOST_FIXTURE_TEST_CASE(those_who_came_wait_for_those_who_were_answered,
                        slow_disk) {
  gather_crowd();
  BOOST_TEST(kept->groups == sizes{1});
  send(4);
  scheduler.run();
  BOOST_TEST((kept->groups == sizes{1, 3}));
  BOOST_TEST((outcomes == strings{"1 ok", "2 ok"}));
}

BOOST_FIXTURE_TEST_CASE(the_wait_ends_after_a_quarter_of_the_commit,
                        slow_disk) {
  gather_crowd();
  advance(9);
  BOOST_TEST(kept->groups == sizes{1});
  advance(1);
  BOOST_TEST((kept->groups == sizes{1, 2}));
  BOOST_TEST(stored() == 3u);
}

BOOST_FIXTURE_TEST_CASE(a_crowd_that_left_is_not_waited_for_again, slow_disk) {
  gather_crowd();
  advance(10);
  send(4);
  advance(10);
  send(5);
  scheduler.run();
  BOOST_TEST((kept->groups == sizes{1, 2, 1, 1}));
}

BOOST_FIXTURE_TEST_CASE(a_crowd_stays_together, slow_disk) {
  gather_crowd();
  send(4);
  scheduler.run();
  for (uint8_t i = 5; i <= 10; ++i) {
    send(i);
    scheduler.run();
  }
  BOOST_TEST((kept->groups == sizes{1, 3, 3, 3}));
}

BOOST_FIXTURE_TEST_CASE(a_flush_ends_the_wait, slow_disk) {
  gather_crowd();
  auto handle = client->request(writer, caf::infinite, flush_atom_v);
  must(answer<commit_receipt>(handle));
  BOOST_TEST((kept->groups == sizes{1, 2}));
  send(4);
  advance(10);
  BOOST_TEST(stored() == 4u);
}

BOOST_FIXTURE_TEST_CASE(an_end_ends_the_wait, slow_disk) {
  gather_crowd();
  stop();
  BOOST_TEST(stored() == 3u);
}

BOOST_FIXTURE_TEST_CASE(without_fsync_nobody_waits, slow_disk) {
  writer_config config;
  config.how = durability::async;
  start(config);
  gather_crowd();
  BOOST_TEST((kept->groups == sizes{1, 2}));
}

BOOST_AUTO_TEST_SUITE_END()
