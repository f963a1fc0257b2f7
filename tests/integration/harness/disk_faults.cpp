#include "disk_faults.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

// Sanitizers bear no library in front of theirs.
#ifndef VMSYSTEM_STORE_FAULTS
#  define VMSYSTEM_STORE_FAULTS ""
#endif

namespace vmsystem::test {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

/// Where faults are counted, outside of the store.
std::string count_file(const std::string& store) {
  return store + ".faults";
}

/// Whether a test ended the server so.
bool was_asked(int status) {
  constexpr int by_signal = 128;
  return status == by_signal + SIGKILL || status == by_signal + SIGTERM
         || status == by_signal + SIGINT;
}

} // namespace

bool faults_wanted() {
  return !variable("VM_TEST_FAULTS").empty();
}

variables faults_in(const std::string& store) {
  static std::atomic<uint64_t> starts{0};
  std::istringstream wanted{variable("VM_TEST_FAULTS")};
  std::string mode;
  uint64_t one_in = 0;
  uint64_t seed = 0;
  if (!(wanted >> mode >> one_in >> seed))
    return {};
  constexpr uint64_t starts_of_a_seed = 1000000;
  seed = seed * starts_of_a_seed + ++starts;
  return {{"LD_PRELOAD", VMSYSTEM_STORE_FAULTS},
          {"STORE_FAULTS",
           mode + ' ' + std::to_string(one_in) + ' ' + std::to_string(seed)},
          {"STORE_FAULTS_FOLDER", store},
          {"STORE_FAULTS_COUNT", count_file(store)}};
}

std::size_t faults_had(const std::string& store) {
  return bytes_of(count_file(store)).size();
}

void report_of_faults(const std::string& line) {
  std::ofstream{variable("VM_TEST_FAULTS_REPORT"), std::ios::app}
    << line + '\n';
}

void examine_after_faults(const std::string& store, std::optional<int> status,
                          const std::string& log) {
  constexpr int most_failures = 127;
  if (!status)
    report_of_faults("BAD: a server does not stop:\n" + log);
  else if (*status > most_failures && !was_asked(*status))
    report_of_faults("BAD: a server ended with " + std::to_string(*status)
                     + ":\n" + log);
  else
    report_of_faults("ended with " + std::to_string(*status) + " after "
                     + std::to_string(faults_had(store)) + " faults");
  if (!std::filesystem::exists(store))
    return;
  const auto check = run_program(
    {program(), "--db", store, "--log-level", "off", "db", "check"});
  report_of_faults((check.status == 0 ? "checked: " : "BAD: ") + check.out
                   + check.err);
}

} // namespace vmsystem::test
