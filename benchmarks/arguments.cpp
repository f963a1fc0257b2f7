#include "vmsystem/benchmarks/arguments.hpp"

#include "vmsystem/benchmarks/workloads/shared.hpp"
#include "vmsystem/benchmarks/workloads/workloads.hpp"
#include "vmsystem/models/json_reader.hpp"

#include <CLI/CLI.hpp>

namespace vmsystem::bench {

namespace {

/// CLI11's form of a check: what is wrong, or nothing.
std::string check_json_object(const std::string& text) {
  const auto parsed = parse_json(text);
  if (!parsed)
    return parsed.error().message;
  return parsed.value().is_object() ? "" : "must be a JSON object";
}

void describe_choice(CLI::App& app, arguments& to) {
  app.add_option("--only", to.only, "Run only these groups and workloads")
    ->delimiter(',')
    ->check(CLI::IsMember(choices()));
  app.add_flag("--list", to.list, "Print the workloads and exit");
}

void describe_measurement(CLI::App& app, bench_options& to) {
  to.folder = VMSYSTEM_BENCH_FOLDER;
  app.add_flag("--quick", to.quick,
               "Tiny counts: shows that everything works, measures nothing");
  app
    .add_option("--dir", to.folder,
                "Where stores are made: the disk that is measured")
    ->capture_default_str();
  app
    .add_option("--library-cache", to.library_cache,
                "Where `vm-system libs download lodash` put it; without, a "
                "library of its size is made")
    ->check(CLI::ExistingDirectory);
  app.add_option("--threads", to.threads,
                 "Threads of the actors' scheduler; 0: as the daemon has");
  app.add_option("--slots", to.slots,
                 "Threads that run scripts; 0: as the daemon has");
  app.add_option("--repetitions", to.repetitions, "Of each measurement")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  app.add_option_function<uint32_t>(
    "--ms", [&to](uint32_t ms) { to.duration = std::chrono::milliseconds{ms}; },
    "Length of each repetition that is bound by time; 1500 by default");
}

void describe_results(CLI::App& app, arguments& to) {
  // scripts/run-bench.sh names files, and whoever calls it may name others.
  app.add_option("--json", to.json_file, "Write all that was measured here")
    ->take_last();
  app.add_option("--html", to.html_file, "Write a page with plots here")
    ->take_last();
  auto* before
    = app
        .add_option("--baseline", to.baseline_file,
                    "Compare with a file that --json wrote: exit with 3 when "
                    "a figure is worse than there")
        ->check(CLI::ExistingFile);
  app
    .add_option("--factor", to.factor,
                "How many times worse than the baseline a figure may be")
    ->needs(before)
    ->check(CLI::Range(1.0, 1000.0))
    ->capture_default_str();
}

void describe_script(CLI::App& app, user_script& to) {
  to.in_flight = busy_lanes;
  auto* script
    = app
        .add_option("--script", to.file,
                    "Measure a script of your own; its folder is the worktree")
        ->check(CLI::ExistingFile);
  app
    .add_option("--template", to.template_file,
                "A JSON file with settings, and startup_files, for the script")
    ->needs(script)
    ->check(CLI::ExistingFile);
  app
    .add_option("--args", to.args.text,
                "A JSON object that the script sees as __ARGS__")
    ->needs(script)
    ->check(check_json_object);
  app.add_option("--in-flight", to.in_flight, "Executions of it at a time")
    ->needs(script)
    ->check(CLI::Range(1u, 1024u))
    ->capture_default_str();
}

} // namespace

void describe(CLI::App& app, arguments& to) {
  describe_choice(app, to);
  describe_measurement(app, to.options);
  describe_results(app, to);
  describe_script(app, to.script);
}

} // namespace vmsystem::bench
