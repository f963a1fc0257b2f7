#include "vmsystem/engine/program_run.hpp"
#include "vmsystem/engine/worktree.hpp"
#include "vmsystem/tests/must.hpp"
#include "vmsystem/tests/temp_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <fcntl.h>
#include <signal.h>

using namespace vmsystem::engine;
using vmsystem::ec;
using vmsystem::test::must;
using vmsystem::test::temp_folder;

namespace {

struct program_fixture {
  program_call call(const std::string& path,
                    std::vector<std::string> arguments = {}) {
    program_call made;
    made.path = path;
    made.arguments = std::move(arguments);
    made.folder = opened.get();
    return made;
  }

  /// A program of a few lines.
  program_call script(const std::string& text) {
    return call("/bin/sh", {"-c", text});
  }

  temp_folder folder;
  descriptor opened{
    ::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
};

bool lives(pid_t process) {
  std::ifstream status{"/proc/" + std::to_string(process) + "/stat"};
  std::string number;
  std::string name;
  std::string state;
  return (status >> number >> name >> state) && state != "Z";
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(programs, program_fixture)

BOOST_AUTO_TEST_CASE(a_program_gives_its_output_and_code) {
  const auto done = must(run_program(script("echo out; echo err >&2; exit 7")));
  BOOST_TEST((done.end == program_end::exited));
  BOOST_TEST(done.code == 7);
  BOOST_TEST(done.output == "out\n");
  BOOST_TEST(done.errors == "err\n");
  const auto killed = must(run_program(script("kill -TERM $$")));
  BOOST_TEST((killed.end == program_end::signalled));
  BOOST_TEST(killed.code == SIGTERM);
}

BOOST_AUTO_TEST_CASE(arguments_are_no_shells_words) {
  const std::string odd = "$(id) ; rm -rf * 'x' \"y\" `z` | & > f \n -e";
  const auto done
    = must(run_program(call("/usr/bin/printf", {"%s|", odd, "", "--help"})));
  BOOST_TEST(done.output == odd + "||--help|");
}

BOOST_AUTO_TEST_CASE(it_sees_what_it_is_given_only) {
  auto env = call("/usr/bin/env");
  BOOST_TEST(must(run_program(env)).output.empty());
  env.environment = {"A=1", "B=x y"};
  BOOST_TEST(must(run_program(env)).output == "A=1\nB=x y\n");
  auto cat = call("/bin/cat");
  const std::string input(300000, 'i');
  cat.input = input;
  BOOST_TEST((must(run_program(cat)).output == input));
  BOOST_TEST(must(run_program(call("/bin/pwd"))).output
             == folder.path().string() + '\n');
  // Descriptors 0, 1, 2, and the one that reads the folder.
  BOOST_TEST(must(run_program(call("/bin/ls", {"/proc/self/fd"}))).output
             == "0\n1\n2\n3\n");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_run_is_named) {
  const auto missing = run_program(call("/nowhere/x"));
  BOOST_TEST_REQUIRE(missing.has_error());
  BOOST_TEST((missing.error().code == ec::file_not_found));
  BOOST_TEST(missing.error().message.find("/nowhere/x") != std::string::npos);
  folder.put("text", "hello");
  BOOST_TEST(
    (run_program(call(folder / "text")).error().code == ec::invalid_path));
  BOOST_TEST((run_program(call(folder.path().string())).error().code
              == ec::invalid_path));
  const std::string nul("a\0b", 3);
  BOOST_TEST((run_program(call("/bin/echo", {nul})).error().code
              == ec::validation_error));
}

BOOST_AUTO_TEST_CASE(too_much_output_ends_it) {
  auto yes = call("/usr/bin/yes");
  yes.max_output_bytes = 100000;
  const auto done = must(run_program(yes));
  BOOST_TEST((done.end == program_end::wrote_too_much));
  BOOST_TEST(done.output.size() == 100000u);
  auto burst = script("head -c 200 /dev/zero");
  burst.max_output_bytes = 100;
  BOOST_TEST((must(run_program(burst)).end == program_end::wrote_too_much));
}

BOOST_AUTO_TEST_CASE(time_and_requests_end_it_with_all_that_it_started) {
  for (const bool by_request : {false, true}) {
    auto endless = script("sleep 1000 & echo $! >pid; wait");
    const auto pid_file = folder / "pid";
    std::filesystem::remove(pid_file);
    const auto child = [&] {
      pid_t process = 0;
      std::ifstream{pid_file} >> process;
      return process;
    };
    if (by_request)
      endless.stop = [&] { return child() != 0; };
    else
      endless.timeout = std::chrono::milliseconds{300};
    const auto done = must(run_program(endless));
    BOOST_TEST(
      (done.end
       == (by_request ? program_end::stopped : program_end::timed_out)));
    BOOST_TEST_REQUIRE(child() != 0);
    while (lives(child()))
      std::this_thread::yield();
  }
}

BOOST_AUTO_TEST_CASE(what_is_left_behind_holds_nobody_up) {
  const auto done
    = must(run_program(script("sleep 1000 & echo $! >pid; echo done")));
  BOOST_TEST((done.end == program_end::exited));
  BOOST_TEST(done.output == "done\n");
  pid_t left = 0;
  std::ifstream{folder / "pid"} >> left;
  BOOST_TEST_REQUIRE(left != 0);
  while (lives(left))
    std::this_thread::yield();
}

BOOST_AUTO_TEST_CASE(nothing_leaves_the_group) {
  const auto done = must(
    run_program(script("setsid sleep 1000; echo $?; set -m; "
                       "sleep 1000 & echo $! >pid; "
                       "grep -e NoNewPrivs -e Seccomp: /proc/self/status")));
  BOOST_TEST((done.end == program_end::exited));
  BOOST_TEST(done.output == "1\nNoNewPrivs:\t1\nSeccomp:\t2\n", done.errors);
  pid_t left = 0;
  std::ifstream{folder / "pid"} >> left;
  BOOST_TEST_REQUIRE(left != 0);
  while (lives(left))
    std::this_thread::yield();
}

BOOST_AUTO_TEST_CASE(signals_are_as_usual_for_it) {
  struct sigaction before {};
  struct sigaction ignored {};
  ignored.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignored, &before);
  const auto done
    = must(run_program(script("grep -e SigBlk -e SigIgn /proc/self/status")));
  sigaction(SIGPIPE, &before, nullptr);
  BOOST_TEST(done.output
             == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

BOOST_AUTO_TEST_SUITE_END()
