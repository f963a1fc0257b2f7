#define BOOST_TEST_MODULE simulation
#include "vmsystem/models/codec.hpp"
#include "vmsystem/tests/actor/supervisor/mortal_stages.hpp"
#include "vmsystem/tests/actor/supervisor/support.hpp"
#include "vmsystem/tests/environment.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/send.hpp>

#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;
using namespace std::chrono_literals;

namespace {

const char* const snippets[] = {
  "1 + 1",
  "console.log('a'); console.error('b'); ({ c: [1, 2] })",
  "throw new TypeError('no')",
  "(",
  "globalThis.n = (globalThis.n || 0) + 1",
  "for (let i = 0; i < 300; ++i) console.log('line ' + i)",
  "new Promise(() => {})",
  "new Promise((done) => setTimeout(done, 0, 'rested'))",
  "require('fs').readFileSync('nothing')",
};

const char* const job_lines[] = {
  R"j({"input":"__ARGS__.n * 2","args":{"n":21}})j",
  R"j({"input":"throw 1","id":"x"})j",
  R"j({"path":"job.js"})j",
  R"j({"path":"missing.js"})j",
  R"j({"input":"new Promise((done) => setTimeout(done, 0))"})j",
  R"j({"input":"new Promise(() => {})"})j",
  "{not json",
};

/// What was met in all seeds, to see that there was anything to be met.
struct tally {
  uint64_t steps = 0;
  uint64_t deaths = 0;
  uint64_t failed_commits = 0;
  uint64_t refused = 0;
  std::map<std::string_view, uint64_t> executions;
  std::map<std::string_view, uint64_t> batches;
};

std::ostream& operator<<(std::ostream& to, const tally& x) {
  to << x.steps << " messages, " << x.deaths << " deaths of stages, "
     << x.failed_commits << " failed commits, " << x.refused
     << " executions refused";
  for (const auto& [reason, count] : x.executions)
    to << ", " << count << ' ' << reason;
  for (const auto& [status, count] : x.batches)
    to << ", " << count << " batches " << status;
  return to;
}

/// A runtime of which everything that is left to chance comes from a seed: what
/// it is asked, whose turn it is, when a stage dies, when the store fails, and
/// how the time goes on.
struct simulation : supervisor_fixture {
  simulation(uint64_t seed, tally& sum) : random{seed}, seen{sum} {
    const auto wish = [this, odds = 20 + below(300)] {
      const bool dies = faults && below(odds) == 0;
      seen.deaths += dies ? 1 : 0;
      return dies;
    };
    make_admission_mortal(stages, wish);
    make_loading_mortal(stages, wish);
    make_slots_mortal(stages, wish);
    make_finalization_mortal(stages, wish);
    make_writer_mortal(stages, wish);
    worktree.put("job.js", "console.log('ran'); 'done'");
    worktree.put("boot.js", "globalThis.booted = true");
  }

  uint64_t below(uint64_t bound) {
    return random() % bound;
  }

  template <class T, std::size_t N>
  const T& any_of(const T (&list)[N]) {
    return list[below(N)];
  }

  template <class T>
  const T& any_of(const std::vector<T>& list) {
    return list[below(list.size())];
  }

  /// Lets any one of the actors that have a message handle it. Each actor gets
  /// its messages in order.
  /// @returns whether there was one.
  bool step() {
    auto& ready = scheduler.jobs;
    if (ready.empty())
      return false;
    std::swap(ready.front(), ready[below(ready.size())]);
    scheduler.run_once();
    ++seen.steps;
    return true;
  }

  void settle() {
    while (step()) {}
  }

  // -- what clients do --------------------------------------------------------

  void create_session() {
    made_sessions.push_back(
      send<session>(supervisor, create_atom_v, spec_of(any_of(templates))));
  }

  /// The id of something that somebody was told of; nil when there is none.
  template <class Document>
  auto known(const std::vector<pending<Document>>& answers) {
    using id_type = decltype(answers.front().get().value().id);
    std::vector<id_type> ids;
    for (const auto& made : answers)
      if (made.there() && made.get())
        ids.push_back(made.get().value().id);
    return ids.empty() ? id_type{} : any_of(ids);
  }

  session_id known_session() {
    return known(made_sessions);
  }

  void run_snippet() {
    finished.push_back(
      send_snippet(known_session(), any_of(snippets),
                   below(2) == 0 ? 0 : static_cast<uint32_t>(below(3000))));
  }

  void run_file() {
    finished.push_back(send<finished_execution>(
      supervisor, execute_atom_v, file(known_session(), "job.js")));
  }

  void begin_snippet() {
    begun.push_back(
      send<execution>(supervisor, create_atom_v,
                      snippet(known_session(), any_of(snippets), 1000),
                      std::string{}));
  }

