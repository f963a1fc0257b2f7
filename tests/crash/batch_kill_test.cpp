#define BOOST_TEST_MODULE batch_kill
#include "daemon.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

using namespace vmsystem;
using namespace vmsystem::test;

namespace {

constexpr int kills = 5;
constexpr int jobs = 40000;

std::string job_lines() {
  std::string all;
  for (int i = 0; i < jobs; ++i)
    all += "{\"id\":\"" + std::to_string(i) + "\",\"input\":\"__ARGS__.n + 1\","
           + "\"args\":{\"n\":" + std::to_string(i) + "}}\n";
  return all;
}

/// Checks that a file has a result of each job, each once and the right one.
void check_results(const std::string& path, bool ordered) {
  std::ifstream file{path};
  std::vector<int> seen(jobs, 0);
  int last = -1;
  for (std::string line; std::getline(file, line);) {
    const auto result = json_value::parse(line);
    BOOST_TEST_REQUIRE(result.has_value(), line);
    const auto index = std::stoi(result->field("index").raw());
    BOOST_TEST_REQUIRE((index >= 0 && index < jobs), line);
    ++seen[static_cast<std::size_t>(index)];
    BOOST_TEST_REQUIRE(result->field("id").text() == std::to_string(index));
    BOOST_TEST_REQUIRE(result->field("result").field("preview").text()
                       == std::to_string(index + 1));
    if (ordered)
      BOOST_TEST_REQUIRE(index > last);
    last = index;
  }
  for (int i = 0; i < jobs; ++i)
    BOOST_TEST_REQUIRE(seen[static_cast<std::size_t>(i)] == 1,
                       "job " << i << " has "
                              << seen[static_cast<std::size_t>(i)]
                              << " results");
}

std::uintmax_t size_of(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : size;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_batch_that_is_killed_again_and_again_loses_nothing) {
  const temp_folder folder;
  write_file(folder / "jobs", job_lines());
  const auto out = folder / "out";
  std::vector<std::string> line{
    program(),      "--db", folder / "store", "--log-level", "off",
    "batch",        "run",  folder / "jobs",  "--out",       out,
    "--durability", "async"};
  // A fixed seed: a failure can be looked at again.
  std::mt19937 random{7};
  std::uniform_int_distribution<int> times{20, 300};
  for (int i = 0; i < kills; ++i) {
    child_process batch{line, folder / "stdout", folder / "stderr"};
    // The moment of the kill must not depend on how far it is, but for that
    // there must be a batch.
    while (size_of(out) == 0 && batch.running())
      std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds{times(random)});
    BOOST_TEST_REQUIRE(batch.running(), "it was over before kill " << i);
    batch.signal(SIGKILL);
    BOOST_TEST(batch.wait(std::chrono::seconds{10}).value_or(-1)
               == 128 + SIGKILL);
    std::filesystem::remove(out);
    if (i == 0)
      line.push_back("--resume");
  }
  const auto ran = run_program(line);
  BOOST_TEST_CONTEXT(ran.out << ran.err) {
    BOOST_TEST(ran.status == 0);
    check_results(out, false);
  }
  // The store says the same.
  const auto id = ran.out.substr(ran.out.find("Batch: ") + 7, 36);
  const auto read = run_program({program(), "--db", folder / "store", "batch",
                                 "results", id, "--out", folder / "stored"});
  BOOST_TEST(read.status == 0, read.err);
  check_results(folder / "stored", true);
}
