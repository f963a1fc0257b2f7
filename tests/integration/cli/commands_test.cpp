#include "lines.hpp"

using namespace vmsystem::test;

BOOST_AUTO_TEST_SUITE(templates)

BOOST_AUTO_TEST_CASE(create_get_and_delete_print_their_lines) {
  const auto created = vm({"template", "create", "--name", "my lab"});
  BOOST_TEST(created.status == 0);
  check_lines(created, {"Created template: my lab \\(ID: " + uuid + "\\)"});
  const auto id = created.out.substr(created.out.find("ID: ") + 4, 36);

  const auto shown = vm({"template", "get", id});
  BOOST_TEST(shown.status == 0);
  BOOST_TEST(after("  name: ", shown.out) == "my lab");
  BOOST_TEST(after("    wall_ms: ", shown.out) == "5000");

  const auto listed = vm({"template", "list"});
  BOOST_TEST(listed.out.find(id) != std::string::npos);

  const auto deleted = vm({"template", "delete", id});
  BOOST_TEST(deleted.status == 0);
  BOOST_TEST(deleted.out == "Deleted template: " + id + "\n");

  const auto again = vm({"template", "delete", id});
  BOOST_TEST(again.status == 1);
  BOOST_TEST(again.out.empty());
  BOOST_TEST(again.err.rfind("vm-system: TEMPLATE_NOT_FOUND: ", 0) == 0);
}

BOOST_FIXTURE_TEST_CASE(set_changes_only_what_it_names, cli_session) {
  const auto set
    = vm({"template", "set", template_id, "--limit", "cpu_ms=700,mem_mb=64",
          "--limit", "wall_ms=900", "--runtime", "strict=false"});
  BOOST_TEST(set.status == 0);
  BOOST_TEST(after("  cpu_ms: ", set.out) == "700");
  BOOST_TEST(after("  wall_ms: ", set.out) == "900");
  BOOST_TEST(after("  mem_mb: ", set.out) == "64");
  BOOST_TEST(after("  max_events: ", set.out) == "50000");
  BOOST_TEST(after("  strict: ", set.out) == "false");
  const auto zero = vm({"template", "set", template_id, "--limit", "cpu_ms=0"});
  BOOST_TEST(zero.status == 1);
  BOOST_TEST(zero.err.rfind("vm-system: VALIDATION_ERROR: ", 0) == 0);
  BOOST_TEST(vm({"template", "set", template_id, "--limit", "cpu_ms"}).status
             == 2);
}

BOOST_FIXTURE_TEST_CASE(set_makes_runs_repeatable_and_takes_it_back,
                        cli_session) {
  const auto set
    = vm({"template", "set", template_id, "--runtime", "seed=-42", "--runtime",
          "now=2024-02-29T12:00:00Z", "--runtime", "esm=false"});
  BOOST_TEST(set.status == 0, set.err);
  BOOST_TEST(after("  seed: ", set.out) == "-42");
  BOOST_TEST(after("  now: ", set.out).rfind("2024-02-29T12:00:00", 0) == 0);
  BOOST_TEST(after("  esm: ", set.out) == "false");
  const auto draw = [&] {
    const auto session = make_session(client, template_id);
    return run_snippet(client, session,
                       "Math.random() + new Date().toISOString().slice(0, 13)")
      .field("result")
      .field("preview")
      .text();
  };
  const auto first = draw();
  BOOST_TEST(draw() == first);
  BOOST_TEST(first.find("2024-02-29T12") != std::string::npos);
  const auto back = vm({"template", "set", template_id, "--runtime",
                        "seed=null", "--runtime", "now=null"});
  BOOST_TEST(back.status == 0, back.err);
  BOOST_TEST(draw() != first);
  BOOST_TEST(
    vm({"template", "set", template_id, "--runtime", "seed=1.5"}).status == 1);
}

BOOST_FIXTURE_TEST_CASE(startup_files_are_added_listed_and_removed,
                        cli_session) {
  const auto added = vm({"template", "add-startup", template_id, "--path",
                         "boot.js", "--order", "5", "--mode", "eval"});
  check_lines(added, {"Added startup file: boot.js \\(ID: " + uuid + "\\)"});
  const auto file = added.out.substr(added.out.find("ID: ") + 4, 36);
  check_lines(vm({"template", "list-startup", template_id}),
              {"ID +ORDER +MODE +PATH", file + " +5 +eval +boot.js"});
  const auto wrong = vm({"template", "add-startup", template_id, "--path",
                         "x.js", "--mode", "import"});
  BOOST_TEST(wrong.status == 1);
  BOOST_TEST(wrong.err.rfind("vm-system: STARTUP_MODE_UNSUPPORTED: ", 0) == 0);
  check_lines(vm({"template", "remove-startup", template_id, file}),
              {"Removed startup file: " + file});
  check_lines(vm({"template", "list-startup", template_id}),
              {"ID +ORDER +MODE +PATH"});
}

