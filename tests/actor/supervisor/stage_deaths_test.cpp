#include "mortal_stages.hpp"
#include "support.hpp"

using namespace vmsystem;
using namespace vmsystem::test;
using namespace std::chrono_literals;

namespace {

/// Says when a stage dies while it holds an execution.
struct one_death {
  /// Messages that it handles before that one.
  int spare = 0;
  bool spent = false;

  /// Whether the stage dies now.
  bool now() {
    if (spent || spare-- > 0)
      return false;
    spent = true;
    return true;
  }
};

struct deaths_fixture : supervisor_fixture {
  std::shared_ptr<one_death> wish = std::make_shared<one_death>();
  session_id id;

  deaths_fixture() {
    worktree.put("job.js", "console.log('ran'); 'done'");
  }

  [[nodiscard]] death_wish next_death() const {
    return [about = wish] { return about->now(); };
  }

  /// Starts with a session; then the next message to the mortal stage kills
  /// it.
  void start_with_session() {
    wish->spent = true;
    start();
    id = make_session();
    wish->spent = false;
  }

  /// Runs the file while the stage dies.
  expected<finished_execution> run_fatally() {
    auto done = ask<finished_execution>(execute_atom_v, file(id, "job.js"));
    BOOST_TEST(wish->spent);
    return done;
  }

  /// The execution has a terminal record that names the stage.
  void check_interrupted(const expected<finished_execution>& done,
                         const std::string& stage) {
    BOOST_REQUIRE(done);
    const auto& record = done.value().record;
    BOOST_TEST((record.status == execution_status::error));
    BOOST_TEST((record.reason == end_reason::interrupted));
    BOOST_TEST((record.error.text.find(stage) != std::string::npos),
               record.error.text);
    check_complete(record.id);
  }

  /// New work goes through the stage's successor.
  void check_served(session_id session) {
    const auto done
      = ask<finished_execution>(execute_atom_v, file(session, "job.js"));
    BOOST_REQUIRE(done);
    BOOST_TEST((done.value().record.status == execution_status::ok));
    check_complete(done.value().record.id);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(stage_deaths, deaths_fixture)

BOOST_AUTO_TEST_CASE(the_death_of_admission_is_answered_before_anything_ran) {
  make_admission_mortal(stages, next_death());
  start_with_session();
  const auto done = run_fatally();
  BOOST_REQUIRE(!done);
  BOOST_TEST((done.error().code == ec::internal));
  BOOST_TEST(stored_executions(id).empty());
  check_served(id);
}

BOOST_AUTO_TEST_CASE(the_death_of_loading_ends_the_execution_on_record) {
  make_loading_mortal(stages, next_death());
  start_with_session();
  check_interrupted(run_fatally(), "loading");
  check_served(id);
}

BOOST_AUTO_TEST_CASE(the_death_of_a_slot_ends_the_execution_and_its_session) {
  make_slots_mortal(stages, next_death());
  start_with_session();
  check_interrupted(run_fatally(), "engine slot");
  BOOST_TEST((stored(id).value().status == session_status::crashed));
  check_served(make_session());
}

BOOST_AUTO_TEST_CASE(the_death_of_finalization_ends_the_execution_on_record) {
  make_finalization_mortal(stages, next_death());
  start_with_session();
  check_interrupted(run_fatally(), "finalization");
  check_served(id);
}

BOOST_AUTO_TEST_CASE(the_death_of_the_writer_is_an_error_of_the_request) {
  make_writer_mortal(stages, next_death());
  start_with_session();
  const auto done = run_fatally();
  BOOST_REQUIRE(!done);
  BOOST_TEST((done.error().code == ec::internal));
  BOOST_TEST((done.error().message.find("stored") != std::string::npos));
  check_served(id);
}

BOOST_AUTO_TEST_CASE(many_executions_in_a_dying_slots_queue_all_get_an_answer) {
  make_slots_mortal(stages, next_death());
  wish->spent = true;
  start();
  std::vector<session_id> all;
  for (int i = 0; i < 20; ++i)
    all.push_back(make_session());
  wish->spare = 0;
  wish->spent = false;
  std::vector<pending<finished_execution>> answers;
  for (const auto session : all)
    answers.push_back(send<finished_execution>(supervisor, execute_atom_v,
                                               file(session, "job.js")));
  run();
  int lost = 0;
  for (const auto& answer : answers) {
    const auto& record = answer.get().value().record;
    check_complete(record.id);
    lost += record.reason == end_reason::interrupted ? 1 : 0;
  }
  BOOST_TEST(lost == 1);
}

BOOST_AUTO_TEST_CASE(a_slot_that_never_answers_is_given_up) {
  make_slots_silent(stages, next_death());
  start_with_session();
  const auto waiting
    = send<finished_execution>(supervisor, execute_atom_v, file(id, "job.js"));
  run();
  BOOST_TEST(!waiting.there());
  pass(60s);
  check_interrupted(waiting.get(), "engine slot");
  check_served(make_session());
}

BOOST_AUTO_TEST_SUITE_END()
