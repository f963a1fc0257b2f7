#include "mortal_stages.hpp"
#include "support.hpp"

#include <algorithm>

using namespace vmsystem;
using namespace vmsystem::test;
using namespace std::chrono_literals;

namespace {

struct log_fixture : supervisor_fixture {
  std::vector<log_entry> lines;

  log_fixture() {
    log.receiver = [this](const log_entry& line) { lines.push_back(line); };
  }

  ~log_fixture() {
    // The supervisor logs until it is gone.
    caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
    supervisor = nullptr;
    scheduler.run();
  }

  /// The lines with this message.
  [[nodiscard]] std::vector<log_entry> said(const std::string& message) const {
    std::vector<log_entry> result;
    std::copy_if(lines.begin(), lines.end(), std::back_inserter(result),
                 [&](const log_entry& x) { return x.message == message; });
    return result;
  }
};

/// A field of a line; empty when it is not there.
std::string field(const log_entry& line, const std::string& name) {
  for (const auto& x : line.fields)
    if (x.name == name)
      return x.value;
  return {};
}

/// A script that takes 20 ms of the real time, which limits count.
const std::string slow_script
  = "const end = Date.now() + 20; while (Date.now() < end); 'slow'";

} // namespace

BOOST_FIXTURE_TEST_SUITE(supervisor_logs, log_fixture)

BOOST_AUTO_TEST_CASE(a_slow_execution_has_a_line) {
  log.slow_ms = 10;
  start();
  const auto id = make_session();
  const auto done = repl(id, slow_script);
  BOOST_REQUIRE(done);
  const auto& record = done.value().record;
  const auto slow = said("an execution was slow");
  BOOST_REQUIRE(slow.size() == 1u);
  const auto& line = slow.front();
  BOOST_TEST((line.level == log_level::warning));
  BOOST_TEST(field(line, "execution_id") == record.id.to_string());
  BOOST_TEST(field(line, "session_id") == id.to_string());
  BOOST_TEST(field(line, "template_id")
             == stored(id).value().vm_id.to_string());
  BOOST_TEST(field(line, "kind") == "repl");
  BOOST_TEST(field(line, "status") == "ok");
  BOOST_TEST(field(line, "end_reason") == "ok");
  const auto ms = [](uint64_t us) { return std::to_string(us / 1000); };
  BOOST_TEST(field(line, "wall_ms") == ms(record.metrics.wall_us));
  BOOST_TEST(field(line, "cpu_ms") == ms(record.metrics.cpu_us));
  BOOST_TEST(field(line, "queue_ms") == ms(record.metrics.queue_us));
}

BOOST_AUTO_TEST_CASE(no_execution_is_slow_unless_the_host_says_when) {
  start();
  BOOST_TEST(repl(make_session(), slow_script).has_value());
  BOOST_TEST(lines.empty());
}

BOOST_AUTO_TEST_CASE(an_execution_below_the_bound_is_not_slow) {
  log.slow_ms = 60000;
  start();
  BOOST_TEST(repl(make_session(), slow_script).has_value());
  BOOST_TEST(lines.empty());
}

BOOST_AUTO_TEST_CASE(a_flood_of_slow_executions_is_counted) {
  log.slow_ms = 1;
  start();
  const auto id = make_session();
  for (int i = 0; i < 15; ++i)
    BOOST_TEST(repl(id, "const end" + std::to_string(i)
                          + " = Date.now() + 3; while (Date.now() < end"
                          + std::to_string(i) + "); 1")
                 .has_value());
  BOOST_TEST(said("an execution was slow").size() == 10u);
  // The supervisor looks after it by itself.
  pass(500ms);
  BOOST_TEST(lines.size() == 10u);
  for (int i = 0; i < 60; ++i)
    pass(10ms);
  BOOST_REQUIRE(lines.size() == 11u);
  BOOST_TEST(field(lines.back(), "left_out") == "5");
}

BOOST_AUTO_TEST_CASE(jobs_of_batches_are_slow_too) {
  log.slow_ms = 10;
  start();
  const auto of = make_template("t");
  batch_spec spec;
  spec.vm_id = of;
  spec.worktree_path = worktree.path();
  const auto made = ask<batch>(create_atom_v, spec);
  BOOST_REQUIRE(made);
  const auto id = made.value().id;
  BOOST_REQUIRE(
    ask<batch>(add_atom_v, id,
               batch_input{"{\"input\":\"" + slow_script + "\"}\n", true})
      .has_value());
  run();
  const auto slow = said("an execution was slow");
  BOOST_REQUIRE(slow.size() == 1u);
  BOOST_TEST(field(slow.front(), "batch_id") == id.to_string());
  BOOST_TEST(field(slow.front(), "batch_index") == "0");
}

BOOST_AUTO_TEST_CASE(what_is_lost_with_a_slot_has_lines) {
  bool die = false;
  make_slots_mortal(stages, [&die] { return std::exchange(die, false); });
  start();
  const auto id = make_session();
  die = true;
  const auto done = repl(id, "1");
  BOOST_REQUIRE(done);
  const auto execution = done.value().record.id.to_string();
  const auto replaced = said("a stage was replaced");
  BOOST_REQUIRE(replaced.size() == 1u);
  BOOST_TEST((replaced.front().level == log_level::error));
  BOOST_TEST(field(replaced.front(), "stage") == "slot");
  const auto lost = said("an execution was lost");
  BOOST_REQUIRE(lost.size() == 1u);
  BOOST_TEST(field(lost.front(), "execution_id") == execution);
  BOOST_TEST(field(lost.front(), "session_id") == id.to_string());
  const auto crashed = said("a session crashed");
  BOOST_REQUIRE(crashed.size() == 1u);
  BOOST_TEST(field(crashed.front(), "session_id") == id.to_string());
  BOOST_TEST(field(crashed.front(), "execution_id") == execution);
  BOOST_TEST(field(crashed.front(), "template_id")
             == stored(id).value().vm_id.to_string());
  BOOST_TEST(field(crashed.front(), "reason") == stored(id).value().last_error);
}

BOOST_AUTO_TEST_CASE(an_execution_that_cannot_be_stored_has_a_line) {
  start();
  const auto id = make_session();
  store_fault fault;
  fault.hits = hits_kind(change_kind::end_execution);
  fault.words = "the disk is on fire";
  kept->add(fault);
  BOOST_TEST(!repl(id, "1").has_value());
  const auto unstored = said("an execution could not be stored");
  BOOST_REQUIRE(unstored.size() == 1u);
  BOOST_TEST(field(unstored.front(), "session_id") == id.to_string());
  BOOST_TEST(field(unstored.front(), "execution_id").size() == 36u);
  BOOST_TEST(field(unstored.front(), "reason").find("on fire")
             != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