BOOST_FIXTURE_TEST_CASE(capabilities_are_added_listed_and_removed,
                        cli_session) {
  const auto added
    = vm({"template", "add-capability", template_id, "--name", "data", "--kind",
          "fs", "--config", R"({"read":["a b"]})", "--enabled"});
  check_lines(added, {"Added capability: data \\(ID: " + uuid + "\\)"});
  const auto made = added.out.substr(added.out.find("ID: ") + 4, 36);
  check_lines(vm({"template", "list-capabilities", template_id}),
              {"ID +KIND +NAME +ENABLED +CONFIG",
               made + R"( +fs +data +true +\{"read":\["a b"\]\})"});
  BOOST_TEST(
    vm({"template", "add-capability", template_id, "--name", "fs"}).status
    == 0);
  BOOST_TEST(vm({"template", "add-capability", template_id, "--name", "x",
                 "--kind", "gpu"})
               .status
             == 2);
  BOOST_TEST(vm({"template", "add-capability", template_id, "--name", "x",
                 "--config", "{"})
               .status
             == 2);
  check_lines(vm({"template", "remove-capability", template_id, made}),
              {"Removed capability: " + made});
}

BOOST_FIXTURE_TEST_CASE(modules_and_libraries_are_added_listed_and_removed,
                        cli_session) {
  const std::vector<std::vector<std::string>> kinds{
    {"module", "modules", "fs"}, {"library", "libraries", "lodash"}};
  for (const auto& words : kinds) {
    const auto& one = words[0];
    const auto& name = words[2];
    check_lines(vm({"template", "add-" + one, template_id, "--name", name}),
                {"Added " + one + ": " + name});
    check_lines(vm({"template", "list-" + words[1], template_id}), {name});
    check_lines(vm({"template", "remove-" + one, template_id, "--name", name}),
                {"Removed " + one + ": " + name});
    check_lines(vm({"template", "list-" + words[1], template_id}), {});
    const auto available = vm({"template", "list-available-" + words[1]});
    BOOST_TEST(available.out.find(name) != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_CASE(sessions_print_their_lines, cli_session) {
  const auto created
    = vm({"session", "create", "--template-id", template_id, "--workspace-id",
          "w 1", "--base-commit", "c1", "--worktree-path", "/tmp"});
  BOOST_TEST(created.status == 0);
  check_lines(created, {"Created session: " + uuid, "Status: ready",
                        "Template: " + template_id, "Workspace: w 1",
                        "Base commit: c1", "Worktree: /tmp"});
  const auto made = after("Created session: ", created.out);
  BOOST_TEST(after("status: ", vm({"session", "get", made}).out) == "ready");
  const auto listed = vm({"session", "list", "--status", "ready"});
  BOOST_TEST(listed.out.find(made) != std::string::npos);
  const auto closed = vm({"session", "close", made});
  BOOST_TEST(closed.out == "Closed session: " + made + "\n");
  const auto ready = vm({"session", "list", "--status", "ready"});
  BOOST_TEST(ready.out.find(made) == std::string::npos);
  const auto again = vm({"session", "close", made});
  BOOST_TEST(again.status == 1);
  BOOST_TEST(again.err.rfind("vm-system: SESSION_NOT_FOUND: ", 0) == 0);
}

BOOST_AUTO_TEST_SUITE(executions)

BOOST_FIXTURE_TEST_CASE(repl_prints_result_and_events, cli_session) {
  const auto ran = vm({"exec", "repl", id, "console.log('a\\nb'); 1+1"});
  BOOST_TEST(ran.status == 0);
  check_lines(ran,
              {"Execution ID: " + uuid, "Status: ok",
               R"(Result: \{"type":"number","preview":"2","json":2\})", "",
               "Events:", R"(\[1\] input_echo: \{"text":".*"\})",
               R"(\[2\] console: \{"level":"log","text":"a\\nb"\})",
               R"(\[3\] value: \{"type":"number","preview":"2","json":2\})"});
}

BOOST_FIXTURE_TEST_CASE(repl_prints_errors_and_fails_with_3, cli_session) {
  const auto ran = vm({"exec", "repl", id, "throw new TypeError('bad')"});
  BOOST_TEST(ran.status == 3);
  check_lines(ran, {"Execution ID: " + uuid, "Status: error",
                    R"(Error: \{"message":"TypeError: bad".*\})", "",
                    "Events:", R"(\[1\] input_echo: .*)",
                    R"(\[2\] exception: \{"message":"TypeError: bad".*\})"});
}

BOOST_FIXTURE_TEST_CASE(repl_takes_any_code, cli_session) {
  for (const std::string code : {"'template'", "[1,2]", "\"é\\u{1F600}\""}) {
    const auto ran = vm({"exec", "repl", id, code});
    BOOST_TEST(ran.status == 0, code << ": " << ran.out << ran.err);
  }
  BOOST_TEST(vm({"exec", "repl", id, "serve"}).status == 3);
  BOOST_TEST(vm({"exec", "repl", id, "--", "-1"}).status == 0);
  BOOST_TEST(
    vm({"exec", "repl", id, ""}).err.rfind("vm-system: VALIDATION_ERROR: ", 0)
    == 0);
}

BOOST_FIXTURE_TEST_CASE(output_limits_show_what_there_is, cli_session) {
  BOOST_TEST(
    vm({"template", "set", template_id, "--limit", "max_events=4"}).status
    == 0);
  const auto tight
    = make_session(client, template_id, worktree.path().string());
  const auto ran = vm({"exec", "repl", tight, "for(;;)console.log(1)"});
  BOOST_TEST(ran.status == 3);
  BOOST_TEST(ran.err.rfind("vm-system: OUTPUT_LIMIT_EXCEEDED: ", 0) == 0);
  BOOST_TEST(after("Status: ", ran.out) == "error");
  BOOST_TEST(ran.out.find("[5] exception: ") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(run_file_passes_arguments, cli_session) {
  write_file(worktree / "sum.js", "__ARGS__.a + __ENV__.b.length");
  const auto ran = vm({"exec", "run-file", id, "sum.js", "--args", R"({"a":1})",
                       "--env", R"({"b":"xx"})"});
  BOOST_TEST(ran.status == 0);
  BOOST_TEST(after("Result: ", ran.out)
             == R"({"type":"number","preview":"3","json":3})");
  const auto missing = vm({"exec", "run-file", id, "nowhere.js"});
  BOOST_TEST(missing.status == 1);
  BOOST_TEST(missing.err.rfind("vm-system: FILE_NOT_FOUND: ", 0) == 0);
  BOOST_TEST(vm({"exec", "run-file", id, "sum.js", "--args", "{"}).status == 2);
}

BOOST_FIXTURE_TEST_CASE(records_and_events_are_read_back, cli_session) {
  const auto ran = vm({"exec", "repl", id, "console.log(1); 'done'"});
  const auto made = after("Execution ID: ", ran.out);
  const auto record = vm({"exec", "get", made});
  BOOST_TEST(after("status: ", record.out) == "ok");
  BOOST_TEST(after("  preview: ", record.out) == "done");
  BOOST_TEST(after("end_reason: ", record.out) == "ok");
  check_lines(vm({"exec", "list", id, "--limit", "1"}),
              {"ID +KIND +STATUS +END REASON .*",
               made + " +repl +ok +ok +[0-9.]+ +3 +.*Z"});
  check_lines(vm({"exec", "events", made, "--after-seq", "1", "--limit", "1"}),
              {R"(\[2\] console: \{"level":"log","text":"1"\})"});
  check_lines(vm({"exec", "list", id, "--kind", "run_file"}),
              {"ID +KIND +STATUS .*"});
  BOOST_TEST(vm({"exec", "list", id, "--limit", "0"}).status == 1);
  BOOST_TEST(vm({"exec", "events", made, "--after-seq", "-1"}).status == 2);
}

BOOST_FIXTURE_TEST_CASE(cancel_stops_an_execution, cli_session) {
  auto busy = shared_daemon().connect();
  busy.begin("POST", "/api/v1/executions/repl", repl_body(id, "for(;;);"));
  const auto running = wait_for_running(client, id);
  const auto cancelled = vm({"exec", "cancel", running});
  BOOST_TEST(cancelled.status == 0);
  BOOST_TEST(cancelled.out == "Cancelled execution: " + running + "\n");
  BOOST_TEST(busy.receive().json().field("status").text() == "cancelled");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_CASE(ops_print_the_documents, cli_session) {
  check_lines(vm({"ops", "health"}), {R"(\{"status":"ok"\})"});
  check_lines(vm({"ops", "ready"}), {R"(\{"status":"ready"\})"});
  const auto summary = vm({"ops", "runtime-summary"});
  BOOST_TEST(summary.status == 0);
  BOOST_TEST(summary.out.rfind("{\"active_sessions\":", 0) == 0);
  BOOST_TEST(summary.out.find(id) != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(json_output_is_what_the_server_sent, cli_session) {
  const auto record = vm({"--output", "json", "template", "get", template_id});
  BOOST_TEST(
    record.out
    == shared_daemon().request("GET", "/api/v1/templates/" + template_id).body
         + "\n");
  const auto ran
    = vm({"exec", "repl", id, "2 ** 70"}, {{"VM_SYSTEM_OUTPUT", "json"}});
  const auto both = vmsystem::json_value::parse(ran.out);
  BOOST_TEST_REQUIRE(both.has_value());
  BOOST_TEST(both->field("execution").field("status").text() == "ok");
  BOOST_TEST(both->field("events").elements().size() == 2u);
}
