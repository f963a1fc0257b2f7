#include "vmsystem/app/batch_here.hpp"
#include "vmsystem/app/batch_report.hpp"
#include "vmsystem/app/batch_sink.hpp"
#include "vmsystem/app/batch_summary.hpp"
#include "vmsystem/app/batch_there.hpp"
#include "vmsystem/app/commands.hpp"
#include "vmsystem/app/log.hpp"
#include "vmsystem/app/process.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace vmsystem {

namespace {

struct batch_run_arguments {
  std::string jobs;
  std::string vm;
  std::string worktree;
  std::string isolation = "fresh";
  std::string session;
  uint32_t concurrency = 0;
  std::string on_error = "continue";
  std::string durability = "sync";
  std::string out;
  bool ordered = false;
  bool resume = false;
  std::string resumed;
  std::string report;
  std::vector<std::string> limits;
};

constexpr std::string_view details
  = "Runs one job for each line of JOBS, a file or - for stdin: "
    "{\"id\"?,\"input\"|\"path\",\"args\"?,\"env\"?,\"limits\"?}. A line that "
    "is no job is a job that failed. Each job is an execution with a record "
    "and events of its own.\n\n"
    "Without --server-url it runs in this process, on the store of --db, which "
    "no server may have open. --template then names a template of that store "
    "or a file {\"name\"?, \"limits\"?, \"resolver\"?, \"runtime\"?, "
    "\"startup_files\"?, \"modules\"?, \"libraries\"?, "
    "\"capabilities\"?}; the template that is made of it is found again by the "
    "next run. With --server-url the jobs are "
    "uploaded, and the results fetched when the batch is over; a template's "
    "file becomes one of the server's templates.\n\n"
    "--out gets a line of JSON for each job, as soon as its record is stored: "
    "in any order, or with --ordered in that of the input.\n\n"
    "A signal, or a crash, leaves a batch that goes on with --resume: the "
    "newest one of the store, or the one that is named. It goes on with the "
    "same JOBS, of which what is stored is skipped and must be the same; what "
    "the batch was made with stays, whatever the flags say. Jobs that have a "
    "record do not run again; those that were running do. --out is written "
    "anew: first what is stored, then what comes; with --ordered when all is "
    "there. As its value may be left out, write --resume behind JOBS. A server "
    "goes on by itself: there, --resume waits for a batch that was uploaded and "
    "fetches its results, and JOBS is not read.";

std::string quoted(const std::string& word) {
  const auto plain = word.find_first_not_of(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,");
  if (!word.empty() && plain == std::string::npos)
    return word;
  std::string result = "'";
  for (const char c : word)
    result += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return result + '\'';
}

/// The command that lets a batch go on.
std::string resume_command(const batch_run_arguments& given,
                           const global_options& options, const batch_id& id) {
  std::string line = "vm-system ";
  line += options.server_given ? "--server-url " + quoted(options.server.url)
                               : "--db " + quoted(options.db);
  line += " batch run " + quoted(given.jobs);
  if (!given.out.empty())
    line += " --out " + quoted(given.out);
  if (given.ordered)
    line += " --ordered";
  if (!given.report.empty())
    line += " --report " + quoted(given.report);
  if (given.durability != "sync" && !options.server_given)
    line += " --durability " + given.durability;
  return line + " --resume " + id.to_string();
}

/// What the flags ask for. Errors: validation_error, naming the flag.
expected<batch_run_request> request_of(const batch_run_arguments& given,
                                       const global_options& options) {
  const auto wrong = [](const std::string& message) {
    return fail(ec::validation_error, message);
  };
  batch_run_request request;
  request.jobs = given.jobs;
  request.store = options.db;
  request.library_cache = options.library_cache;
  request.allow_exec = options.allow_exec;
  request.how
    = value_of<durability>(given.durability).value_or(durability::sync);
  request.vm = given.vm;
  request.out = given.out;
  auto& spec = request.spec;
  spec.isolation = value_of<batch_isolation>(given.isolation)
                     .value_or(batch_isolation::fresh);
  spec.on_error
    = value_of<batch_on_error>(given.on_error).value_or(batch_on_error::go_on);
  spec.concurrency = given.concurrency;
  spec.ordered = given.ordered;
  if (!given.session.empty()) {
    const auto id = session_id::parse(given.session);
    if (!id)
      return wrong("--session: \"" + given.session + "\" is not an id");
    spec.session = *id;
    spec.isolation = batch_isolation::session;
  }
  if (!given.worktree.empty()) {
    std::error_code error;
    const auto folder = std::filesystem::absolute(given.worktree, error);
    if (error)
      return wrong("--worktree: " + error.message());
    spec.worktree_path = folder.lexically_normal().string();
  }
  request.resume = given.resume;
  if (!given.resumed.empty()) {
    const auto id = batch_id::parse(given.resumed);
    if (!id)
      return wrong("--resume: \"" + given.resumed + "\" is not an id");
    request.resumed = *id;
  }
  const bool has_template = template_id::parse(given.vm).has_value();
  if (!given.session.empty() && !given.vm.empty())
    return wrong("--session has a template already: leave --template away");
  if (!given.session.empty() && !given.limits.empty())
    return wrong("--session has its template's limits: leave --limit away, or "
                 "give jobs limits of their own");
  if (has_template && !given.limits.empty())
    return wrong("--limit goes with a template's file; change the template, or "
                 "give jobs limits of their own");
  auto limits = json_of_pairs("--limit", given.limits);
  if (!limits)
    return limits.error();
  request.limits = std::move(limits).value();
  return request;
}

/// Prints what became of the batch; stdout is for results when they go there.
void print_summary(const batch_outcome& outcome,
                   const batch_run_arguments& given,
                   const global_options& options) {
  const auto text = options.format() == output_format::json
                      ? batch_summary_json(outcome) + '\n'
                      : batch_summary(outcome);
  auto* to = given.out == "-" ? stderr : stdout;
  std::fwrite(text.data(), 1, text.size(), to);
}

/// Says why a batch was left, and how it goes on.
void print_left(const batch_outcome& outcome, const batch_run_arguments& given,
                const global_options& options) {
  std::fflush(stdout);
  if (!outcome.interrupted)
    print_error(*outcome.left);
  std::fprintf(stderr, "%s\n  %s\n",
               options.server_given
                 ? "The server goes on with the batch; for its results:"
                 : "The batch can go on:",
               resume_command(given, options, outcome.record.id).c_str());
}

exit_code write_report(const batch_outcome& outcome, const std::string& path) {
  auto file = batch_sink::open(path);
  if (!file)
    return print_error(file.error());
  if (auto written = file.value().write(batch_report(outcome)); !written)
    return print_error(written.error());
  if (path != "-")
    std::fprintf(stderr, "Report: %s\n", path.c_str());
  return exit_code::ok;
}

exit_code conclude(const batch_outcome& outcome,
                   const batch_run_arguments& given,
                   const global_options& options) {
  print_summary(outcome, given, options);
  if (outcome.left)
    print_left(outcome, given, options);
  if (!given.report.empty()) {
    const auto reported = write_report(outcome, given.report);
    if (reported != exit_code::ok)
      return reported;
  }
  return exit_code_of(outcome);
}

exit_code run(const batch_run_arguments& given, const global_options& options) {
  const auto request = request_of(given, options);
  if (!request)
    return print_usage_error(request.error().message);
  set_up_logging(options.log_level);
  // Before any thread starts, so that all of them inherit it.
  block_stop_signals();
  const auto& stop = watch_for_stop();
  if (options.server_given) {
    const auto ran = run_batch_there(request.value(), options.server, stop);
    return ran ? conclude(ran.value(), given, options)
               : print_error(ran.error());
  }
  const auto ran = run_batch_here(request.value(), stop);
  return ran ? conclude(ran.value(), given, options) : print_error(ran.error());
}

void add_batch_flags(command& batch, batch_run_arguments& given) {
  batch
    .flag("--template", given.vm, "FILE|ID",
          "What the jobs may do: a template by id, or a file of one.")
    .flag("--limit", given.limits, "KEY=N",
          "A limit that goes over those of the template's file: cpu_ms, "
          "wall_ms, mem_mb, max_events or max_output_kb. May be repeated, or "
          "hold several with commas.")
    .flag("--worktree", given.worktree, "DIR",
          "The folder of the files that jobs and the template name.")
    .choice("--isolation", given.isolation, {"fresh", "session"},
            "What jobs share: nothing, or the state of as many sessions as run "
            "at the same time.")
    .flag("--session", given.session, "ID",
          "The session of a server in which all jobs run, one after the other.")
    .flag("--concurrency", given.concurrency, "N",
          "Jobs that wait or run at any time; 0 leaves it to the runtime.")
    .choice("--on-error", given.on_error, {"continue", "stop"},
            "Whether a job that fails is the last one.")
    .choice("--durability", given.durability, {"sync", "async", "off"},
            "When a result counts as stored: after an fsync, after a write to "
            "the log, or at the end.");
}

void add_result_flags(command& batch, batch_run_arguments& given) {
  batch
    .flag("--out", given.out, "FILE",
          "Where results go, a line each; - is stdout, and then the summary "
          "goes to stderr.")
    .toggle("--ordered", given.ordered, "Results in the order of the input.")
    .flag("--report", given.report, "FILE.html",
          "A page with plots, which opens without a network.")
    .optional_value("--resume", given.resumed, given.resume, "ID",
                    "Go on with a batch that was left.");
}

} // namespace

void add_batch_run_command(command group, const global_options& options) {
  auto given = std::make_shared<batch_run_arguments>();
  auto batch = group.add(
    {"run", "run many jobs, and keep a record of each", details,
     "$ echo '{\"input\":\"__ARGS__.n * 2\",\"args\":{\"n\":21}}' > j.ndjson\n"
     "$ vm-system batch run j.ndjson --out results.ndjson --report r.html\n"
     "$ vm-system batch run j.ndjson --out results.ndjson --resume"});
  batch.argument("JOBS", given->jobs, "The file of jobs, or - for stdin.");
  add_batch_flags(batch, *given);
  add_result_flags(batch, *given);
  batch.on_run([given, &options] { return run(*given, options); });
}

} // namespace vmsystem
