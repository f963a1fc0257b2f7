#include "sound_store.hpp"
#include "vmsystem/tests/eventually.hpp"

#include <chrono>
#include <map>
#include <set>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

using std::chrono::hours;
using std::chrono::minutes;

retention_limits keep(uint32_t days, uint32_t executions) {
  retention_limits result;
  result.days = days;
  result.executions = executions;
  return result;
}

timestamp before(minutes age) {
  return {timestamp::now().us - std::chrono::microseconds{age}.count()};
}

/// A store on the disk, whose records are made with ages.
struct fixture {
  temp_folder folder;
  std::string path = folder / "store";
  std::shared_ptr<rocksdb_store> kept = must(open_store(path));
  raw_id open_session = add_session(session_status::ready, hours{9000}, {});

  raw_id add_session(session_status status, minutes begun, minutes closed) {
    session x;
    x.id.raw = made_before(begun);
    x.vm_id.raw = id_of(1);
    x.status = status;
    x.created_at = before(begun);
    if (status == session_status::closed || status == session_status::crashed)
      x.closed_at = before(closed);
    must(commit(*kept, {put_session(x.id.raw, status, must(to_json(x)).text)}));
    return x.id.raw;
  }

  static execution record(raw_id id, raw_id session) {
    auto x = sound_store::record(id);
    x.session.raw = session;
    return x;
  }

  /// An execution that is over, with two events in two chunks and a key.
  raw_id add(minutes age, raw_id session) {
    auto x = record(made_before(age), session);
    const auto& id = x.id.raw;
    x.status = execution_status::ok;
    x.ended_at = before(age);
    x.result.text = R"({"type":"number","preview":"1","json":1})";
    x.metrics.events = 2;
    must(commit(*kept, {end_execution(id, session, must(to_json(x)).text),
                        append_events(id, 1, sound_store::event_text(id, 1)),
                        append_events(id, 2, sound_store::event_text(id, 2)),
                        put_key(id, "key " + id.to_string())}));
    return id;
  }
  raw_id add(minutes age) {
    return add(age, open_session);
  }

  raw_id add_running(minutes age) {
    const auto x = record(made_before(age), open_session);
    must(commit(*kept, {begin_execution(x.id.raw, open_session,
                                        must(to_json(x)).text)}));
    return x.id.raw;
  }

  /// A batch with results.
  batch_id add_batch(batch_status status, minutes age, minutes ended,
                     uint32_t jobs) {
    batch x;
    x.id.raw = made_before(age);
    x.vm_id.raw = id_of(1);
    x.status = status;
    x.created_at = before(age);
    if (is_over(status))
      x.ended_at = before(ended);
    x.jobs = jobs;
    x.done = jobs;
    change_set set;
    set.changes = {put_batch(x.id.raw, status, must(to_json(x)).text),
                   append_input(x.id.raw, 1, 0, "{}\n")};
    for (uint32_t i = 0; i < jobs; ++i) {
      auto done = job(x.id, i);
      done.session.raw = open_session;
      set.changes.push_back(end_job(done));
    }
    must(kept->commit({&set}, durability::sync));
    return x.id;
  }

  /// Makes a whole pass.
  /// @returns how many steps removed something.
  int pass(const retention_limits& limits) {
    retention_pass x{limits, timestamp::now()};
    int steps = 0;
    while (x.stage != retention_stage::over) {
      const auto step = must(kept->read()->retire(x));
      BOOST_TEST(step.executions + step.batches + step.sessions
                 == step.changes.changes.size());
      BOOST_TEST(step.changes.changes.size() <= max_retired + 1);
      if (step.changes.changes.empty())
        continue;
      ++steps;
      must(kept->commit({&step.changes}, durability::sync));
    }
    return steps;
  }

  bool has(const raw_id& id) const {
    return kept->read()->execution_document({id}).has_value();
  }
  bool has(const batch_id& id) const {
    return kept->read()->batch_document(id).has_value();
  }
  bool has_session(const raw_id& id) const {
    return kept->read()->session_document({id}).has_value();
  }
  std::size_t jobs_of(const batch_id& id, uint32_t jobs) const {
    std::size_t result = 0;
    for (uint32_t i = 0; i < jobs; ++i)
      result += has(job_execution_id(id, i).raw) ? 1 : 0;
    return result;
  }

  /// The faults of the store, which is opened anew.
  std::vector<std::string> faults() {
    kept.reset();
    std::vector<std::string> result;
    {
      const auto opened = must(open_to_look(path));
      BOOST_TEST_REQUIRE(opened.database, opened.damage.message);
      static_cast<void>(
        check_store(*opened.database, [&](const store_damage& x) {
          result.push_back(x.to_string());
        }));
    }
    kept = must(open_store(path));
    return result;
  }

