#include "vmsystem/app/commands.hpp"
#include "vmsystem/app/execution_output.hpp"
#include "vmsystem/app/log.hpp"
#include "vmsystem/app/single_run.hpp"
#include "vmsystem/models/end_reason.hpp"

#include <memory>

namespace vmsystem {

namespace {

struct run_arguments {
  std::string file;
  std::string vm;
  std::vector<std::string> limits;
  std::vector<std::string> libraries;
  std::string args;
  std::string env;
};

constexpr std::string_view details
  = "Runs one file in a runtime of its own that is gone afterwards; needs no "
    "server and stores nothing. Console lines go to stdout, those of "
    "console.warn and console.error to stderr. The completion value follows "
    "unless it is undefined; an exception goes to stderr.\n\n"
    "With --output json it prints the execution's record and events instead.";

/// What `single_run` needs. Errors: validation_error, naming the flag; those of
/// `template_plan_of`.
expected<single_run_request> request_of(const run_arguments& given,
                                        const global_options& options) {
  single_run_request request;
  request.file = given.file;
  auto limits = json_of_pairs("--limit", given.limits);
  if (!limits)
    return limits.error();
  auto plan = template_plan_of(given.vm, limits.value());
  if (!plan)
    return plan.error();
  auto& setup = request.setup;
  setup.plan = std::move(plan).value();
  setup.plan.libraries.insert(setup.plan.libraries.end(),
                              given.libraries.begin(), given.libraries.end());
  setup.library_cache = options.library_cache;
  setup.allow_exec = options.allow_exec;
  if (!given.args.empty()) {
    auto args = json_of_flag("--args", given.args);
    if (!args)
      return args.error();
    request.args = std::move(args).value();
  }
  if (!given.env.empty()) {
    auto env = json_of_flag("--env", given.env);
    if (!env)
      return env.error();
    request.env = std::move(env).value();
  }
  return request;
}

void print_end(const json_value& execution) {
  if (const auto result = execution.field("result"); result.present()) {
    if (result.field("type").text() != "undefined")
      print_line(result.field("preview").text());
    return;
  }
  const auto error = execution.field("error");
  print_error_line("vm-system: " + execution.field("end_reason").text() + ": "
                   + error.field("message").text());
  if (const auto stack = error.field("stack"); stack.present())
    print_error_line(stack.text());
}

exit_code run(const run_arguments& given, const global_options& options) {
  auto request = request_of(given, options);
  if (!request)
    return request.error().code == ec::validation_error
             ? print_usage_error(request.error().message)
             : print_error(request.error());
  set_up_logging(options.log_level);
  const auto ran = single_run(request.value());
  if (!ran)
    return print_error(ran.error());
  const auto execution = json_value::parse(ran.value().execution.text);
  const auto events = json_value::parse(ran.value().events.text);
  if (!execution || !events)
    return print_error(fail(ec::internal, "the record cannot be read"));
  if (options.format() == output_format::json)
    return print_execution(*execution, *events, options);
  for (const auto& event : events->elements())
    print_console(event);
  print_end(*execution);
  return exit_code_of(*execution);
}

} // namespace

void add_run_command(command root, const global_options& options) {
  auto given = std::make_shared<run_arguments>();
  root
    .add({"run", "run one file, without a server", details,
          "$ echo 'console.log(\"hello\", __ARGS__.name); 6 * 7' > hello.js\n"
          "$ vm-system run hello.js --args '{\"name\":\"Ada\"}'\n"
          "hello Ada\n"
          "42"})
    .argument("FILE", given->file, "The file to run.")
    .flag("--template", given->vm, "FILE",
          "A file with a template, as for `batch run`: what the script may do "
          "and finds.")
    .flag("--limit", given->limits, "KEY=N",
          "A limit: cpu_ms, wall_ms, mem_mb, max_events or max_output_kb. May "
          "be repeated, or hold several with commas.")
    .flag(
      "--library", given->libraries, "NAME",
      "A library of --library-cache that the script finds. May be repeated.")
    .flag("--args", given->args, "JSON",
          "An object that the script sees as __ARGS__.")
    .flag("--env", given->env, "JSON",
          "An object that the script sees as __ENV__.")
    .on_run([given, &options] { return run(*given, options); });
}

} // namespace vmsystem