  void cancel_one() {
    if (const auto id = known(begun); !id.nil())
      cancelled.push_back(send<cancel_receipt>(supervisor, cancel_atom_v, id));
  }

  void close_session() {
    closed.push_back(send<session>(supervisor, close_atom_v, known_session()));
  }

  void create_batch() {
    batch_spec spec;
    spec.vm_id = any_of(templates);
    spec.worktree_path = worktree.path();
    if (below(2) == 0)
      spec.isolation = batch_isolation::session;
    if (below(4) == 0)
      spec.on_error = batch_on_error::stop;
    made_batches.push_back(send<batch>(supervisor, create_atom_v, spec));
  }

  batch_id known_batch() {
    return known(made_batches);
  }

  void add_jobs() {
    std::string lines;
    for (auto count = below(6); count > 0; --count)
      lines += std::string{any_of(job_lines)} + '\n';
    changed_batches.push_back(send<batch>(supervisor, add_atom_v, known_batch(),
                                          batch_input{lines, below(2) == 0}));
  }

  void cancel_batch() {
    changed_batches.push_back(
      send<batch>(supervisor, cancel_atom_v, known_batch()));
  }

  // -- what happens to the server ---------------------------------------------

  void break_store() {
    store_fault fault;
    static constexpr change_kind kinds[]
      = {change_kind::put_session, change_kind::begin_execution,
         change_kind::append_events, change_kind::end_execution,
         change_kind::put_batch};
    if (below(2) == 0)
      fault.hits = hits_kind(any_of(kinds));
    fault.every = static_cast<uint32_t>(1 + below(3));
    fault.times = static_cast<uint32_t>(1 + below(3));
    kept->add(fault);
  }

  /// As if the process had ended in the middle of everything, and begun again.
  void restart() {
    caf::anon_send_exit(supervisor, caf::exit_reason::kill);
    caf::anon_send_exit(query, caf::exit_reason::user_shutdown);
    settle();
    start();
  }

  void act() {
    using action = void (simulation::*)();
    static constexpr std::pair<action, unsigned> actions[]
      = {{&simulation::create_session, 4}, {&simulation::run_snippet, 12},
         {&simulation::run_file, 4},       {&simulation::begin_snippet, 4},
         {&simulation::cancel_one, 2},     {&simulation::close_session, 1},
         {&simulation::create_batch, 2},   {&simulation::add_jobs, 4},
         {&simulation::cancel_batch, 1},   {&simulation::break_store, 1}};
    unsigned sum = 0;
    for (const auto& [what, weight] : actions)
      sum += weight;
    auto chosen = below(sum);
    for (const auto& [what, weight] : actions) {
      if (chosen < weight)
        return (this->*what)();
      chosen -= weight;
    }
  }

  void play() {
    start();
    templates.push_back(make_template("plain"));
    templates.push_back(
      make_template("short", R"({"limits":{"wall_ms":100,"max_events":50}})"));
    create_session();
    settle();
    faults = true;
    for (auto rounds = 20 + below(40); rounds > 0; --rounds) {
      act();
      for (auto steps = below(40); steps > 0 && step(); --steps) {}
      if (below(4) == 0)
        scheduler.advance_time(std::chrono::milliseconds{below(500)});
    }
    faults = false;
    kept->heal();
  }

  // -- what must be true ------------------------------------------------------

  template <class Answer>
  static std::size_t open(const std::vector<pending<Answer>>& answers) {
    std::size_t result = 0;
    for (const auto& x : answers)
      result += x.there() ? 0 : 1;
    return result;
  }

  std::size_t unanswered() const {
    return open(made_sessions) + open(finished) + open(begun) + open(cancelled)
           + open(closed) + open(made_batches) + open(changed_batches);
  }

  /// Lets the clock of messages and that of scripts go on until all is quiet.
  void end() {
    // Longer than the longest timeout of a request between actors.
    for (int i = 0; i < 3000 && (i < 800 || unanswered() != 0); ++i) {
      settle();
      scheduler.advance_time(100ms);
      if (i % 20 == 0)
        std::this_thread::sleep_for(1ms);
    }
    settle();
  }

  void check_stored(const execution& told) {
    const auto found = stored(told.id);
    BOOST_REQUIRE_MESSAGE(found,
                          "acknowledged and lost: " << told.id.to_string());
    BOOST_TEST((found.value().status == told.status));
    BOOST_TEST((found.value().reason == told.reason));
    check_complete(told.id);
  }

  void check_acknowledged() {
    for (const auto& x : finished)
      if (x.get())
        check_stored(x.get().value().record);
    for (const auto& x : begun)
      if (x.get())
        check_complete(x.get().value().id);
    for (const auto& x : made_sessions)
      if (x.get())
        BOOST_TEST(stored(x.get().value().id).has_value());
  }

