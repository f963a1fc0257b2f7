#define BOOST_TEST_MODULE soak
#include "daemon.hpp"
#include "process_figures.hpp"
#include "vmsystem/tests/environment.hpp"
#include "vmsystem/tests/eventually.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

using steady_clock = std::chrono::steady_clock;

constexpr std::size_t clients = 8;

/// From so many executions on it is a soak: memory has come to rest before the
/// end, and the times count.
constexpr uint64_t long_enough = 500000;

/// How often the server is looked at.
constexpr uint64_t looks = 100;

/// The first looks, in which tables in memory and caches fill.
constexpr uint64_t warm_up = 20;

/// What the store and the allocator may take beyond the first look in a run
/// that is too short to compare: tables in memory, and the cache.
constexpr std::size_t most_growth_kb = 256 * 1024;

double seconds_since(steady_clock::time_point begin) {
  return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

/// One look at the server.
struct look {
  uint64_t executions = 0;
  double seconds = 0;
  /// Each session counts the pages of its image that it has read, which all of
  /// them share.
  std::size_t resident_kb = 0;
  /// What belongs to no file and no image.
  std::size_t own_kb = 0;
  std::size_t threads = 0;
  /// Without the files of the store, which come and go, but within a bound.
  std::size_t descriptors = 0;
  std::size_t store_files = 0;
};

std::ostream& operator<<(std::ostream& out, const look& x) {
  return out << x.executions << " executions, " << x.seconds
             << " s: " << x.resident_kb / 1024 << " MiB resident ("
             << x.own_kb / 1024 << " of them its own), " << x.threads
             << " threads, " << x.descriptors << " descriptors and "
             << x.store_files << " of the store";
}

/// A session, and how many executions in it were acknowledged.
struct soaked_session {
  std::string id;
  uint64_t done = 0;
};

class soak {
public:
  soak(uint64_t executions, uint64_t sessions)
    : executions_{executions}, sessions_(sessions) {
    make_sessions();
  }

  /// Runs all executions.
  /// @returns what the server was like meanwhile.
  std::vector<look> run() {
    begin_ = steady_clock::now();
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < clients; ++i)
      threads.emplace_back([this, i] { run_client(i); });
    std::vector<look> result;
    for (uint64_t i = 1; i <= looks; ++i) {
      while (done_ < executions_ * i / looks && !failed_)
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
      if (failed_)
        break;
      result.push_back(look_now());
      if (i % (looks / 20) == 0)
        std::cout << result.back() << '\n' << std::flush;
      // The last clients stay until the last look.
    }
    looked_ = true;
    for (auto& thread : threads)
      thread.join();
    BOOST_TEST_REQUIRE(!failed_, failure_);
    BOOST_TEST_REQUIRE(result.size() == looks);
    return result;
  }

  /// Checks that each session has exactly what was acknowledged.
  void check_all_stored(test_daemon& server) {
    auto client = server.connect();
    uint64_t sum = 0;
    for (const auto& session : sessions_) {
      const auto stored = stored_in(client, session.id);
      BOOST_TEST_REQUIRE(stored == session.done, session.id);
      sum += stored;
    }
    BOOST_TEST(sum == executions_);
  }

  /// Starts a server on the store.
  std::unique_ptr<test_daemon> start(const char* after) {
    const auto begin = steady_clock::now();
    auto server = std::make_unique<test_daemon>(folder_.path().string(),
                                                std::vector<std::string>{});
    BOOST_TEST(server->request("GET", "/api/v1/ready").status == 200);
    const auto taken = seconds_since(begin);
    std::cout << "ready " << taken << " s after " << after << '\n';
    if (executions_ >= long_enough)
      BOOST_TEST(taken < 2.0);
    return server;
  }

  test_daemon& server() {
    return *server_;
  }

  void check_store() {
    const auto begin = steady_clock::now();
    child_process check{{program(), "--db", folder_ / "store", "db", "check"},
                        folder_ / "check",
                        folder_ / "check-errors"};
    BOOST_TEST((check.wait(std::chrono::hours{2}) == 0),
               bytes_of(folder_ / "check")
                 + bytes_of(folder_ / "check-errors"));
    std::cout << "db check, " << seconds_since(begin)
              << " s: " << bytes_of(folder_ / "check");
  }

private:
  void make_sessions() {
    server_ = std::make_unique<test_daemon>(folder_.path().string(),
                                            std::vector<std::string>{});
    auto client = server_->connect();
    const auto tmpl = make_template(client);
    for (auto& session : sessions_)
      session.id = make_session(client, tmpl);
  }

  /// Uses its share of the sessions in turn: the state of each shows that none
  /// of its executions was lost or ran twice.
  void run_client(std::size_t number) noexcept {
    try {
      auto client = server_->connect();
      for (auto at = number; next_++ < executions_;
           at = at + clients < sessions_.size() ? at + clients : number) {
        auto& session = sessions_[at];
        const auto record
          = run_snippet(client, session.id,
                        "globalThis.n = (globalThis.n ?? 0) + 1; "
                        "console.log('round', n); n");
        ++session.done;
        if (record.field("result").field("json").raw()
            != std::to_string(session.done))
          throw std::runtime_error{"wrong answer: " + record.raw()};
        ++done_;
      }
      while (!looked_ && !failed_)
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    } catch (const std::exception& error) {
      if (!failed_.exchange(true))
        failure_ = error.what();
    }
  }

  look look_now() {
    const auto process = server_->process().pid();
    look x;
    x.executions = done_;
    x.seconds = seconds_since(begin_);
    x.resident_kb = resident_kb(process);
    x.own_kb = anonymous_kb(process);
    x.threads = threads_of(process);
    x.store_files = descriptors_of(process, folder_ / "store");
    x.descriptors = descriptors_of(process) - x.store_files;
    return x;
  }

  /// Executions of a session that are stored, all of them `ok`.
  static uint64_t stored_in(http_connection& client,
                            const std::string& session) {
    uint64_t count = 0;
    std::string cursor;
    do {
      const auto answer = client.request(
        "GET", "/api/v1/executions?status=ok&limit=1000&session_id=" + session
                 + (cursor.empty() ? "" : "&cursor=" + cursor));
      BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
      count += answer.json().elements().size();
      cursor = answer.header("X-Next-Cursor");
    } while (!cursor.empty());
    return count;
  }

  temp_folder folder_;
  uint64_t executions_;
  std::vector<soaked_session> sessions_;
  std::unique_ptr<test_daemon> server_;
  steady_clock::time_point begin_;
  std::atomic<uint64_t> next_{0};
  std::atomic<uint64_t> done_{0};
  std::atomic<bool> looked_{false};
  std::atomic<bool> failed_{false};
  std::string failure_;
};

