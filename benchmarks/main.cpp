// Measures what the project promises, each figure beside what bounds it, and
// prints one table:
//
//   vm-system-bench [--only NAME,...] [--quick] [--json FILE]
//
// Exits with 1 when a workload did not work or was answered wrongly; a bar that
// is not reached is no error.

#include "vmsystem/benchmarks/harness/report.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace vmsystem;
using namespace vmsystem::bench;

struct arguments {
  bench_options options;
  std::vector<std::string> only;
  std::string json_file;
  bool list = false;
};

std::vector<std::string> workload_names() {
  std::vector<std::string> names;
  for (const auto& x : workloads())
    names.emplace_back(x.name);
  return names;
}

void describe(CLI::App& app, arguments& to) {
  auto& options = to.options;
  options.folder = VMSYSTEM_BENCH_FOLDER;
  app.add_option("--only", to.only, "Run only these workloads")
    ->delimiter(',')
    ->check(CLI::IsMember(workload_names()));
  app.add_flag("--list", to.list, "Print the workloads and exit");
  app.add_flag("--quick", options.quick,
               "Tiny counts: shows that everything works, measures nothing");
  app.add_option("--json", to.json_file, "Write all that was measured here");
  app
    .add_option("--dir", options.folder,
                "Where stores are made: the disk that is measured")
    ->capture_default_str();
  app.add_option("--threads", options.threads,
                 "Threads of the actors' scheduler; 0: as the daemon has");
  app.add_option("--slots", options.slots,
                 "Threads that run scripts; 0: as the daemon has");
  app.add_option("--repetitions", options.repetitions, "Of each measurement")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  app.add_option_function<uint32_t>(
    "--ms",
    [&options](uint32_t ms) {
      options.duration = std::chrono::milliseconds{ms};
    },
    "Length of each repetition that is bound by time; 1500 by default");
}

bool chosen(const arguments& given, std::string_view name) {
  return given.only.empty()
         || std::find(given.only.begin(), given.only.end(), name)
              != given.only.end();
}

/// @returns whether all workloads worked.
bool measure(const arguments& given, figures& to) {
  context run{given.options};
  bool worked = true;
  for (const auto& what : workloads()) {
    if (!chosen(given, what.name))
      continue;
    std::fprintf(stderr, "%s ...\n", std::string{what.name}.c_str());
    auto measured = what.run(run);
    if (measured) {
      to.insert(to.end(), measured.value().begin(), measured.value().end());
    } else {
      worked = false;
      std::fprintf(stderr, "%s failed: %s\n", std::string{what.name}.c_str(),
                   measured.error().message.c_str());
    }
  }
  return worked;
}

int run(const arguments& given) {
  if (given.list) {
    for (const auto& x : workloads())
      std::printf("%-15s %s\n", std::string{x.name}.c_str(),
                  std::string{x.about}.c_str());
    return 0;
  }
  std::fputs(heading(given.options).c_str(), stdout);
  std::fflush(stdout);
  figures all;
  const bool worked = measure(given, all);
  std::printf("\n%s", table_of(all).c_str());
  if (given.json_file.empty())
    return worked ? 0 : 1;
  std::ofstream file{given.json_file};
  file << json_of(given.options, all);
  if (file.flush())
    return worked ? 0 : 1;
  std::fprintf(stderr, "cannot write %s\n", given.json_file.c_str());
  return 1;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures vm-system, each figure beside what bounds it."};
  arguments given;
  describe(app, given);
  CLI11_PARSE(app, argc, argv);
  return run(given);
}