  void check_batch(batch_id id) {
    const auto record = stored_batch(id);
    batch_result_filter filter;
    filter.id = id;
    filter.past_gaps = true;
    const auto page = kept->read()->batch_results(filter);
    BOOST_REQUIRE(page);
    const auto done = kept->read()->done_jobs(id, 0, 1000);
    BOOST_REQUIRE(done);
    BOOST_TEST(page.value().count == done.value().jobs.size());
    for (const auto& job : done.value().jobs)
      check_complete(job_execution_id(id, job.index));
    // Whatever broke: nothing claims to run without anybody who runs it.
    BOOST_TEST((record.status != batch_status::running));
    if (record.status == batch_status::completed) {
      BOOST_TEST(record.input_complete);
      BOOST_TEST(record.done == record.jobs);
      BOOST_TEST(page.value().count == record.jobs);
    }
  }

  batch stored_batch(batch_id id) const {
    const auto document = kept->read()->batch_document(id);
    BOOST_REQUIRE(document);
    auto result = from_json<batch>(document.value());
    BOOST_REQUIRE(result);
    return std::move(result).value();
  }

  void check_batches() {
    for (const auto& x : made_batches)
      if (x.get())
        check_batch(x.get().value().id);
  }

  /// After a new start nothing lives that has no heap.
  void check_nothing_runs() {
    const auto left = kept->read()->unfinished();
    BOOST_REQUIRE(left);
    BOOST_TEST(left.value().executions.empty());
    BOOST_TEST(left.value().sessions.empty());
  }

  void check_served() {
    const auto id = make_session();
    const auto done = repl(id, "6 * 7");
    BOOST_REQUIRE(done);
    BOOST_TEST((done.value().record.status == execution_status::ok));
  }

  /// Notes what the seed came to.
  void count() {
    seen.failed_commits += kept->injected();
    for (const auto& x : finished)
      if (x.get())
        ++seen.executions[name_of(x.get().value().record.reason)];
      else
        ++seen.refused;
    for (const auto& x : made_batches)
      if (x.get())
        ++seen.batches[name_of(stored_batch(x.get().value().id).status)];
  }

  std::mt19937_64 random;
  tally& seen;
  bool faults = false;
  std::vector<template_id> templates;
  std::vector<pending<session>> made_sessions;
  std::vector<pending<finished_execution>> finished;
  std::vector<pending<execution>> begun;
  std::vector<pending<cancel_receipt>> cancelled;
  std::vector<pending<session>> closed;
  std::vector<pending<batch>> made_batches;
  std::vector<pending<batch>> changed_batches;
};

void simulate(uint64_t seed, tally& sum) {
  simulation world{seed, sum};
  world.play();
  world.end();
  BOOST_REQUIRE_MESSAGE(world.unanswered() == 0,
                        world.unanswered() << " requests have no answer");
  world.check_acknowledged();
  world.check_batches();
  world.check_sound();
  world.count();
  world.check_served();
  world.restart();
  world.check_nothing_runs();
  world.check_acknowledged();
  world.check_batches();
  world.check_served();
  world.check_sound();
}

} // namespace

// VM_SYSTEM_SEED=N plays one again; VM_SYSTEM_SEEDS=N plays so many from there.
BOOST_AUTO_TEST_CASE(the_invariants_hold_whatever_happens) {
  const bool one = std::getenv("VM_SYSTEM_SEED") != nullptr;
  const auto first = number_of("VM_SYSTEM_SEED", 1);
  const auto count = number_of("VM_SYSTEM_SEEDS", one ? 1 : 250);
  tally sum;
  for (auto seed = first; seed < first + count; ++seed)
    BOOST_TEST_CONTEXT("VM_SYSTEM_SEED=" << seed) {
      simulate(seed, sum);
      if (seed % 500 == 0)
        std::cout << seed << ": " << sum << '\n' << std::flush;
    }
  std::cout << count << " seeds: " << sum << '\n';
  if (count < 50)
    return;
  BOOST_TEST(sum.deaths > count / 10);
  BOOST_TEST(sum.failed_commits > count / 10);
  for (const auto reason :
       {end_reason::ok, end_reason::exception, end_reason::syntax_error,
        end_reason::wall_timeout, end_reason::event_limit,
        end_reason::interrupted, end_reason::session_closed})
    BOOST_TEST(sum.executions[name_of(reason)] > 0u, name_of(reason));
  for (const auto status : {batch_status::completed, batch_status::stopped,
                            batch_status::cancelled})
    BOOST_TEST(sum.batches[name_of(status)] > 0u, name_of(status));
}
