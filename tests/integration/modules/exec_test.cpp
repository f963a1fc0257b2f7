#define BOOST_TEST_MODULE modules
#include "daemon.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <thread>

#include <signal.h>

using namespace vmsystem;
using namespace vmsystem::test;

// The module `exec` through the daemon.

namespace {

/// A daemon with a template whose scripts may run three programs.
struct exec_site {
  explicit exec_site(std::vector<std::string> flags)
    : server{std::move(flags)} {
    ask(client, "POST", "/api/v1/templates/" + id + "/capabilities",
        R"({"kind":"module","name":"exec","config":{)"
        R"("programs":["sort","sh","/bin/echo"],"env":{"LANG":"C"}}})");
  }

  /// The record of a snippet in the template's session.
  json_value run(const std::string& code) {
    if (session.empty())
      session = make_session(client, id, worktree.path().string());
    return run_snippet(client, session, code);
  }

  /// The preview of its value.
  std::string value_of(const std::string& code) {
    const auto record = run(code);
    BOOST_TEST(record.field("status").text() == "ok", record.raw());
    return record.field("result").field("preview").text();
  }

  temp_folder worktree;
  test_daemon server;
  http_connection client = server.connect();
  std::string id = make_template(client, R"({"wall_ms":60000})");
  std::string session;
};

const std::string sleeping_program
  = "require('exec').run('sh', ['-c', 'echo $$ >pid.tmp; mv pid.tmp pid; "
    "sleep 1000']).code";

/// The number of that program, once it runs.
pid_t await_program(const exec_site& at) {
  for (;;) {
    const auto number = bytes_of(at.worktree / "pid");
    if (!number.empty())
      return static_cast<pid_t>(std::stol(number));
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

bool lives(pid_t process) {
  return kill(process, 0) == 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(programs)

BOOST_AUTO_TEST_CASE(a_server_with_the_flag_runs_what_the_template_lists) {
  exec_site at{{"--allow-exec", "--slots", "1"}};
  BOOST_TEST(at.value_of("const {run} = require('exec'); "
                         "run('sort', [], {input: 'b\\na\\n'}).stdout")
             == "a\nb\n");
  BOOST_TEST(at.value_of("try { run('ls') } catch (e) { e.code }")
             == "EXEC_NOT_ALLOWED");
  BOOST_TEST(at.value_of("run('/bin/echo', ['hello']).stdout") == "hello\n");
  const auto record = at.run("run('sh', ['-c', 'exit 3']).code");
  BOOST_TEST(record.field("result").field("preview").text() == "3");
}

BOOST_AUTO_TEST_CASE(a_cancelled_execution_leaves_no_program) {
  exec_site at{{"--allow-exec", "--slots", "1"}};
  BOOST_TEST(at.value_of("1") == "1");
  auto runs = at.server.connect();
  runs.begin("POST", "/api/v1/executions/repl",
             repl_body(at.session, sleeping_program, 60000));
  const auto process = await_program(at);
  BOOST_TEST(lives(process));
  const auto execution = wait_for_running(at.client, at.session);
  ask(at.client, "POST", "/api/v1/executions/" + execution + "/cancel");
  const auto record = runs.receive().json();
  BOOST_TEST(record.field("end_reason").text() == "cancelled", record.raw());
  BOOST_TEST(!lives(process));
  BOOST_TEST(at.value_of("'again'") == "again");
}

BOOST_AUTO_TEST_CASE(the_wall_limit_ends_a_program_and_it_takes_no_cpu) {
  exec_site at{{"--allow-exec", "--slots", "1"}};
  at.id = make_template(at.client, R"({"wall_ms":1500,"cpu_ms":100})");
  ask(at.client, "POST", "/api/v1/templates/" + at.id + "/capabilities",
      R"({"kind":"module","name":"exec","config":{"programs":["sh"]}})");
  const auto record = at.run(sleeping_program);
  BOOST_TEST(record.field("end_reason").text() == "wall_timeout", record.raw());
  BOOST_TEST(!lives(await_program(at)));
}

BOOST_AUTO_TEST_CASE(a_server_without_the_flag_runs_nothing) {
  exec_site at{{"--slots", "1"}};
  const auto record = at.run("require('exec').run('sort')");
  BOOST_TEST(record.field("status").text() != "ok");
  const auto message = record.field("error").field("message").text();
  BOOST_TEST(message.find("MODULE_NOT_ALLOWED") != std::string::npos, message);
  BOOST_TEST(message.find("--allow-exec") != std::string::npos, message);
}

// `run`, `repl` and `batch run` without a server, with a template's file.
struct template_file {
  template_file() {
    folder.put("template.json", R"({"capabilities":[{"kind":"module",)"
                                R"("name":"exec","config":)"
                                R"({"programs":["sort"]}}]})");
    folder.put("script.js", "require('exec').run('sort', ['-r'], "
                            "{input: 'a\\nb\\n'}).stdout.length");
    folder.put("jobs", R"({"path":"script.js"})");
  }

  [[nodiscard]] finished_program vm(std::vector<std::string> arguments,
                                    const variables& extra = {}) const {
    arguments.insert(arguments.begin(), {program(), "--db", folder / "store",
                                         "--log-level", "off"});
    arguments.insert(arguments.end(), {"--template", folder / "template.json"});
    return run_program(arguments, extra);
  }

  temp_folder folder;
};

BOOST_FIXTURE_TEST_CASE(a_single_run_needs_flag_and_template, template_file) {
  const auto script = folder / "script.js";
  const auto allowed = vm({"run", script, "--allow-exec"});
  BOOST_TEST(allowed.out == "4\n", allowed.err);
  BOOST_TEST(vm({"run", script}, {{"VM_SYSTEM_ALLOW_EXEC", "1"}}).out == "4\n");
  const auto refused = vm({"run", script});
  BOOST_TEST(refused.status == 3);
  BOOST_TEST(refused.err.find("--allow-exec") != std::string::npos,
             refused.err);
  const auto bare = run_program({program(), "run", script, "--allow-exec"});
  BOOST_TEST(bare.status == 3);
  BOOST_TEST(bare.err.find("MODULE_NOT_ALLOWED") != std::string::npos,
             bare.err);
}

BOOST_FIXTURE_TEST_CASE(so_do_batches, template_file) {
  for (const bool allowed : {true, false}) {
    std::vector<std::string> arguments{"batch",
                                       "run",
                                       folder / "jobs",
                                       "--worktree",
                                       folder.path().string(),
                                       "--out",
                                       folder / "out"};
    if (allowed)
      arguments.emplace_back("--allow-exec");
    const auto ran = vm(arguments);
    const auto result = json_value::parse(bytes_of(folder / "out"));
    BOOST_TEST_REQUIRE(result.has_value(), ran.out << ran.err);
    BOOST_TEST(result->field("end_reason").text()
                 == (allowed ? "ok" : "exception"),
               result->raw());
  }
}

BOOST_AUTO_TEST_SUITE_END()
