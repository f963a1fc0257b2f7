// Measures what the project promises, each figure beside what bounds it, and
// prints one table; or measures a script of the user's own. See --help and
// docs/benchmarks.md.
//
// Exits with 1 when something did not work or was answered wrongly, with 2 on
// wrong usage, with 3 when a figure is worse than the baseline's; a bar that is
// not reached is no error.

#include "vmsystem/benchmarks/arguments.hpp"
#include "vmsystem/benchmarks/harness/baseline.hpp"
#include "vmsystem/benchmarks/harness/machine.hpp"
#include "vmsystem/benchmarks/harness/memory.hpp"
#include "vmsystem/benchmarks/harness/page.hpp"
#include "vmsystem/benchmarks/harness/report.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>

namespace {

using namespace vmsystem;
using namespace vmsystem::bench;

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr int exit_worse = 3;

/// Memory that comes and goes without anybody's fault, in MiB.
constexpr double memory_slack_mib = 32;

void complain(const std::string& message) {
  std::fprintf(stderr, "vm-system-bench: %s\n", message.c_str());
}

figure memory_figure(const std::string& workload, const char* name,
                     double kib) {
  figure x;
  x.workload = workload;
  x.name = name;
  x.unit = "MiB";
  x.direction = better::lower;
  x.measured = sample{{kib / 1024}};
  x.slack = memory_slack_mib;
  return x;
}

/// Measures something with its memory, and adds what came of it to `all`.
void measure(const std::string& name,
             const std::function<expected<figures>()>& what, outcome& all) {
  std::fprintf(stderr, "%s ...\n", name.c_str());
  const auto fail_with = [&](const failure& reason) {
    std::fprintf(stderr, "%s failed: %s\n", name.c_str(),
                 reason.message.c_str());
    all.failures.push_back({name, reason.message});
  };
  const auto memory = resident_watch::start();
  auto measured = what();
  if (!measured)
    return fail_with(measured.error());
  for (auto& x : measured.value())
    all.measured.push_back(std::move(x));
  const auto seen = memory ? memory.value().look() : memory.error();
  if (!seen)
    return fail_with(seen.error());
  const auto& [peak, growth] = seen.value();
  all.measured.push_back(
    memory_figure(name, "resident memory: peak", static_cast<double>(peak)));
  all.measured.push_back(memory_figure(name, "resident memory: growth",
                                       static_cast<double>(growth)));
}

void measure_script(context& run, const user_script& script, outcome& all) {
  script_report report;
  const auto run_it = [&]() -> expected<figures> {
    auto done = run_user_script(run, script);
    if (!done)
      return done.error();
    report = std::move(done).value();
    return std::move(report.measured);
  };
  measure("script", run_it, all);
  std::fputs(report.summary.c_str(), stderr);
  if (report.first_error.empty())
    return;
  complain(script.file.string() + " failed: " + report.first_error);
  all.failures.push_back({"script", std::move(report.first_error)});
}

outcome measure_all(const arguments& given) {
  context run{given.options};
  outcome all;
  const bool has_script = !given.script.file.empty();
  if (has_script)
    measure_script(run, given.script, all);
  if (has_script && given.only.empty())
    return all;
  for (const auto& what : workloads())
    if (is_chosen(what, given.only))
      measure(
        std::string{what.name}, [&] { return what.run(run); }, all);
  return all;
}

/// The baseline without the workloads that this run was not asked for.
expected<baseline> read_baseline_for(const arguments& given) {
  std::ifstream in{given.baseline_file, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  auto before = read_baseline(text);
  if (!before)
    return fail(ec::invalid_request,
                given.baseline_file.string() + ": " + before.error().message);
  auto& old = before.value().measured;
  const auto unwanted = [&](const earlier_figure& x) {
    if (x.workload == "script")
      return given.script.file.empty();
    if (given.only.empty())
      return !given.script.file.empty();
    const auto& known = workloads();
    const auto at
      = std::find_if(known.begin(), known.end(),
                     [&](const workload& y) { return y.name == x.workload; });
    return at != known.end() && !is_chosen(*at, given.only);
  };
  old.erase(std::remove_if(old.begin(), old.end(), unwanted), old.end());
  return before;
}

/// @returns whether nothing is worse.
bool compare_with(const baseline& before, const machine& here,
                  const arguments& given, const outcome& all) {
  if (before.quick || given.options.quick)
    complain("a quick run is compared: its figures mean nothing");
  if (before.processor != here.processor)
    complain("the baseline is of another processor: " + before.processor);
  const auto result = compare(before, all.measured, given.factor);
  std::printf("\nCompared with %s, factor %g:\n%s", given.baseline_file.c_str(),
              given.factor, text_of(result).c_str());
  return result.regressions.empty();
}

/// @returns whether it was written, or nothing was to be written.
bool write_file(const std::filesystem::path& name, const std::string& text) {
  if (name.empty())
    return true;
  std::ofstream file{name, std::ios::binary};
  if ((file << text).flush())
    return true;
  complain("cannot write " + name.string());
  return false;
}

void print_list() {
  for (const auto& x : workloads())
    std::printf("%-9s %-15s %s\n", std::string{name_of(x.part)}.c_str(),
                std::string{x.name}.c_str(), std::string{x.about}.c_str());
}

int run(const arguments& given) {
  const auto& known = workloads();
  for (const auto& name : given.only)
    if (std::none_of(known.begin(), known.end(),
                     [&](const workload& x) { return is_chosen(x, {name}); })) {
      complain("there is no workload in " + name + " yet");
      return exit_failed;
    }
  baseline before;
  if (!given.baseline_file.empty()) {
    auto read = read_baseline_for(given);
    if (!read) {
      complain(read.error().message);
      return exit_failed;
    }
    before = std::move(read).value();
  }
  const auto here = machine::here();
  const auto about = heading(here, given.options);
  std::fputs(about.c_str(), stdout);
  std::fflush(stdout);
  const auto all = measure_all(given);
  std::printf("\n%s", table_of(all.measured).c_str());
  const bool written
    = write_file(given.json_file, json_of(here, given.options, all))
      && write_file(given.html_file, page_of(about, all));
  const bool kept
    = given.baseline_file.empty() || compare_with(before, here, given, all);
  if (!all.failures.empty() || !written)
    return exit_failed;
  return kept ? 0 : exit_worse;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"Measures vm-system, each figure beside what bounds it."};
  arguments given;
  describe(app, given);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_usage;
  }
  if (given.list) {
    print_list();
    return 0;
  }
  return run(given);
}