  void expect_sound() {
    const auto found = faults();
    BOOST_TEST(found.empty(), (found.empty() ? "" : found.front()));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(what_is_not_kept, fixture)

BOOST_AUTO_TEST_CASE(nothing_goes_without_a_limit) {
  const auto old = add(hours{90000});
  BOOST_TEST(pass(keep(0, 0)) == 0);
  BOOST_TEST(has(old));
}

BOOST_AUTO_TEST_CASE(the_newest_of_a_number_stay_and_the_others_leave_nothing) {
  std::vector<raw_id> all;
  for (int i = 10; i > 0; --i)
    all.push_back(add(minutes{i}));
  BOOST_TEST(pass(keep(0, 3)) == 1);
  for (std::size_t i = 0; i < all.size(); ++i)
    BOOST_TEST(has(all[i]) == (i >= 7), "number " << i);
  {
    const auto view = kept->read();
    BOOST_TEST(must(view->key_document("key " + all[0].to_string())).empty());
    BOOST_TEST(!must(view->key_document("key " + all[9].to_string())).empty());
    BOOST_TEST((must_fail(view->event_documents({{all[0]}, 0, 0})).code
                == ec::execution_not_found));
    BOOST_TEST(must(view->last_event_seq({all[6]})) == 0u);
    BOOST_TEST(must(view->last_event_seq({all[7]})) == 2u);
  }
  expect_sound();
  BOOST_TEST(pass(keep(0, 3)) == 0);
  BOOST_TEST(pass(keep(0, 4)) == 0);
}

BOOST_AUTO_TEST_CASE(what_runs_stays_and_does_not_count) {
  const auto running = add_running(minutes{100});
  const auto old = add(minutes{50});
  const auto other = add_running(minutes{40});
  const auto young = add(minutes{30});
  pass(keep(0, 1));
  pass(keep(1, 1));
  BOOST_TEST(has(running));
  BOOST_TEST(!has(old));
  BOOST_TEST(has(other));
  BOOST_TEST(has(young));
  expect_sound();
}

BOOST_AUTO_TEST_CASE(days_count_from_the_begin_of_an_execution) {
  const auto old = add(hours{49});
  const auto young = add(hours{47});
  const auto running = add_running(hours{1000});
  BOOST_TEST(pass(keep(3, 0)) == 0);
  BOOST_TEST(pass(keep(2, 0)) == 1);
  BOOST_TEST(!has(old));
  BOOST_TEST(has(young));
  BOOST_TEST(has(running));
  expect_sound();
}

BOOST_AUTO_TEST_CASE(more_days_than_there_were_are_for_ever) {
  const auto old = add(hours{24 * 365 * 20});
  BOOST_TEST(pass(keep(UINT32_MAX, 0)) == 0);
  BOOST_TEST(pass(keep(365 * 100, 0)) == 0);
  BOOST_TEST(has(old));
}

BOOST_AUTO_TEST_CASE(whichever_limit_is_reached_first_counts) {
  const auto old = add(hours{49});
  const auto many = add(hours{3});
  const auto young = add(hours{2});
  pass(keep(2, 2));
  BOOST_TEST(!has(old));
  BOOST_TEST(has(many));
  pass(keep(2, 1));
  BOOST_TEST(!has(many));
  BOOST_TEST(has(young));
}

BOOST_AUTO_TEST_CASE(a_batch_goes_whole_or_not_at_all) {
  const auto first = add(minutes{60});
  const auto jobs
    = add_batch(batch_status::completed, minutes{50}, minutes{49}, 5);
  std::vector<raw_id> later;
  for (int i = 3; i > 0; --i)
    later.push_back(add(minutes{i}));
  // Two of its jobs would be too many.
  pass(keep(0, 6));
  BOOST_TEST(!has(first));
  BOOST_TEST(has(jobs));
  BOOST_TEST(jobs_of(jobs, 5) == 5u);
  for (const auto& x : later)
    BOOST_TEST(has(x));
  pass(keep(0, 3));
  BOOST_TEST(!has(jobs));
  BOOST_TEST(jobs_of(jobs, 5) == 0u);
  BOOST_TEST(must(kept->read()->batch_input(jobs, 1)).text.empty());
  for (const auto& x : later)
    BOOST_TEST(has(x));
  expect_sound();
}

BOOST_AUTO_TEST_CASE(a_batch_that_is_not_over_stays_and_does_not_count) {
  for (const auto status : {batch_status::receiving, batch_status::running,
                            batch_status::interrupted}) {
    const auto jobs = add_batch(status, hours{100}, {}, 4);
    const auto young = add(minutes{1});
    pass(keep(0, 1));
    pass(keep(1, 0));
    BOOST_TEST(has(jobs));
    BOOST_TEST(jobs_of(jobs, 4) == 4u);
    BOOST_TEST(has(young));
  }
}

BOOST_AUTO_TEST_CASE(days_count_from_the_end_of_a_batch) {
  const auto young
    = add_batch(batch_status::completed, hours{490}, hours{1}, 3);
  const auto old = add_batch(batch_status::cancelled, hours{480}, hours{49}, 3);
  const auto empty = add_batch(batch_status::failed, hours{470}, hours{49}, 0);
  const auto plain = add(hours{450});
  pass(keep(2, 0));
  BOOST_TEST(has(young));
  BOOST_TEST(jobs_of(young, 3) == 3u);
  BOOST_TEST(!has(old));
  BOOST_TEST(jobs_of(old, 3) == 0u);
  BOOST_TEST(!has(empty));
  BOOST_TEST(!has(plain));
  expect_sound();
}

BOOST_AUTO_TEST_CASE(sessions_go_behind_their_last_execution) {
  const auto emptied
    = add_session(session_status::closed, minutes{90}, minutes{70});
  const auto crashed
    = add_session(session_status::crashed, minutes{89}, minutes{70});
  const auto used
    = add_session(session_status::closed, minutes{88}, minutes{70});
  const auto live = add_session(session_status::ready, minutes{87}, {});
  const auto starting = add_session(session_status::starting, minutes{86}, {});
  add(minutes{80}, emptied);
  add(minutes{79}, crashed);
  add(minutes{78}, live);
  add(minutes{77}, used);
  const auto later
    = add_session(session_status::closed, minutes{50}, minutes{49});
  pass(keep(0, 4));
  for (const auto& x : {emptied, crashed, used, live, starting, later})
    BOOST_TEST(has_session(x));
  pass(keep(0, 1));
  BOOST_TEST(!has_session(emptied));
  BOOST_TEST(!has_session(crashed));
  for (const auto& x : {used, live, starting, later})
    BOOST_TEST(has_session(x));
  expect_sound();
}

BOOST_AUTO_TEST_CASE(days_count_from_the_end_of_a_session) {
  const auto old = add_session(session_status::closed, hours{90}, hours{49});
  const auto young = add_session(session_status::closed, hours{90}, hours{47});
  pass(keep(2, 0));
  BOOST_TEST(!has_session(old));
  BOOST_TEST(has_session(young));
  BOOST_TEST(has_session(open_session));
  expect_sound();
}

BOOST_AUTO_TEST_CASE(a_store_is_sound_after_each_step) {
  const auto closed
    = add_session(session_status::closed, hours{8000}, hours{7000});
  add(hours{7900}, closed);
  const auto jobs = add_batch(batch_status::stopped, hours{7000}, hours{6000},
                              2 * max_retired + 10);
  for (int i = 0; i < 300; ++i)
    add(minutes{1000 - i});
  const auto newest = add(minutes{1});
  retention_pass x{keep(0, 1), timestamp::now()};
  int steps = 0;
  while (x.stage != retention_stage::over) {
    const auto step = must(kept->read()->retire(x));
    BOOST_TEST(step.changes.changes.size() <= max_retired + 1);
    if (step.changes.changes.empty())
      continue;
    ++steps;
    must(kept->commit({&step.changes}, durability::sync));
    expect_sound();
    // Its record goes before its results: nobody sees a part of them.
    if (has(jobs))
      BOOST_TEST(jobs_of(jobs, 2 * max_retired + 10) == 2 * max_retired + 10);
    // As after a crash: the next process begins a pass of its own.
    x = retention_pass{keep(0, 1), timestamp::now()};
  }
  BOOST_TEST(steps >= 4);
  BOOST_TEST(has(newest));
  BOOST_TEST(!has(jobs));
  BOOST_TEST(!has_session(closed));
}

BOOST_AUTO_TEST_CASE(what_is_removed_gives_back_its_room) {
  rocksdb_config config;
  config.path = folder / "large";
  const auto database = must(open_database(config));
  rocksdb_store large{database};
  constexpr uint32_t count = 20000;
  std::vector<raw_id> ids;
  change_set put;
  std::string text;
  for (uint32_t i = 0; i < count; ++i) {
    ids.push_back(raw_id::generate());
    // Not two alike, since tables are compressed.
    while (text.size() < 1000)
      text += raw_id::generate().to_string();
    put.changes.push_back(end_execution(ids.back(), open_session, text));
    text.clear();
  }
  must(large.commit({&put}, durability::sync));
  const rocksdb::FlushOptions how;
  auto& db = database->db();
  BOOST_TEST_REQUIRE(db.Flush(how, database->handles()).ok());
  const auto bytes = [&] {
    uint64_t result = 0;
    db.GetIntProperty(database->handle(family::executions),
                      "rocksdb.total-sst-files-size", &result);
    return result;
  };
  const auto full = bytes();
  BOOST_TEST(full > count * 100);
  change_set gone;
  for (uint32_t i = 0; i + 10 < count; ++i)
    gone.changes.push_back(remove_execution(ids[i], open_session));
  must(large.commit({&gone}, durability::sync));
  BOOST_TEST_REQUIRE(db.Flush(how, database->handles()).ok());
  BOOST_TEST(
    eventually([&] { return bytes() < full / 10; }, std::chrono::seconds{60}));
}

BOOST_AUTO_TEST_SUITE_END()