/// Compares the looks behind the warm-up with as many at the end. Tables in
/// memory fill and are written again and again: means tell growth from that.
void check_memory(const std::vector<look>& all, std::size_t look::*kb,
                  const char* what, bool long_run) {
  const auto mean = [&](std::size_t first) {
    std::size_t sum = 0;
    for (auto i = first; i < first + warm_up; ++i)
      sum += all[i].*kb;
    return static_cast<double>(sum) / warm_up;
  };
  std::size_t most = 0;
  for (const auto& one : all)
    most = std::max(most, one.*kb);
  const auto early = mean(warm_up);
  const auto late = mean(looks - warm_up);
  std::cout << what << " memory: mean " << early / 1024
            << " MiB after the warm-up, " << late / 1024 << " MiB at the end, "
            << (late / early - 1) * 100 << " %; at most " << most / 1024
            << " MiB\n";
  if (long_run)
    BOOST_TEST(late <= early * 1.05);
  BOOST_TEST(most <= all.front().*kb + most_growth_kb);
}

void check_constant(const std::vector<look>& all) {
  // RocksDB has at most 256 tables open, and its log, manifest and lock.
  constexpr std::size_t most_store_files = 256 + 32;
  for (std::size_t i = warm_up; i < all.size(); ++i) {
    BOOST_TEST_REQUIRE(all[i].descriptors == all[warm_up].descriptors);
    BOOST_TEST_REQUIRE(all[i].threads == all[warm_up].threads);
    BOOST_TEST_REQUIRE(all[i].store_files <= most_store_files);
  }
}

} // namespace

// VM_SYSTEM_EXECUTIONS=N and VM_SYSTEM_SESSIONS=N say how many.
BOOST_AUTO_TEST_CASE(
  a_server_that_works_for_long_takes_no_more_and_loses_nothing) {
  const auto executions
    = number_of("VM_SYSTEM_EXECUTIONS", VMSYSTEM_SOAK_EXECUTIONS);
  const auto sessions = number_of("VM_SYSTEM_SESSIONS", 100);
  BOOST_TEST_REQUIRE(sessions >= clients);
  BOOST_TEST_REQUIRE(executions >= sessions);
  soak s{executions, sessions};
  const auto all = s.run();
  const bool long_run = executions >= long_enough;
  check_memory(all, &look::resident_kb, "resident", long_run);
  check_memory(all, &look::own_kb, "own", long_run);
  check_constant(all);
  BOOST_TEST((s.server().stop() == 0), s.server().log());
  {
    const auto server = s.start("a stop");
    s.check_all_stored(*server);
    server->kill_hard();
  }
  {
    const auto server = s.start("a kill");
    BOOST_TEST((server->stop() == 0), server->log());
  }
  s.check_store();
}
